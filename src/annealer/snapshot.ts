// Snapshots: what events told, as JSON, and the world made again from it. What is derived is derived anew.
import { assert } from '../base/assert.ts'
import { isObject, type Json } from '../base/json.ts'
import type { ExecOutcome } from '../model/exec.ts'
import type { Language } from '../model/language.ts'
import { nodeRoleName } from '../model/names.ts'
import { type Scope, scopeKey } from '../model/scope.ts'
import type { CycleRecord } from './cycles.ts'
import { markForCheck, scheduleChecks } from './check-schedule.ts'
import { expectedMs, type Measured } from './expected.ts'
import { newNodeRole, placeTarget } from './placing.ts'
import { ranksOf } from './rank.ts'
import { type Packed, Packer, unpack } from './packing.ts'
import { buildPlan } from './build-plan.ts'
import { type Group, groupId, type Plan } from './graph.ts'
import { takeLocks } from './locks.ts'
import type { Pass, Rollout, RolloutVariant } from './rollout.ts'
import { settle } from './turn.ts'
import {
  type ExecRecord,
  type Hold,
  newWorld,
  type NodeRecord,
  type NodeRole,
  type Rinse,
  type RunnerRecord,
  type RunRecord,
  type RevisionRecord,
  type Success,
  type TokenRecord,
  type World,
} from './world.ts'

/** Goes up when the shape below changes; older snapshots are then left aside and the journal is replayed. */
export const SNAPSHOT_VERSION = 18

interface Shape {
  now: number
  disturbance: number
  disturbedAll: number
  disturbed: [string, number][]
  session: number
  sessionBy: string
  stays: boolean
  only: World['only'] | null
  stoppedBy: string | null
  holds: Hold[]
  execs: (Omit<ExecRecord, 'nodes'> & { nodes: [string, ExecOutcome | null][] })[]
  execsStarted: number
  chosen: { only: Scope[]; by: string } | null
  head: number
  revisions: RevisionRecord[]
  nodes: ToldOfNode[]
  nodeRoles: PackedTold[]
  rinses: Omit<Rinse, 'members' | 'toRemove' | 'first'>[]
  rinsesAsked: number
  runsStarted: number
  checksStarted: number
  runs: (Omit<RunRecord, 'inputs'> & { inputs: Packed })[]
  /** What the inputs of node-roles and runs refer to. */
  large: Json[]
  rollouts: ToldRollout[]
  rolloutsBegun: number
  allowed: [string, string][]
  durations: [string, Measured][]
  cycles: CycleRecord[]
  lastTouch: World['lastTouch'] | null
  tokens: TokenRecord[]
  runners: RunnerRecord[]
}

type ToldRollout = Omit<Rollout, 'variants' | 'where'> & {
  variants: (Omit<RolloutVariant, 'passes'> & { passes: [string, Pass][] })[]
}

const TOLD = [
  'revision',
  'leaving',
  'success',
  'attempts',
  'lost',
  'cancelled',
  'asked',
  'rinse',
  'checkedNo',
  'drift',
  'repairs',
  'checkedAt',
  'foundWellAt',
  'touched',
  'ran',
  'unlike',
  'lastRun',
] as const
type ToldOfNode = Omit<NodeRecord, 'nodeRoles' | 'checkAt' | 'lock'>
type Told = { id: string } & Pick<NodeRole, (typeof TOLD)[number]>
type PackedTold = Omit<Told, 'success'> & {
  success?: (Omit<Success, 'inputs'> & { inputs: Packed }) | undefined
}

