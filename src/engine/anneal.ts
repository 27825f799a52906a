// One stretch of work with the journal's lock held: from a request, through a cycle, to rest.
import { onlyMeant } from '../annealer/controls.ts'
import { diffTarget, worldAfter } from '../annealer/diff.ts'
import { needsAnother } from '../annealer/four-eyes.ts'
import { isAsked, movedOn, proposedAlready } from '../annealer/moving-on.ts'
import { previewRinse } from '../annealer/rinse-preview.ts'
import { nodeRolesMeant } from '../annealer/targets.ts'
import { viewRun, viewStatus } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Command } from '../model/command.ts'
import type { Controlled } from '../model/control.ts'
import type { DriftView } from '../model/drift.ts'
import type { Event, SessionLimit } from '../model/event.ts'
import type {
  AnnealRequest,
  CommitRequest,
  DriftReport,
  DriftRequest,
  Feed,
  RinseRequest,
  UpRequest,
  UpResult,
} from '../model/operations.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { RunId } from '../model/run.ts'
import type { Target } from '../model/site.ts'
import type { RunView, StatusView } from '../model/view.ts'
import { commitProposal } from './commit-proposal.ts'
import { type Controlling, controlling } from './controlling.ts'
import { askedAbout, Findings } from './drift.ts'
import { Engine } from './engine.ts'
import { moverOf } from './move-on.ts'
import type { Remembered } from './memory.ts'
import { type Proposing, proposing } from './proposing.ts'
import { tellTurn } from './tell-turn.ts'
import type { SiteParts } from './site-operations.ts'

export interface AnnealParts extends SiteParts {
  journal: JournalWriter
  remembered: Remembered
  request: AnnealRequest
}

export interface Annealing extends Controlling, Pick<Proposing, 'propose' | 'rollback'> {
  world: World
  engine: Engine
  up(request: UpRequest): Promise<Answer<UpResult>>
  commit(request: CommitRequest): Promise<Answer<Controlled>>
  rinse(request: RinseRequest): Promise<Answer<UpResult>>
  drift(request: DriftRequest): Promise<Answer<DriftReport>>
  /** Carries out commands and anneals to rest; the first refusal ends it. */
  run(commands: Command[]): Promise<Answer<UpResult>>
  close(): Promise<void>
}

