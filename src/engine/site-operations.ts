// Operations on a site whose engine lives in this process: questions read the journal, changes take its lock.
import { diffSite } from '../annealer/diff.ts'
import { viewRevision } from '../annealer/timeline.ts'
import { viewStatus } from '../annealer/view.ts'
import { newWorld } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { JournalStore } from '../journal/journal.ts'
import type { Command } from '../model/command.ts'
import type { Control, Controlled } from '../model/control.ts'
import type { Event, Recorded } from '../model/event.ts'
import type { DryRunReport } from '../model/dry-run.ts'
import type {
  AnnealRequest,
  CommitRequest,
  Discarded,
  DryRunRequest,
  Operations,
  UpRequest,
  UpResult,
} from '../model/operations.ts'
import type { RehearsalReport, RehearsalRequest } from '../model/rehearsal.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { Site } from '../model/site.ts'
import type { Diff } from '../model/view.ts'
import { accessOperations } from './access.ts'
import type { Annealing } from './anneal.ts'
import { commitProposal } from './commit-proposal.ts'
import { filesOf } from './files.ts'
import { remember } from './memory.ts'
import { questionsTo } from './questions.ts'
import { Reading, refusalOf } from './reading.ts'
import { runnerOperations } from './runner-operations.ts'
import type { SiteParts } from './site-parts.ts'
import { statusAt } from './status-at.ts'

/** What may be said before there is anything to anneal. */
const BEGINNINGS = new Set<Command['kind']>(['issueToken', 'inviteRunner'])

