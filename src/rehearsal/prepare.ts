// Preparing a rehearsal: a world of its own with the past that is asked for, and the change that is to be carried out in it.
import { isHead, nextRevision, targetOf } from '../annealer/decide.ts'
import { evolve } from '../annealer/evolve.ts'
import { PastRuns } from '../annealer/past-runs.ts'
import { forkWorld, restoreSnapshot, takeSnapshot } from '../annealer/snapshot.ts'
import { newWorld, type World } from '../annealer/world.ts'
import type { Command } from '../model/command.ts'
import type { Assumption, RehearsalReport, RehearsalRequest } from '../model/rehearsal.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Target } from '../model/site.ts'
import { Facts } from './facts.ts'
import { type Ground, Machines, nothingUnmeasured } from './machines.ts'
import { type Copies, copiesFor, multiply } from './multiply.ts'
import { learntOdds } from './odds.ts'
import { Rehearsal } from './rehearsal.ts'
import { Said } from './said.ts'

export interface Prepared {
  ground: Ground
  /** A world of its own for each rehearsal, as it is before the change. */
  world(): World
  /** What begins it, for a world of the above. */
  commands(world: World): Command[]
  revision: number
  afresh: RehearsalReport['afresh']
  assumptions: Assumption[]
}

export function prepare(past: World, request: RehearsalRequest, now: number): Answer<Prepared> {
  const meant = targetMeant(past, request, now)
  if (!meant.ok) return meant
  const found = meant.value
  const changes = !isHead(past, found)
  // Copies have the past of what they are copies of, which leaves them nothing to do either.
  const idle = !changes && (request.nodes !== undefined || past.counts.active === past.nodeRoles.size)
  const afresh = request.afresh ? 'asked' : idle ? 'nothingToDo' : 'no'
  const sized = resize(found, request.nodes)
  if (!sized.ok) return sized
  const { copies, target, assumptions } = sized.value
  const ground = groundOf(past, request, target, copies)
  let begin = afresh === 'no' ? forkWorld(past) : unspoilt(past)
  if (afresh === 'no' && copies.size > 0 && past.target) {
    begin = withSharedPast(begin, past.target, copies, ground, now)
    assumptions.push({ kind: 'sharedPast' })
  }
  const commits = changes || afresh !== 'no' || copies.size > 0
  const revision = commits ? nextRevision(begin) : begin.head
  const undecided = target.undecided?.length ?? 0
  if (undecided > 0) assumptions.push({ kind: 'undecided', nodes: undecided })
  if (commits) {
    const onto = begin.head
    evolve(begin, { kind: 'revisionProposed', revision, onto, target, author: REHEARSAL, message: '' })
  }
  const snapshot = takeSnapshot(begin)
  return answer({
    ground,
    world: () => restoreSnapshot(structuredClone(snapshot), past.language),
    commands: (world) => [
      { kind: 'startSession', by: REHEARSAL },
      ...(commits
        ? [{ kind: 'commitRevision', revision, onto: world.head, author: REHEARSAL, message: '' } as const]
        : []),
      ...retries(world),
    ],
    revision: revisionShown(past, request, changes),
    afresh,
    assumptions,
  })
}

const REHEARSAL = 'a rehearsal'

function targetMeant(past: World, { what }: RehearsalRequest, now: number): Answer<Target> {
  switch (what.kind) {
    case 'files':
      return targetOf(past, what.site, now)
    case 'committed':
      if (past.target) return answer(past.target)
      return refuse({
        code: 'nothingThere',
        message: 'nothing was ever committed; without --committed the files are rehearsed',
      })
    case 'revision': {
      const record = past.revisions.get(what.revision)
      if (record) return answer(record.target)
      return refuse({ code: 'unknownRevision', message: `there is no revision ${what.revision}` })
    }
  }
}

function revisionShown(past: World, { what }: RehearsalRequest, changes: boolean): number {
  if (what.kind === 'revision') return what.revision
  return changes ? nextRevision(past) : past.head
}

interface Sized {
  target: Target
  copies: Copies
  assumptions: Assumption[]
}

function resize(target: Target, nodes: number | undefined): Answer<Sized> {
  const from = Object.keys(target.nodes).length
  if (nodes === undefined || nodes === from) return answer({ target, copies: new Map(), assumptions: [] })
  if (nodes < from || from === 0) {
    const message = `the site has ${from} nodes; it can be rehearsed with more of them and not with ${nodes}`
    return refuse({ code: 'conflict', message, nodeRoles: [] })
  }
  const copies = copiesFor(target, nodes)
  const { target: grown, kept } = multiply(target, copies)
  const assumptions: Assumption[] = [{ kind: 'multiplied', from, to: nodes }]
  if (kept.length > 0) assumptions.push({ kind: 'notMultiplied', placements: kept })
  return answer({ target: grown, copies, assumptions })
}

function groundOf(past: World, { fail, dead }: RehearsalRequest, target: Target, copies: Copies): Ground {
  return {
    durations: past.durations,
    past: new PastRuns(past.runs.values()),
    odds: learntOdds(past),
    fail,
    dead,
    facts: new Facts(past, copies, target.nodes),
    said: new Said(past, copies),
    unmeasured: nothingUnmeasured(),
  }
}

/** Nothing has happened yet, and only what was learnt of durations is known. */
function unspoilt(past: World): World {
  const world = newWorld(past.language)
  for (const [what, measured] of past.durations) world.durations.set(what, measured)
  return world
}

/** What was committed so far, on as many nodes, brought to rest: copies have the past of those that they are copies of. */
function withSharedPast(begin: World, target: Target, copies: Copies, ground: Ground, now: number): World {
  const kind = 'revisionProposed'
  const revision = nextRevision(begin)
  const onto = begin.head
  const grown = multiply(target, copies).target
  evolve(begin, { kind, revision, onto, target: grown, author: REHEARSAL, message: '' })
  const learnt = new Map(begin.durations)
  const lucky: Ground = {
    ...ground,
    durations: new Map(),
    past: new PastRuns([]),
    fail: 0,
    dead: 0,
    unmeasured: nothingUnmeasured(),
  }
  const rehearsal = new Rehearsal(begin, new Machines(lucky, 0), now, () => {})
  rehearsal.begin([
    { kind: 'startSession', by: REHEARSAL },
    { kind: 'commitRevision', revision, onto, author: REHEARSAL, message: '' },
  ])
  while (rehearsal.step());
  // What took no time there is nothing to learn from.
  begin.durations = learnt
  return begin
}

/** What is in error is tried again, as `anneal up` does. */
function retries(world: World): Command[] {
  const spent = [...world.nodeRoles.values()].filter(({ state }) => state === 'error')
  return spent.map(({ id }) => ({ kind: 'retryNodeRole', nodeRole: id, by: REHEARSAL }))
}
