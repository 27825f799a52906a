// Operations on a site whose engine lives in this process: questions read the journal, changes take its lock.
import { criticalPath } from '../annealer/critical-path.ts'
import { diffSite } from '../annealer/diff.ts'
import { unknownNode } from '../annealer/decide.ts'
import { viewExec } from '../annealer/execs.ts'
import { explain } from '../annealer/explain.ts'
import { nodeRoleMeant, targetMeant } from '../annealer/targets.ts'
import { showRevision, viewRevision, viewTimeline } from '../annealer/timeline.ts'
import { rootsMeant } from '../annealer/trace-meant.ts'
import { trace } from '../annealer/trace.ts'
import { viewCycles } from '../annealer/view-cycles.ts'
import { viewNode, viewRun, viewStatus } from '../annealer/view.ts'
import { newWorld, type World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { JsonObject } from '../base/json.ts'
import type { JournalReader, JournalStore } from '../journal/journal.ts'
import type { AccessOperations } from '../model/access.ts'
import type { CriticalPath, CyclesView } from '../model/cycle.ts'
import type { Control, Controlled } from '../model/control.ts'
import type { Recorded } from '../model/event.ts'
import type { ExecView } from '../model/exec.ts'
import type { DryRunReport } from '../model/dry-run.ts'
import type { Language } from '../model/language.ts'
import type {
  AnnealRequest,
  CommitRequest,
  Discarded,
  DriftReport,
  DriftRequest,
  DryRunRequest,
  ExecRequest,
  Operations,
  Proposal,
  ProposeRequest,
  RinseRequest,
  RunFilter,
  UpRequest,
  UpResult,
} from '../model/operations.ts'
import type { RehearsalReport, RehearsalRequest } from '../model/rehearsal.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { Site } from '../model/site.ts'
import type {
  Diff,
  NodeView,
  RevisionDetails,
  RevisionView,
  RunView,
  StatusView,
  WhyView,
} from '../model/view.ts'
import type { TraceView } from '../model/provenance.ts'
import type { Executor } from '../runner/executor.ts'
import { rehearse } from '../rehearsal/rehearse.ts'
import type { Runner, RunnerEvents } from '../runner/runner.ts'
import { accessOperations } from './access.ts'
import { anneal, type Annealing, type AnnealParts } from './anneal.ts'
import type { Clock } from './clock.ts'
import { commitProposal } from './commit-proposal.ts'
import type { ControlPort } from './control-port.ts'
import { carryOutDryRun, planDryRun } from './dry-run.ts'
import { exec } from './exec.ts'
import { remember } from './memory.ts'
import { Reading, refusalOf } from './reading.ts'

export interface SiteParts {
  store: JournalStore
  language: Language
  clock: Clock
  /** Blobs are those of the journal: what was committed, whatever the files say by now. */
  /** `aside`: beside another that may be at work on the same nodes. */
  makeRunner(blob: JournalReader['blob'], events: RunnerEvents, where?: 'aside'): Promise<Runner>
  makeExecutor(notice: (node: string, message: string) => void): Promise<Executor>
  /** Who works here, for whoever finds the site busy. */
  holder: { pid: number; host: string; what: string }
  /** How other processes reach this one while it works; without one they find it busy. */
  control?: ControlPort
}

export function siteOperations(parts: SiteParts): Operations {
  return new SiteOperations(parts)
}

class SiteOperations implements Operations {
  readonly #parts: SiteParts
  readonly #reading: Reading
  readonly access: AccessOperations

  constructor(parts: SiteParts) {
    this.#parts = parts
    this.#reading = new Reading(parts)
    this.access = accessOperations({
      ask: (by, command) => this.#work(quiet(by), ({ engine }) => engine.ask(command)),
      read: (question) => this.#reading.ask(question),
      events: (after) => this.#events(after),
      now: () => parts.clock.now(),
    })
  }

  status(): Promise<Answer<StatusView>> {
    return this.#reading.ask((world) => answer(viewStatus(world)))
  }

  why(nodeRole: string, input?: string): Promise<Answer<WhyView>> {
    return this.#reading.ask((world) => {
      const found = nodeRoleMeant(world, nodeRole)
      return found.ok ? answer(explain(world, found.value, input)) : found
    })
  }

  trace(words: readonly string[], whole: boolean): Promise<Answer<TraceView>> {
    return this.#reading.ask((world) => {
      const roots = rootsMeant(world, words)
      return roots.ok ? answer(trace(world, roots.value, whole)) : roots
    })
  }

  runs(filter: RunFilter): Promise<Answer<RunView[]>> {
    return this.#reading.ask((world) => runsMeant(world, filter))
  }

  nodes(): Promise<Answer<NodeView[]>> {
    return this.#reading.ask((world) => answer([...world.nodes.values()].map(viewNode).sort(byName)))
  }

  facts(name: string): Promise<Answer<JsonObject>> {
    return this.#reading.ask((world) => {
      const node = world.nodes.get(name)
      if (!node) return refuse(unknownNode(world, name))
      if (!node.facts)
        return refuse({ code: 'nothingThere', message: `${name} was never reached, so no facts are known` })
      return answer(node.facts)
    })
  }

  /** Before the first commit there is no journal, and everything is new. */
  async diff(site: Site): Promise<Answer<Diff>> {
    const asked = await this.#reading.ask((world) => diffSite(world, site, this.#parts.clock.now()))
    if (asked.ok || asked.refusal.code !== 'nothingThere') return asked
    return diffSite(newWorld(this.#parts.language), site)
  }

  async dryRun(request: DryRunRequest): Promise<Answer<DryRunReport>> {
    const asked = await this.#reading.ask((world) => planDryRun(world, request.site))
    const isNew = !asked.ok && asked.refusal.code === 'nothingThere'
    const planned = isNew ? planDryRun(newWorld(this.#parts.language), request.site) : asked
    return planned.ok ? answer(await carryOutDryRun(this.#parts, planned.value, request)) : planned
  }

  /** Before the first commit there is no past that anything could be taught by. */
  async rehearse(request: RehearsalRequest): Promise<Answer<RehearsalReport>> {
    const now = this.#parts.clock.now()
    const asked = await this.#reading.ask((world) => rehearse(world, request, now))
    if (asked.ok || asked.refusal.code !== 'nothingThere' || request.what.kind !== 'files') return asked
    return rehearse(newWorld(this.#parts.language), request, now)
  }

  timeline(): Promise<Answer<RevisionView[]>> {
    return this.#reading.ask((world) => answer(viewTimeline(world)))
  }

  show(revision: number): Promise<Answer<RevisionDetails>> {
    return this.#reading.ask((world) => {
      const record = world.revisions.get(revision)
      if (record) return answer(showRevision(world, record))
      return refuse({ code: 'unknownRevision', message: `there is no revision ${revision}` })
    })
  }

  cycles(): Promise<Answer<CyclesView>> {
    return this.#reading.ask((world) => answer(viewCycles(world)))
  }

  cycle(number?: number): Promise<Answer<CriticalPath>> {
    return this.#reading.ask((world) => {
      const record =
        number === undefined ? world.cycles.at(-1) : world.cycles.find(({ cycle }) => cycle === number)
      if (record) return answer(criticalPath(world, record))
      const message = number === undefined ? 'there was no cycle yet' : `there is no cycle ${number}`
      return refuse({ code: 'unknownCycle', message })
    })
  }

  propose(request: ProposeRequest): Promise<Answer<Proposal | undefined>> {
    return this.#work(quiet(request.by), (annealing) => annealing.propose(request))
  }

  rollback(revision: number, by: string, message: string): Promise<Answer<Proposal>> {
    return this.#work(quiet(by), (annealing) => annealing.rollback(revision, by, message))
  }

  async discard(revision: number, by: string): Promise<Answer<Discarded>> {
    const given = await this.control({ kind: 'discard', revision }, quiet(by))
    if (!given.ok) return given
    const { elsewhere } = given.value
    return this.#reading.ask((world) => {
      const record = world.revisions.get(revision)
      assert(record, `revision ${revision} was just discarded`)
      return answer({
        revision: viewRevision(world, record),
        ...(elsewhere === undefined ? {} : { elsewhere }),
      })
    })
  }

  /** Where another process anneals, the question is asked of what the journal says. */
  async commit(request: CommitRequest): Promise<Answer<Controlled>> {
    const here = await this.#work(request, (annealing) => annealing.commit(request))
    if (here.ok || here.refusal.code !== 'busy') return here
    const { refusal: busy } = here
    const reading = await this.#reading.ask((world) => answer(world))
    if (!reading.ok) return reading
    return commitProposal(reading.value, request, {
      carryOut: (control) => this.#elsewhere(control, request.by, busy),
      undone: (outcome) => ({ outcome, runs: [], wallMs: 0, status: viewStatus(reading.value) }),
    })
  }

  async up(request: UpRequest): Promise<Answer<UpResult>> {
    const nothing = request.stay || request.only ? undefined : await this.#nothingToDo(request.site)
    if (nothing) return answer(nothing)
    return this.#work(request, async (annealing) => annealing.up(request))
  }

  async control(control: Control, request: AnnealRequest): Promise<Answer<Controlled>> {
    const here = await this.#work(request, (annealing) => annealing.control(control))
    if (here.ok || here.refusal.code !== 'busy') return here
    return this.#elsewhere(control, request.by, here.refusal)
  }

  rinse(request: RinseRequest): Promise<Answer<UpResult>> {
    return this.#work(request, (annealing) => annealing.rinse(request))
  }

  drift(request: DriftRequest): Promise<Answer<DriftReport>> {
    return this.#work(request, (annealing) => annealing.drift(request))
  }

  exec(request: ExecRequest): Promise<Answer<ExecView>> {
    const makeExecutor: SiteParts['makeExecutor'] = (notice) => this.#parts.makeExecutor(notice)
    return this.#work(quiet(request.by), ({ world, engine }) =>
      exec({ world, engine, makeExecutor }, request),
    )
  }

  execs(limit: number): Promise<Answer<ExecView[]>> {
    return this.#reading.ask((world) => answer([...world.execs.values()].slice(-limit).map(viewExec)))
  }

  forget(node: string, request: AnnealRequest): Promise<Answer<UpResult>> {
    return this.#work(request, (annealing) => annealing.run([{ kind: 'forgetNode', node, by: request.by }]))
  }

  /** Where nobody listens, the site is busy and that is all. */
  async #elsewhere(
    control: Control,
    by: string,
    busy: Extract<Refusal, { code: 'busy' }>,
  ): Promise<Answer<Controlled>> {
    const there = await this.#parts.control?.ask({ control, by })
    if (!there) return refuse(busy)
    return there.ok ? answer({ ...there.value, elsewhere: busy.holder }) : there
  }

  async close(): Promise<void> {
    await this.#reading.close()
  }

  /** With a reader of its own: it may take its time, and questions go on meanwhile. */
  async #events(after: number): Promise<Answer<AsyncIterable<Recorded[]>>> {
    const opened = await this.#parts.store.openReader()
    if (!opened.ok) return opened
    const reader = opened.value
    return answer(
      (async function* () {
        try {
          yield* reader.events(after)
        } finally {
          await reader.close()
        }
      })(),
    )
  }

  /** At rest, ready, and the files say what was committed: then nothing is locked, written or connected. */
  async #nothingToDo(site: Site): Promise<UpResult | undefined> {
    const started = this.#parts.clock.now()
    const asked = await this.#reading.ask((world) => {
      const diff = diffSite(world, site, started)
      const quiet =
        diff.ok &&
        world.target !== undefined &&
        diff.value.revision === world.head &&
        diff.value.changes.length === 0
      return answer(quiet ? viewStatus(world) : undefined)
    })
    const status = asked.ok ? asked.value : undefined
    // What waits on the timeline may have lost its cause: that is looked at with the lock.
    if (!status?.ready || status.waiting) return undefined
    return { outcome: 'ready', runs: [], wallMs: this.#parts.clock.now() - started, status }
  }

  async #work<T>(
    request: AnnealRequest,
    work: (annealing: Annealing) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const { store, language, holder } = this.#parts
    const opened = await store.openWriter(holder)
    if (!opened.ok) return opened
    const journal = opened.value
    try {
      const parts: AnnealParts = {
        ...this.#parts,
        journal,
        remembered: await remember(journal, language),
        request,
      }
      const annealing = anneal(parts)
      const listening = await this.#parts.control?.listen(
        (message) => annealing.obey(message),
        (message) => request.onFeed({ kind: 'notice', message, at: this.#parts.clock.now() }),
      )
      try {
        return await work(annealing)
      } finally {
        await listening?.close()
        await annealing.close()
      }
    } catch (error) {
      return refuse(refusalOf(error))
    } finally {
      await journal.close()
    }
  }
}

/** For what writes to the journal and starts nothing. */
function quiet(by: string): AnnealRequest {
  return { by, onFeed: () => {}, signal: new AbortController().signal, stay: false }
}

function runsMeant(world: World, { target, run, limit }: RunFilter): Answer<RunView[]> {
  if (run !== undefined) {
    const record = world.runs.get(run)
    if (!record) return refuse({ code: 'unknownRun', message: `there is no run ${run}` })
    return answer([viewRun(record)])
  }
  let records = [...world.runs.values()]
  if (target !== undefined) {
    const found = targetMeant(world, target)
    if (!found.ok) return found
    const meant = new Set(found.value.nodeRoles.map(({ id }) => id))
    records = records.filter((record) => meant.has(record.nodeRole))
  }
  return answer(records.slice(limit === undefined ? 0 : -limit).map(viewRun))
}

function byName(a: NodeView, b: NodeView): number {
  return a.name < b.name ? -1 : 1
}