/** What asks only loads nothing of what carries out: most commands ask. */
export function siteOperations(parts: SiteParts): Operations {
  const { clock, language } = parts
  const reading = new Reading(parts)
  const questions = questionsTo((question) => reading.ask(question), clock)

  return {
    ...questions,
    statusAt: statusAt(parts),
    files: filesOf((question) => reading.ask(question), parts),
    diff,
    dryRun,
    rehearse: rehearsed,
    propose: (request) => working(quiet(request.by), (annealing) => annealing.propose(request)),
    rollback: (revision, by, message) =>
      existing(quiet(by), (annealing) => annealing.rollback(revision, by, message)),
    discard,
    commit,
    up,
    control,
    rinse: (request) => existing(request, (annealing) => annealing.rinse(request)),
    drift: (request) => existing(request, (annealing) => annealing.drift(request)),
    exec: (request) =>
      existing(quiet(request.by), async ({ world, engine }) => {
        const { exec } = await import('./exec.ts')
        const makeExecutor: SiteParts['makeExecutor'] = (notice) => parts.makeExecutor(notice)
        return exec({ world, engine, makeExecutor, served: false }, request)
      }),
    forget: (node, request) =>
      existing(request, (annealing) => annealing.run([{ kind: 'forgetNode', node, by: request.by }])),
    access: accessOperations({
      ask,
      read: (question) => reading.ask(question),
      events: (after) => eventsOf(parts.store, after),
      now: () => clock.now(),
    }),
    runners: runnerOperations({
      ask,
      read: (question) => reading.ask(question),
    }),
    close: () => reading.close(),
  }

  /** Before the first commit there is no journal, and everything is new. */
  async function diff(site: Site): Promise<Answer<Diff>> {
    const asked = await questions.diff(site)
    if (asked.ok || asked.refusal.code !== 'nothingThere') return asked
    return diffSite(newWorld(language), site)
  }

  async function dryRun(request: DryRunRequest): Promise<Answer<DryRunReport>> {
    const { carryOutDryRun, planDryRun } = await import('./dry-run.ts')
    const asked = await reading.ask((world) => planDryRun(world, request.site, false))
    const isNew = !asked.ok && asked.refusal.code === 'nothingThere'
    const planned = isNew ? planDryRun(newWorld(language), request.site, false) : asked
    return planned.ok ? answer(await carryOutDryRun(parts, planned.value, request)) : planned
  }

  /** Before the first commit there is no past that anything could be taught by. */
  async function rehearsed(request: RehearsalRequest): Promise<Answer<RehearsalReport>> {
    const { rehearse } = await import('../rehearsal/rehearse.ts')
    const now = clock.now()
    const asked = await reading.ask((world) => rehearse(world, request, now))
    if (asked.ok || asked.refusal.code !== 'nothingThere' || request.what.kind !== 'files') return asked
    return rehearse(newWorld(language), request, now)
  }

  async function discard(revision: number, by: string): Promise<Answer<Discarded>> {
    const given = await control({ kind: 'discard', revision }, quiet(by))
    if (!given.ok) return given
    const { elsewhere } = given.value
    return reading.ask((world) => {
      const record = world.revisions.get(revision)
      assert(record, `revision ${revision} was just discarded`)
      return answer({
        revision: viewRevision(world, record),
        ...(elsewhere === undefined ? {} : { elsewhere }),
      })
    })
  }

  /** Where another process anneals, the question is asked of what the journal says. */
  async function commit(request: CommitRequest): Promise<Answer<Controlled>> {
    const here = await existing(request, (annealing) => annealing.commit(request))
    if (here.ok || here.refusal.code !== 'busy') return here
    const { refusal: busy } = here
    const asked = await reading.ask((world) => answer(world))
    if (!asked.ok) return asked
    return commitProposal(asked.value, request, {
      carryOut: (meant) => elsewhere(meant, request.by, busy),
      undone: (outcome) => ({ outcome, runs: [], wallMs: 0, status: viewStatus(asked.value) }),
    })
  }

  async function up(request: UpRequest): Promise<Answer<UpResult>> {
    const nothing = request.stay || request.only ? undefined : await nothingToDo(request.site)
    if (nothing) return answer(nothing)
    return working(request, (annealing) => annealing.up(request))
  }

  async function control(asked: Control, request: AnnealRequest): Promise<Answer<Controlled>> {
    // A pause lasts over sessions, so it may well come before the first of them.
    const open = asked.kind === 'hold' && asked.targets.length === 0 ? working : existing
    const here = await open(request, (annealing) => annealing.control(asked))
    if (here.ok || here.refusal.code !== 'busy') return here
    return elsewhere(asked, request.by, here.refusal)
  }

  /** Where nobody listens, the site is busy and that is all. */
  async function elsewhere(
    asked: Control,
    by: string,
    busy: Extract<Refusal, { code: 'busy' }>,
  ): Promise<Answer<Controlled>> {
    const there = await parts.control?.ask({ control: asked, by })
    if (!there) return refuse(busy)
    return there.ok ? answer({ ...there.value, elsewhere: busy.holder }) : there
  }

  /** At rest, ready, and the files say what was committed: then nothing is locked, written or connected. */
  async function nothingToDo(site: Site): Promise<UpResult | undefined> {
    const started = clock.now()
    const asked = await reading.ask((world) => {
      const found = diffSite(world, site, started)
      const isQuiet =
        found.ok &&
        world.target !== undefined &&
        found.value.revision === world.head &&
        found.value.changes.length === 0
      return answer(isQuiet ? viewStatus(world) : undefined)
    })
    const status = asked.ok ? asked.value : undefined
    // What waits on the timeline may have lost its cause: that is looked at with the lock.
    if (!status?.ready || status.waiting) return undefined
    return { outcome: 'ready', runs: [], wallMs: clock.now() - started, status }
  }

  function ask(by: string, command: Command): Promise<Answer<Event[]>> {
    const open = BEGINNINGS.has(command.kind) ? working : existing
    return open(quiet(by), ({ engine }) => engine.ask(command))
  }

  /** Where nothing was ever committed or proposed there is nothing to work on, and no journal is made to find that out. */
  async function existing<T>(
    request: AnnealRequest,
    work: (annealing: Annealing) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const seen = await parts.store.openReader()
    if (!seen.ok) return seen
    await seen.value.close()
    return working(request, work)
  }

  async function working<T>(
    request: AnnealRequest,
    work: (annealing: Annealing) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const opened = await parts.store.openWriter(parts.holder)
    if (!opened.ok) return opened
    const journal = opened.value
    try {
      const { anneal } = await import('./anneal.ts')
      const annealing = anneal({ ...parts, journal, remembered: await remember(journal, language), request })
      const listening = await parts.control?.listen(
        (message) => annealing.obey(message),
        (message) => request.onFeed({ kind: 'notice', message, at: clock.now() }),
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

/** With a reader of its own: it may take its time, and questions go on meanwhile. */
export async function eventsOf(
  store: JournalStore,
  after: number,
): Promise<Answer<AsyncIterable<Recorded[]>>> {
  const opened = await store.openReader()
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

/** For what writes to the journal and starts nothing. */
export function quiet(by: string): AnnealRequest {
  return { by, onFeed: () => {}, signal: new AbortController().signal, stay: false }
}
