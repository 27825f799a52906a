// Asking: one request to a session, by one person: what it changes, what it follows, and what came of it.
import { onlyMeant } from '../annealer/controls.ts'
import { sameTarget } from '../annealer/decide.ts'
import { worldAfter } from '../annealer/diff.ts'
import { needsAnother } from '../annealer/four-eyes.ts'
import { isAsked, movedOn, proposedAlready } from '../annealer/moving-on.ts'
import { previewRinse } from '../annealer/rinse-preview.ts'
import { nodeRolesMeant } from '../annealer/targets.ts'
import { viewRun, viewStanding, viewStatus } from '../annealer/view.ts'
import type { RevisionRecord } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { Command } from '../model/command.ts'
import type { Controlled } from '../model/control.ts'
import type { DriftView } from '../model/drift.ts'
import type {
  AnnealRequest,
  CommitRequest,
  DriftReport,
  DriftRequest,
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
import type { Session } from './session.ts'
import { runsIn } from './tell-turn.ts'

export interface Asking extends Pick<Controlling, 'control'> {
  up(request: UpRequest): Promise<Answer<UpResult>>
  commit(request: CommitRequest): Promise<Answer<Controlled>>
  rinse(request: RinseRequest): Promise<Answer<UpResult>>
  drift(request: DriftRequest): Promise<Answer<DriftReport>>
  /** Carries out commands and anneals to rest; the first refusal ends it. */
  run: (commands: Command[]) => Promise<Answer<UpResult>>
  /** It follows nothing any more. */
  end(): void
}

export function asking(session: Session, request: AnnealRequest): Asking {
  const { world, engine, clock, mover, proposals, diffs } = session
  const startedAt = clock.now()
  const runs = new Set<RunId>()
  const findings = new Findings()
  const end = session.follow(({ made, feed }) => {
    if (made) {
      findings.take(made.events)
      for (const run of runsIn(made.events)) runs.add(run)
    }
    for (const one of feed) request.onFeed(one)
  })
  const { control } = controlling(session, { by: request.by, run })
  return { up, commit, rinse, drift, run, control, end }

  async function up(wanted: UpRequest): Promise<Answer<UpResult>> {
    const asked = await upAsAsked(wanted)
    if (!asked.ok || !hasRested(asked.value)) return asked
    if (!session.serves) {
      // What nodes told meanwhile may place roles otherwise.
      const moved = await mover.moveOn(wanted)
      if (!moved.ok) return moved
      if (request.stay) await mover.stay(wanted, wanted.files)
    } else if (request.stay) await aborted(session.signal, request.signal)
    return ended()
  }

  async function upAsAsked(wanted: UpRequest): Promise<Answer<UpResult>> {
    const found = movedOn(world, wanted.site, clock.now())
    if (!found.ok) return found
    // What moved without anybody's word is not done in the name of who asks for something else.
    const asked = found.value && isAsked(found.value.cause) ? found.value.target : undefined
    const target = asked ?? world.target
    assert(target, 'where nothing was committed yet, everything is asked for')
    const diff = diffs.to(target)
    const onto = world.head
    const only = wanted.only && onlyMeant(worldAfter(world, target), wanted.only)
    if (only && !only.ok) return only
    const retries = diff.changes
      .filter((change) => change.what === 'retry' && (only?.value.nodeRoles.has(change.nodeRole) ?? true))
      .map(({ nodeRole }): Command => ({ kind: 'retryNodeRole', nodeRole, by: wanted.by }))
    if ((asked || retries.length > 0) && !(await wanted.confirm(diff))) return answer(result('declined'))
    if (isAborted()) return answer(result('interrupted'))
    const alone = asked && needsAnother(world, { target: asked, author: wanted.by }, wanted.by)
    const other = asked && alone && proposedByAnother(asked, wanted.by)
    if (asked && alone && !other) return leaveForAnother(wanted, asked, alone)
    const started = await session.begin()
    if (!started.ok) return started
    // Before the commit, which would start all that it touches.
    if (only) await engine.ask({ kind: 'chooseOnly', only: only.value.scopes, by: wanted.by })
    if (asked) {
      const committed = other ? await commitOther(other, wanted) : await putAndCommit(wanted, onto)
      if (!committed.ok) return wasMovedByAnneal(committed.refusal) ? upAsAsked(wanted) : committed
    }
    return toRest(retries)
  }

  /** A server that took in a new node, say, while somebody asked for the same: nobody else's word is in between. */
  function wasMovedByAnneal(refusal: Refusal): boolean {
    return (
      refusal.code === 'timelineMoved' &&
      refusal.moved.committed.every(({ revision }) => world.revisions.get(revision)?.cause !== undefined)
    )
  }

  /** Somebody else proposed the same: they are the other one of the two. */
  function proposedByAnother(target: Target, by: string): RevisionRecord | undefined {
    return [...world.revisions.values()].find(
      (one) =>
        one.status === 'proposed' &&
        one.onto === world.head &&
        sameTarget(one.target, target) &&
        !needsAnother(world, one, by),
    )
  }

  function commitOther(
    { revision, onto, message }: RevisionRecord,
    { by }: UpRequest,
  ): Promise<Answer<unknown>> {
    return engine.ask({ kind: 'commitRevision', revision, onto, author: by, message })
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

  /** Where somebody else was faster, nothing of it stays on the timeline to be committed by mistake. */
  async function putAndCommit(wanted: UpRequest, onto: number): Promise<Answer<unknown>> {
    const proposed = await proposals.put(wanted)
    if (!proposed.ok) return proposed
    const { by: author, message } = wanted
    const revision = proposed.value
    const committed = await engine.ask({ kind: 'commitRevision', revision, onto, author, message })
    if (!committed.ok) await engine.ask({ kind: 'discardRevision', revision, author })
    return committed
  }

  function commit(wanted: CommitRequest): Promise<Answer<Controlled>> {
    return commitProposal(world, wanted, { carryOut: control, undone: result })
  }

  async function rinse(wanted: RinseRequest): Promise<Answer<UpResult>> {
    const { targets, once, why, by } = wanted
    const named = nodeRolesMeant(world, targets)
    if (!named.ok) return named
    const preview = previewRinse(world, named.value, once)
    if (!preview.ok) return preview
    if (!(await wanted.confirm(preview.value))) return answer(result('declined'))
    if (isAborted()) return answer(result('interrupted'))
    const nodeRoles = named.value.map(({ id }) => id)
    return run([{ kind: 'rinse', nodeRoles, once, by, ...(why === undefined ? {} : { why }) }])
  }

  async function drift(wanted: DriftRequest): Promise<Answer<DriftReport>> {
    const meant = askedAbout(world, wanted.targets)
    if (!meant.ok) return meant
    const { by } = wanted
    const started = await session.begin(wanted.repair ? 'repairs' : 'checks')
    if (!started.ok) return started
    const asked = wanted.targets.length === 0 ? {} : { nodeRoles: meant.value.map(({ id }) => id) }
    const looked = await toRest([{ kind: 'askCheck', by, ...asked }])
    if (!looked.ok) return looked
    const nodeRoles = meant.value.map((one) => findings.viewOf(world, one)).sort(byNodeRole)
    const repairs = wanted.repair && !isAborted() ? nodeRoles.flatMap(repairOf) : []
    const repaired = repairs.length > 0 ? await toRest(repairs) : looked
    if (!repaired.ok) return repaired
    const { runs: ran, wallMs } = repaired.value
    return answer({ nodeRoles, runs: ran, wallMs, interrupted: isAborted() })

    /** What is destructive is for somebody to look at. */
    function repairOf(view: DriftView): Command[] {
      if (view.found !== 'drifted' || world.nodeRoles.get(view.nodeRole)?.group.role.once) return []
      return [{ kind: 'retryNodeRole', nodeRole: view.nodeRole, by, why: 'it drifted' }]
    }
  }

  async function run(commands: Command[]): Promise<Answer<UpResult>> {
    const started = await session.begin()
    return started.ok ? toRest(commands) : started
  }

  async function toRest(commands: Command[]): Promise<Answer<UpResult>> {
    if (!request.written) request.onFeed({ kind: 'status', status: await engine.look(viewStatus) })
    // Together, so that who asks for many waits for one turn.
    const answers = await Promise.all(commands.map((command) => engine.ask(command)))
    const refused = answers.find((answered) => !answered.ok)
    if (refused && !refused.ok) return refused
    // Not before: what was asked may be that others do not start.
    await session.go()
    // Who serves others goes on when one of them goes away.
    if (!session.serves) await engine.rest()
    else if (!request.written) await Promise.race([mover.settled(), aborted(request.signal)])
    return ended()
  }

  async function ended(): Promise<Answer<UpResult>> {
    if (engine.fault) return refuse(engine.fault)
    return engine.look((here) => answer(result(outcomeOf(viewStanding(here), isAborted()))))
  }

  function result(outcome: UpResult['outcome']): UpResult {
    const carriedOut = [...runs].flatMap((id): RunView[] => {
      const record = world.runs.get(id)
      return record ? [viewRun(record)] : []
    })
    // Who waits for the writing alone is told nothing of each node-role, of which there may be very many.
    const status = request.written ? { ...viewStanding(world), nodeRoles: [] } : viewStatus(world)
    return { outcome, runs: carriedOut, wallMs: clock.now() - startedAt, status }
  }

  function isAborted(): boolean {
    return session.signal.aborted || request.signal.aborted
  }
}

/** Resolves once one of them is. */
function aborted(...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', over)
      resolve()
    }
    for (const signal of signals) signal.addEventListener('abort', over)
    if (signals.some((signal) => signal.aborted)) over()
  })
}

function hasRested({ outcome }: UpResult): boolean {
  return outcome !== 'declined' && outcome !== 'interrupted'
}

function outcomeOf(
  { remains, ready }: Pick<StatusView, 'remains' | 'ready'>,
  interrupted: boolean,
): UpResult['outcome'] {
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
