// Rehearsing: the same change carried out several times with other luck, and what came of it in one report.
import { criticalPath } from '../annealer/critical-path.ts'
import { isAtRest } from '../annealer/due.ts'
import { judge } from '../annealer/judge.ts'
import { remainsOf } from '../annealer/remains.ts'
import type { World } from '../annealer/world.ts'
import type { CriticalPath } from '../model/cycle.ts'
import type {
  GroupAtOnce,
  LeftOver,
  RehearsalEnd,
  RehearsalReport,
  RehearsalRequest,
  Spread,
} from '../model/rehearsal.ts'
import type { Reason } from '../model/reason.ts'
import { type Answer, answer } from '../model/refusal.ts'
import { AtOnce } from './at-once.ts'
import { hashOf } from './dice.ts'
import { groundAssumptions, Machines } from './machines.ts'
import { type Prepared, prepare } from './prepare.ts'
import { Rehearsal } from './rehearsal.ts'

/** `past` is left as it is. */
export function rehearse(past: World, request: RehearsalRequest, now: number): Answer<RehearsalReport> {
  const prepared = prepare(past, request, now)
  if (!prepared.ok) return prepared
  const first = rehearseOnce(prepared.value, request.seed, 0, now)
  const times = request.times ?? timesFor(first.nodeRoles)
  const outcomes = [first]
  for (let number = 1; number < times; number++)
    outcomes.push(rehearseOnce(prepared.value, request.seed, number, now))
  return answer(reportOf(past, request, prepared.value, outcomes))
}

const TIMES_MOST = 20
const TIMES_LEAST = 3
/** So many in all rehearsals together are a matter of seconds. */
const NODE_ROLES_IN_ALL = 100_000

function timesFor(nodeRoles: number): number {
  return Math.min(TIMES_MOST, Math.max(TIMES_LEAST, Math.floor(NODE_ROLES_IN_ALL / Math.max(1, nodeRoles))))
}

interface Outcome {
  end: RehearsalEnd
  tookMs: number
  nodes: number
  nodeRoles: number
  atOnce: AtOnce
  left: Map<string, LeftOver>
  path: CriticalPath | undefined
}

function rehearseOnce(prepared: Prepared, seed: number, number: number, now: number): Outcome {
  const world = prepared.world()
  const atOnce = new AtOnce()
  const machines = new Machines(prepared.ground, hashOf(`${seed} ${number}`))
  const rehearsal = new Rehearsal(world, machines, now, (made) => atOnce.take(made, world))
  rehearsal.begin(prepared.commands(world))
  while (rehearsal.step());
  const cycle = world.cycles.at(-1)
  return {
    end: endOf(world),
    tookMs: world.now - rehearsal.beganAt,
    nodes: world.nodes.size,
    nodeRoles: world.nodeRoles.size,
    atOnce,
    left: leftIn(world),
    path: cycle && atOnce.runs.length > 0 ? criticalPath(world, cycle, atOnce.runs) : undefined,
  }
}

function endOf(world: World): RehearsalEnd {
  if (!isAtRest(world)) return 'endless'
  const remains = remainsOf(world)
  return remains === 'problems' || remains === 'word' ? remains : 'ready'
}

/** By all that makes two of them alike. */
function leftIn(world: World): Map<string, LeftOver> {
  const left = new Map<string, LeftOver>()
  for (const nodeRole of world.nodeRoles.values()) {
    if (nodeRole.state === 'active') continue
    const { state, reason } = judge(world, nodeRole)
    const { id, deployment, group } = nodeRole
    const role = group.role.name
    const key = `${deployment}/${role} ${state} ${kindOf(reason)}`
    const known = left.get(key)
    if (known) known.nodeRoles++
    else
      left.set(key, { deployment, role, state, nodeRole: id, reason, at: world.now, nodeRoles: 1, times: 1 })
  }
  return left
}

function kindOf(reason: Reason): string {
  if (reason.kind === 'inputUnbound') return `${reason.kind} ${reason.input} ${reason.unbound.kind}`
  if (reason.kind !== 'waits') return reason.kind
  const { wait } = reason
  return wait.kind === 'step' ? `step ${wait.hold.kind}` : `waits ${wait.kind}`
}

function reportOf(
  past: World,
  { seed }: RehearsalRequest,
  { revision, afresh, assumptions, ground }: Prepared,
  outcomes: readonly Outcome[],
): RehearsalReport {
  const spread = (value: (outcome: Outcome) => number): Spread => spreadOf(outcomes.map(value))
  const ends: RehearsalReport['ends'] = { ready: 0, word: 0, problems: 0, endless: 0 }
  for (const { end } of outcomes) ends[end]++
  const [first] = outcomes as [Outcome]
  const toRestMs = spread(({ tookMs }) => tookMs)
  const { path } = outcomes.find(({ tookMs }) => tookMs === toRestMs.p50) ?? first
  return {
    revision,
    onto: past.head,
    afresh,
    seed,
    times: outcomes.length,
    nodes: first.nodes,
    nodeRoles: first.nodeRoles,
    toRestMs,
    runs: spread(({ atOnce }) => atOnce.runs.length),
    failed: spread(({ atOnce }) => atOnce.failed),
    atOnce: spread(({ atOnce }) => atOnce.all.most),
    ends,
    left: allLeft(outcomes),
    groups: allGroups(outcomes),
    ...(path && { path }),
    assumptions: [...assumptions, ...groundAssumptions(ground)],
  }
}

/** By nearest rank, so that each of these is what one of the rehearsals gave. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number
  return { least: at(0), p50: at(0.5), p95: at(0.95), most: at(1) }
}

function allLeft(outcomes: readonly Outcome[]): LeftOver[] {
  const all = new Map<string, LeftOver>()
  for (const { left } of outcomes) {
    for (const [key, one] of left) {
      const known = all.get(key)
      if (!known) all.set(key, { ...one })
      else {
        known.times++
        known.nodeRoles = Math.max(known.nodeRoles, one.nodeRoles)
      }
    }
  }
  const first = (one: LeftOver): number => (one.state === 'error' ? 0 : one.state === 'todo' ? 1 : 2)
  return [...all.values()].sort(
    (a, b) =>
      first(a) - first(b) ||
      b.times - a.times ||
      b.nodeRoles - a.nodeRoles ||
      (a.nodeRole < b.nodeRole ? -1 : 1),
  )
}

function allGroups(outcomes: readonly Outcome[]): GroupAtOnce[] {
  const all = new Map<string, GroupAtOnce>()
  for (const { atOnce } of outcomes) {
    for (const [id, { deployment, role, members, running, inService }] of atOnce.groups) {
      const known = all.get(id) ?? { deployment, role, members, atOnce: 0, disrupted: 0 }
      known.atOnce = Math.max(known.atOnce, running.most)
      known.disrupted = Math.max(known.disrupted, inService.most)
      all.set(id, known)
    }
  }
  return [...all.values()].sort(
    (a, b) =>
      b.disrupted - a.disrupted ||
      b.atOnce - a.atOnce ||
      (`${a.deployment}/${a.role}` < `${b.deployment}/${b.role}` ? -1 : 1),
  )
}