/** Equal worlds give equal snapshots: two of them tell whether a replay is true. */
export function takeSnapshot(world: World): Json {
  const packer = new Packer()
  const packed = ({ success, ...told }: Told): PackedTold =>
    success ? { ...told, success: { ...success, inputs: packer.pack(success.inputs) } } : told
  const shape: Shape = {
    now: world.now,
    disturbance: world.disturbance,
    disturbedAll: world.disturbedAll,
    disturbed: [...world.disturbed].sort(by(([group]) => group)),
    session: world.session,
    sessionBy: world.sessionBy,
    stays: world.stays,
    only: world.only ?? null,
    stoppedBy: world.stoppedBy ?? null,
    holds: [...world.holds.values()],
    execs: [...world.execs.values()].map((one) => ({
      ...one,
      nodes: [...one.nodes].map(([node, outcome]) => [node, outcome ?? null]),
    })),
    execsStarted: world.execsStarted,
    chosen: world.chosen ?? null,
    head: world.head,
    revisions: [...world.revisions.values()],
    nodes: [...world.nodes.values()].map(toldOfNode).sort(by((node) => node.name)),
    nodeRoles: [...world.nodeRoles.values()]
      .map(toldOf)
      .sort(by((told) => told.id))
      .map(packed),
    rinses: [...world.rinses.values()].map(toldOfRinse),
    rinsesAsked: world.rinsesAsked,
    runsStarted: world.runsStarted,
    checksStarted: world.checksStarted,
    runs: [...world.runs.values()].map((run) => ({ ...run, inputs: packer.pack(run.inputs) })),
    large: packer.list,
    rollouts: [...world.rollouts.values()].map(toldOfRollout),
    rolloutsBegun: world.rolloutsBegun,
    allowed: [...world.allowed].sort(by(([group]) => group)),
    durations: [...world.durations].sort(by(([what]) => what)),
    cycles: world.cycles,
    lastTouch: world.lastTouch ?? null,
    tokens: [...world.tokens.values()].map((token) => ({ ...token })),
    runners: [...world.runners.values()],
  }
  return JSON.parse(JSON.stringify(shape)) as Json
}

/** Throws nothing on what `takeSnapshot` made; the journal vouches for the bytes. */
export function restoreSnapshot(state: Json, language: Language): World {
  assert(isObject(state), 'a snapshot is an object')
  const shape = state as unknown as Shape
  const world = newWorld(language)
  world.now = shape.now
  world.disturbance = shape.disturbance
  world.disturbedAll = shape.disturbedAll
  world.disturbed = new Map(shape.disturbed)
  world.session = shape.session
  world.sessionBy = shape.sessionBy
  world.stays = shape.stays
  world.only = shape.only ?? undefined
  world.stoppedBy = shape.stoppedBy ?? undefined
  for (const hold of shape.holds) world.holds.set(scopeKey(hold.scope), hold)
  world.chosen = shape.chosen ?? undefined
  world.execsStarted = shape.execsStarted
  for (const { nodes, ...told } of shape.execs) {
    const outcomes = nodes.map(([node, outcome]): [string, ExecOutcome | undefined] => [
      node,
      outcome ?? undefined,
    ])
    world.execs.set(told.exec, { ...told, nodes: new Map(outcomes) })
  }
  world.head = shape.head
  world.runsStarted = shape.runsStarted
  world.rinsesAsked = shape.rinsesAsked
  for (const told of shape.rinses)
    world.rinses.set(told.rinse, { ...told, members: new Set(), toRemove: new Set() })
  world.checksStarted = shape.checksStarted
  for (const revision of shape.revisions) world.revisions.set(revision.revision, revision)
  for (const node of shape.nodes) restoreNode(world, node)
  world.rolloutsBegun = shape.rolloutsBegun
  for (const rollout of shape.rollouts) restoreRollout(world, rollout)
  for (const [group, roleDigest] of shape.allowed) world.allowed.set(group, roleDigest)
  for (const [what, measured] of shape.durations) world.durations.set(what, measured)
  world.cycles = shape.cycles
  world.lastTouch = shape.lastTouch ?? undefined
  for (const token of shape.tokens) world.tokens.set(token.token, token)
  for (const runner of shape.runners) world.runners.set(runner.runner, runner)
  const inFlight = new Map<string, RunRecord>()
  for (const { inputs, ...told } of shape.runs) {
    const run: RunRecord = { ...told, inputs: unpack(inputs, shape.large) }
    world.runs.set(run.run, run)
    if (run.result === 'running') inFlight.set(run.nodeRole, run)
  }
  restoreNodeRoles(world, shape.nodeRoles.map(unpacked), inFlight)
  for (const run of inFlight.values()) resumeRun(world, run)
  scheduleChecks(world)
  settle(world)
  return world

  function unpacked({ success, ...told }: PackedTold): Told {
    return { ...told, success: success && { ...success, inputs: unpack(success.inputs, shape.large) } }
  }
}

