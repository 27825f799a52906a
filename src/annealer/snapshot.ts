// Snapshots: what events told, as JSON, and the world made again from it. What is derived is derived anew.
import { assert } from '../base/assert.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { ExecOutcome } from '../model/exec.ts'
import type { Language } from '../model/language.ts'
import { nodeRoleName } from '../model/names.ts'
import { type Scope, scopeKey } from '../model/scope.ts'
import type { Target } from '../model/site.ts'
import type { CycleRecord } from './cycles.ts'
import { markForCheck, scheduleChecks } from './check-schedule.ts'
import { expectedMs, type Measured } from './expected.ts'
import { newNodeRole, placeTarget } from './placing.ts'
import { ranksOf } from './rank.ts'
import { type Packed, Packer, unpack } from './packing.ts'
import { recall, recallInputs, type Row, rowOf } from './snapshot-rows.ts'
import { rebind } from './bind.ts'
import { buildPlan } from './build-plan.ts'
import { settleEarly } from './early.ts'
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
  type TokenRecord,
  type World,
} from './world.ts'

/** Goes up when the shape below changes; older snapshots are then left aside and the journal is replayed. */
export const SNAPSHOT_VERSION = 19

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
  /** By group, in the order of its members. */
  rows: Record<string, Row[]>
  leaving: [id: string, revision: number, row: Row][]
  rinses: Omit<Rinse, 'members' | 'toRemove' | 'first'>[]
  rinsesAsked: number
  runsStarted: number
  checksStarted: number
  runs: ToldOfRun[]
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

/** Without what is as of a new one, and the spec where it is that of the target. */
type ToldOfNode = { name: string } & Partial<Omit<NodeRecord, 'nodeRoles' | 'checkAt' | 'lock'>>
type ToldOfRun = Omit<RunRecord, 'inputs'> & { inputs: Packed }

/** Equal worlds give equal snapshots: two of them tell whether a replay is true. */
export function takeSnapshot(world: World): Json {
  const packer = new Packer()
  const groups = [...world.plan.groups.values()].sort(by(({ id }) => id))
  // Made of what nobody writes into: they need not be copied, and a million of them would take long.
  const rows: Record<string, Row[]> = {}
  for (const { id, list } of groups) rows[id] = list.map((one) => rowOf(world, one, packer))
  const nodes = [...world.nodes.values()].map((node) => toldOfNode(world, node)).sort(by(({ name }) => name))
  const shape: Omit<Shape, 'rows' | 'nodes'> = {
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
    leaving: leavingOf(world).map((one) => [one.id, one.revision, rowOf(world, one, packer)]),
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
  const copy = JSON.parse(JSON.stringify(shape)) as JsonObject
  return { ...copy, nodes: nodes as unknown as Json, rows }
}

function leavingOf({ leaving }: World): NodeRole[] {
  return [...leaving.values()].flatMap((members) => [...members.values()]).sort(by(({ id }) => id))
}

/** Throws `Misfit`, and nothing else, on what `takeSnapshot` made; the journal vouches for the bytes. */
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
  const target = world.revisions.get(world.head)?.target
  for (const node of shape.nodes) restoreNode(world, node, target)
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
  restoreNodeRoles(world, shape, inFlight)
  for (const run of inFlight.values()) resumeRun(world, run)
  scheduleChecks(world)
  bindAll(world)
  settle(world)
  return world
}

/** Before anything is judged: what a node-role ran with is what it is bound to now. No state makes a value. */
function bindAll(world: World): void {
  settleEarly(world)
  for (const nodeRole of world.nodeRoles.values()) {
    if (nodeRole.leaving) continue
    rebind(nodeRole)
    nodeRole.stale = false
    nodeRole.staleInput = undefined
    recallInputs(nodeRole)
  }
}

/** A world of its own with the same past, to see what would happen. */
export function forkWorld(world: World): World {
  return restoreSnapshot(takeSnapshot(world), world.language)
}

function toldOfNode({ target }: World, node: NodeRecord): ToldOfNode {
  const { name, spec } = node
  const told: Record<string, unknown> = { name }
  for (const [field, usual] of Object.entries(NEW_NODE)) {
    const value = node[field as keyof typeof NEW_NODE]
    if (value !== usual) told[field] = field === 'facts' ? value : JSON.parse(JSON.stringify(value))
  }
  if (target?.nodes[name] !== spec) told['spec'] = spec
  return told as ToldOfNode
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

function restoreNode(world: World, told: ToldOfNode, target: Target | undefined): void {
  const { name, spec = target?.nodes[name] } = told
  assert(spec, `node ${name} is nowhere described`)
  const derived = { nodeRoles: new Set<NodeRole>(), checkAt: undefined, lock: undefined }
  const node: NodeRecord = { ...NEW_NODE, ...told, name, spec, ...derived }
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
}

function restoreNodeRoles(world: World, shape: Shape, inFlight: ReadonlyMap<string, RunRecord>): void {
  const { target } = world.revisions.get(world.head) ?? {}
  if (!target) return
  const { rows, leaving, large } = shape
  const older = new Map<number, Plan>()
  for (const [id, revision, row] of leaving) {
    const group = groupThen(world, older, id, revision)
    const nodeRole = newNodeRole(world, id, group, nodeRoleName(id).node)
    recall(world, nodeRole, row, large)
    nodeRole.flight = inFlight.get(id)
  }
  placeTarget(world, target, (nodeRole) => {
    const row = rows[nodeRole.group.id]?.[nodeRole.place]
    assert(row, `${nodeRole.id} is not in the snapshot`)
    recall(world, nodeRole, row, large)
  })
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