export function anneal(parts: AnnealParts): Annealing {
  const { clock, journal, request } = parts
  const { world, sinceSnapshot } = parts.remembered
  const startedAt = clock.now()
  const runs = new Set<RunId>()
  const findings = new Findings()
  let running = false
  let claiming = false
  const stopped = new AbortController()
  let stoppedBy = request.by
  const signal = AbortSignal.any([request.signal, stopped.signal])
  const tell = (feed: Feed): void => request.onFeed(feed)
  const engine = new Engine({
    world,
    journal,
    clock,
    sinceSnapshot,
    onTurn(made) {
      findings.take(made.events)
      tellTurn(world, made, runs, tell)
      mover.hear(made.events)
    },
    mayClaim: () => claiming,
  })
  const proposals = proposing({ world, engine, journal })
  const mover = moverOf({
    engine,
    world,
    clock,
    signal,
    tell,
    put: (request, cause) => proposals.put(request, cause),
    toRest: () => toRest([]),
  })

  const controls = controlling({
    world,
    engine,
    request,
    holder: parts.holder.what,
    isRunning: () => running,
    notice: (message) => tell({ kind: 'notice', message, at: clock.now() }),
    run,
    stop(by) {
      stoppedBy = by
      stopped.abort()
    },
  })

  return { world, engine, up, ...proposals, commit, rinse, drift, run, ...controls, close }

  async function up(wanted: UpRequest): Promise<Answer<UpResult>> {
    const asked = await upAsAsked(wanted)
    if (!asked.ok || !hasRested(asked.value)) return asked
    // What nodes told meanwhile may place roles otherwise.
    const moved = await mover.moveOn(wanted)
    if (!moved.ok) return moved
    if (request.stay) await mover.stay(wanted, wanted.files)
    return ended()
  }

  async function upAsAsked(wanted: UpRequest): Promise<Answer<UpResult>> {
    const found = movedOn(world, wanted.site, clock.now())
    if (!found.ok) return found
    // What moved without anybody's word is not done in the name of who asks for something else.
    const asked = found.value && isAsked(found.value.cause) ? found.value.target : undefined
    const target = asked ?? world.target
    assert(target, 'where nothing was committed yet, everything is asked for')
    const diff = diffTarget(world, target)
    const moves = asked !== undefined
    const only = wanted.only && onlyMeant(worldAfter(world, target), wanted.only)
    if (only && !only.ok) return only
    const retries = diff.changes
      .filter((change) => change.what === 'retry' && (only?.value.nodeRoles.has(change.nodeRole) ?? true))
      .map(({ nodeRole }): Command => ({ kind: 'retryNodeRole', nodeRole, by: wanted.by }))
    if ((moves || retries.length > 0) && !(await wanted.confirm(diff))) return answer(result('declined'))
    if (signal.aborted) return answer(result('interrupted'))
    const alone = asked && needsAnother(world, { target: asked, author: wanted.by }, wanted.by)
    if (asked && alone) return leaveForAnother(wanted, asked, alone)
    const started = await start()
    if (!started.ok) return started
    // Before the commit, which would start all that it touches.
    if (only) await engine.ask({ kind: 'chooseOnly', only: only.value.scopes, by: wanted.by })
    if (moves) {
      const proposed = await proposals.put(wanted)
      if (!proposed.ok) return proposed
      const { by: author, message } = wanted
      const revision = proposed.value
      const committed = await engine.ask({
        kind: 'commitRevision',
        revision,
        onto: world.head,
        author,
        message,
      })
      if (!committed.ok) return committed
    }
    return toRest(retries)
  }

  /** It waits on the timeline for somebody else; asked for again, it is not put there twice. */
  async function leaveForAnother(
    wanted: UpRequest,
    target: Target,
    alone: Refusal,
  ): Promise<Answer<UpResult>> {
    const waiting = proposedAlready(world, target)
    const proposed = waiting?.status === 'proposed' ? answer(waiting.revision) : await proposals.put(wanted)
    if (!proposed.ok) return proposed
    const record = world.revisions.get(proposed.value)
    return refuse((record && needsAnother(world, record, wanted.by)) ?? alone)
  }

  function commit(wanted: CommitRequest): Promise<Answer<Controlled>> {
    return commitProposal(world, wanted, {
      carryOut: (control) => controls.control(control),
      undone: result,
    })
  }

  async function rinse(wanted: RinseRequest): Promise<Answer<UpResult>> {
    const { targets, once, why, by } = wanted
    const named = nodeRolesMeant(world, targets)
    if (!named.ok) return named
    const preview = previewRinse(world, named.value, once)
    if (!preview.ok) return preview
    if (!(await wanted.confirm(preview.value))) return answer(result('declined'))
    if (signal.aborted) return answer(result('interrupted'))
    const nodeRoles = named.value.map(({ id }) => id)
    return run([{ kind: 'rinse', nodeRoles, once, by, ...(why === undefined ? {} : { why }) }])
  }

  async function drift(wanted: DriftRequest): Promise<Answer<DriftReport>> {
    const meant = askedAbout(world, wanted.targets)
    if (!meant.ok) return meant
    const { by } = wanted
    const started = await start(wanted.repair ? 'repairs' : 'checks')
    if (!started.ok) return started
    const asked = wanted.targets.length === 0 ? {} : { nodeRoles: meant.value.map(({ id }) => id) }
    const looked = await toRest([{ kind: 'askCheck', by, ...asked }])
    if (!looked.ok) return looked
    const nodeRoles = meant.value.map((one) => findings.viewOf(world, one)).sort(byNodeRole)
    const repairs = wanted.repair && !signal.aborted ? nodeRoles.flatMap(repairOf) : []
    const repaired = repairs.length > 0 ? await toRest(repairs) : looked
    if (!repaired.ok) return repaired
    const { runs: ran, wallMs } = repaired.value
    return answer({ nodeRoles, runs: ran, wallMs, interrupted: signal.aborted })

    /** What is destructive is for somebody to look at. */
    function repairOf(view: DriftView): Command[] {
      if (view.found !== 'drifted' || world.nodeRoles.get(view.nodeRole)?.group.role.once) return []
      return [{ kind: 'retryNodeRole', nodeRole: view.nodeRole, by, why: 'it drifted' }]
    }
  }

  async function run(commands: Command[]): Promise<Answer<UpResult>> {
    const started = await start()
    return started.ok ? toRest(commands) : started
  }

  /** The runner is there only after the session has begun: what an earlier one left is settled by then. */
  async function start(only?: SessionLimit): Promise<Answer<Event[]>> {
    if (running) return answer([])
    running = true
    const started = await engine.ask({
      kind: 'startSession',
      by: request.by,
      stays: request.stay,
      ...(only === undefined ? {} : { only }),
    })
    if (!started.ok) return started
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    engine.useRunner(
      await parts.makeRunner((digest) => journal.blob(digest), {
        report: (report) => void engine.ask(report).then(tellRefusal(report)),
        notice: (node, message) => tell({ kind: 'notice', node, message, at: clock.now() }),
      }),
    )
    return started
  }

  function stop(): void {
    void engine.ask({ kind: 'stopClaiming', by: stoppedBy })
  }

  function close(): Promise<void> {
    signal.removeEventListener('abort', stop)
    return engine.close()
  }

  async function toRest(commands: Command[]): Promise<Answer<UpResult>> {
    tell({ kind: 'status', status: viewStatus(world) })
    for (const command of commands) {
      const answered = await engine.ask(command)
      if (!answered.ok) return answered
    }
    // Not before: what was asked may be that others do not start.
    claiming = true
    // Even with nothing asked, what is due must be looked at once.
    await engine.ask({ kind: 'tick' })
    await engine.rest()
    return ended()
  }

  function ended(): Answer<UpResult> {
    if (engine.fault) return refuse(engine.fault)
    return answer(result(outcomeOf(viewStatus(world), signal.aborted)))
  }

  function result(outcome: UpResult['outcome']): UpResult {
    const carriedOut = [...runs].flatMap((id): RunView[] => {
      const record = world.runs.get(id)
      return record ? [viewRun(record)] : []
    })
    return { outcome, runs: carriedOut, wallMs: clock.now() - startedAt, status: viewStatus(world) }
  }

  function tellRefusal(report: Command): (answered: Answer<Event[]>) => void {
    return (answered) => {
      if (!answered.ok)
        tell({ kind: 'refused', what: report.kind, details: { message: answered.refusal.message } })
    }
  }
}

function hasRested({ outcome }: UpResult): boolean {
  return outcome !== 'declined' && outcome !== 'interrupted'
}

function outcomeOf({ remains, ready }: StatusView, interrupted: boolean): UpResult['outcome'] {
  if (ready) return OUTCOMES[remains]
  if (remains === 'nothing') return 'ready'
  return interrupted ? 'interrupted' : OUTCOMES[remains]
}

const OUTCOMES = {
  nothing: 'ready',
  notChosen: 'chosenReady',
  word: 'waitsForApproval',
  problems: 'atRestWithProblems',
} as const

function byNodeRole(a: DriftView, b: DriftView): number {
  return a.nodeRole < b.nodeRole ? -1 : 1
}
