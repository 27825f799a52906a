// One stretch of work with the journal's lock held: from a request, through a cycle, to rest.
import { diffTarget } from '../annealer/diff.ts'
import { isHead, targetOf } from '../annealer/decide.ts'
import type { Turn } from '../annealer/turn.ts'
import { viewNode, viewNodeRole, viewRun, viewStatus } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import type { AnnealRequest, Feed, UpRequest, UpResult } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { RunId } from '../model/run.ts'
import type { Target } from '../model/site.ts'
import type { RunView, StatusView } from '../model/view.ts'
import { Engine } from './engine.ts'
import type { Remembered } from './memory.ts'
import type { SiteParts } from './site-operations.ts'

export interface AnnealParts extends SiteParts {
  journal: JournalWriter
  remembered: Remembered
  request: AnnealRequest
}

export interface Annealing {
  world: World
  up(request: UpRequest): Promise<Answer<UpResult>>
  /** Carries out commands and anneals to rest; the first refusal ends it. */
  run(commands: Command[]): Promise<Answer<UpResult>>
  close(): Promise<void>
}

export function anneal(parts: AnnealParts): Annealing {
  const { clock, journal, request } = parts
  const { world, sinceSnapshot } = parts.remembered
  const startedAt = clock.now()
  const runs = new Set<RunId>()
  const tell = (feed: Feed): void => request.onFeed(feed)
  const engine = new Engine({
    world,
    journal,
    clock,
    sinceSnapshot,
    onTurn: (made) => tellTurn(world, made, runs, tell),
  })

  return { world, up, run, close: () => engine.close() }

  async function up(wanted: UpRequest): Promise<Answer<UpResult>> {
    const target = targetOf(world, wanted.site)
    if (!target.ok) return target
    const diff = diffTarget(world, target.value)
    const moves = !isHead(world, target.value)
    const retries = diff.changes.filter((change) => change.what === 'retry')
    if ((moves || retries.length > 0) && !(await wanted.confirm(diff))) return answer(result('declined'))
    const started = await start()
    if (!started.ok) return started
    if (moves) {
      const committed = await commit(wanted, target.value)
      if (!committed.ok) return committed
    }
    return toRest(retries.map(({ nodeRole }) => ({ kind: 'retryNodeRole', nodeRole, by: wanted.by })))
  }

  async function run(commands: Command[]): Promise<Answer<UpResult>> {
    const started = await start()
    return started.ok ? toRest(commands) : started
  }

  /** The runner comes first in the world only after the session has begun: what an earlier one left is settled by then. */
  async function start(): Promise<Answer<Event[]>> {
    const started = await engine.ask({ kind: 'startSession', by: request.by })
    if (!started.ok) return started
    engine.useRunner(
      await parts.makeRunner((digest) => journal.blob(digest), {
        report: (report) => void engine.ask(report).then(tellRefusal(report)),
        notice: (node, message) => tell({ kind: 'notice', node, message, at: clock.now() }),
      }),
    )
    return started
  }

  /** What scripts and templates the revision names is kept before the revision is. */
  async function commit(wanted: UpRequest, target: Target): Promise<Answer<Event[]>> {
    await journal.putBlobs(contentOf(target, wanted.content))
    const { site, by: author, message } = wanted
    const proposed = await engine.ask({ kind: 'proposeRevision', site, author, message })
    if (!proposed.ok) return proposed
    const [event] = proposed.value
    const revision = event?.kind === 'revisionProposed' ? event.revision : 0
    return engine.ask({ kind: 'commitRevision', revision, onto: world.head, author, message })
  }

  async function toRest(commands: Command[]): Promise<Answer<UpResult>> {
    tell({ kind: 'status', status: viewStatus(world) })
    for (const command of commands) {
      const answered = await engine.ask(command)
      if (!answered.ok) return answered
    }
    // Even with nothing asked, what is due must be looked at once.
    await engine.ask({ kind: 'tick' })
    const stop = (): void => void engine.ask({ kind: 'stopClaiming', by: request.by })
    if (request.signal.aborted) stop()
    request.signal.addEventListener('abort', stop, { once: true })
    await engine.rest()
    if (request.stay) await staying()
    request.signal.removeEventListener('abort', stop)
    if (engine.fault) return refuse(engine.fault)
    return answer(result(outcomeOf(viewStatus(world), request.signal.aborted)))
  }

  async function staying(): Promise<void> {
    if (!request.signal.aborted && !engine.fault) {
      await new Promise<void>((resolve) =>
        request.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    }
    await engine.rest()
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

function outcomeOf(status: StatusView, interrupted: boolean): UpResult['outcome'] {
  if (status.ready) return 'ready'
  if (interrupted) return 'interrupted'
  const waiting = status.nodeRoles.filter(({ state }) => state !== 'active')
  const approvals = waiting.filter(({ reason }) => reason.kind === 'waits' && reason.wait.kind === 'approval')
  return approvals.length === waiting.length ? 'waitsForApproval' : 'atRestWithProblems'
}

function contentOf(target: Target, content: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const wanted = new Map<string, Uint8Array>()
  for (const role of Object.values(target.roles)) {
    const refs = [
      role.apply,
      role.check,
      role.remove,
      ...Object.values(role.files).map((file) => file.content),
    ]
    for (const ref of refs) {
      const bytes = ref && content.get(ref.digest)
      if (bytes) wanted.set(ref.digest, bytes)
    }
  }
  return wanted
}

function tellTurn(
  world: World,
  { events, changed }: Turn,
  runs: Set<RunId>,
  tell: (feed: Feed) => void,
): void {
  const at = world.now
  for (const event of events) {
    switch (event.kind) {
      case 'runStarted':
      case 'runFinished':
      case 'runLost': {
        runs.add(event.run)
        const record = world.runs.get(event.run)
        if (record) tell({ kind: 'run', run: viewRun(record), at })
        break
      }
      case 'nodeReached':
      case 'nodeLost':
      case 'factsChanged': {
        const node = world.nodes.get(event.node)
        if (node) tell({ kind: 'node', node: viewNode(node), at })
        break
      }
      default:
        break
    }
  }
  for (const [nodeRole, before] of changed) {
    if (world.nodeRoles.get(nodeRole.id) !== nodeRole) tell({ kind: 'gone', nodeRole: nodeRole.id, at })
    else
      tell({
        kind: 'nodeRole',
        ...(before === undefined ? {} : { before }),
        after: viewNodeRole(world, nodeRole),
        at,
      })
  }
}