/** A world of its own with the same past, to see what would happen. */
export function forkWorld(world: World): World {
  return restoreSnapshot(takeSnapshot(world), world.language)
}

function toldOfNode(node: NodeRecord): ToldOfNode {
  const told: Partial<NodeRecord> & ToldOfNode = { ...node }
  delete told.nodeRoles
  delete told.checkAt
  delete told.lock
  return told
}

function toldOfRinse({ rinse, by, why, once }: Rinse): Shape['rinses'][number] {
  return why === undefined ? { rinse, by, once } : { rinse, by, why, once }
}

function toldOfRollout({ id, group, since, variants }: Rollout): ToldRollout {
  return {
    id,
    group,
    since,
    variants: variants.map(({ passes, ...variant }) => ({ ...variant, passes: [...passes] })),
  }
}

function restoreRollout(world: World, { variants, ...told }: ToldRollout): void {
  const rollout: Rollout = { ...told, variants: [], where: new Map() }
  for (const { passes, approved, ...each } of variants) {
    const variant: RolloutVariant = { ...each, approved, passes: new Map() }
    for (const [node, { begun, usedFor }] of passes) variant.passes.set(node, { begun, usedFor })
    for (const node of variant.nodes) rollout.where.set(node, variant)
    rollout.variants.push(variant)
  }
  world.rollouts.set(rollout.group, rollout)
}

function toldOf(nodeRole: NodeRole): Told {
  const told = { id: nodeRole.id } as Record<string, unknown>
  for (const field of TOLD) told[field] = nodeRole[field]
  return told as Told
}

function restoreNode(world: World, { name, spec, ...told }: ToldOfNode): void {
  const node: NodeRecord = { ...NEW_NODE, ...told, name, spec, nodeRoles: new Set() }
  world.nodes.set(name, node)
  if (!node.alive) world.contactsWanted.add(node)
  if (node.check) world.checking.add(node)
  if (node.checkAsked) markForCheck(world, node)
}

const NEW_NODE = {
  facts: undefined,
  alive: undefined,
  fault: undefined,
  since: 0,
  reachedIn: 0,
  tries: 0,
  contactAt: 0,
  unavailable: undefined,
  ranIn: 0,
  checkAsked: undefined,
  check: undefined,
  checkAt: undefined,
  lock: undefined,
}

function restoreNodeRoles(world: World, all: Told[], inFlight: ReadonlyMap<string, RunRecord>): void {
  const { target } = world.revisions.get(world.head) ?? {}
  if (!target) return
  const older = new Map<number, Plan>()
  for (const { id, ...told } of all) {
    if (!told.leaving) continue
    const group = groupThen(world, older, id, told.revision)
    Object.assign(newNodeRole(world, id, group, nodeRoleName(id).node), told, { flight: inFlight.get(id) })
  }
  const known = new Map(all.map((told) => [told.id, told]))
  placeTarget(world, target, (nodeRole) => Object.assign(nodeRole, known.get(nodeRole.id)))
}

/** The group of a leaving node-role, in the plan of the revision that had placed it. */
function groupThen(world: World, older: Map<number, Plan>, id: string, revision: number): Group {
  const { deployment, role } = nodeRoleName(id)
  const target = world.revisions.get(revision)?.target
  assert(target, `${id} leaves since revision ${revision}, which is not kept`)
  const plan = older.get(revision) ?? buildPlan(target, world.language)
  if (!older.has(revision)) for (const [group, rank] of ranksOf(plan, expectedMs(world))) group.rank = rank
  older.set(revision, plan)
  const group = plan.groups.get(groupId(deployment, role))
  assert(group, `revision ${revision} does not place ${role} in ${deployment}`)
  return group
}

function resumeRun(world: World, run: RunRecord): void {
  const nodeRole = world.nodeRoles.get(run.nodeRole)
  assert(nodeRole, `${run.run} is in flight for ${run.nodeRole}, which is not there`)
  nodeRole.flight = run
  world.inFlight.add(run)
  takeLocks(world, nodeRole, run.locks)
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)
}
