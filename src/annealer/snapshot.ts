// Snapshots: what events told, as JSON, and the world made again from it. What is derived is derived anew.
import { assert } from '../base/assert.ts'
import { isObject, type Json } from '../base/json.ts'
import type { ExecOutcome } from '../model/exec.ts'
import type { Language } from '../model/language.ts'
import { nodeRoleName } from '../model/names.ts'
import { scopeKey } from '../model/scope.ts'
import type { Target } from '../model/site.ts'
import { maySayAsleep, readsEarly, wake } from './asleep.ts'
import { markForCheck, scheduleChecks } from './check-schedule.ts'
import { expectedMs } from './expected.ts'
import { newNode } from './new-node.ts'
import { newNodeRole, nodeOf, placeTarget } from './placing.ts'
import { addRemoving } from './removal.ts'
import { ranksOf } from './rank.ts'
import { unpack } from './packing.ts'
import { expectFit, recall, type Row } from './snapshot-rows.ts'
import { type Shape, type ToldOfNode, type ToldRollout } from './snapshot-shape.ts'
import { rebind } from './bind.ts'
import { buildPlan } from './build-plan.ts'
import { settleEarly } from './early.ts'
import { type Group, groupId, type Plan } from './graph.ts'
import { takeLocks } from './locks.ts'
import { lacksRunner } from './runners.ts'
import type { Rollout, RolloutVariant } from './rollout.ts'
import { Taking } from './taking.ts'
import { unpackLists } from './shared-lists.ts'
import { touch } from './touch.ts'
import { Unread } from './unread.ts'
import { settle } from './turn.ts'
import { newWorld, type NodeRole, type RunRecord, type World } from './world.ts'

/** Equal worlds give equal snapshots: two of them tell whether a replay is true. */
export function takeSnapshot(world: World): Json {
  // What the world writes into is copied; what is only ever replaced is as it is, and need not be.
  return new Taking(world).shape() as unknown as Json
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
  for (const told of shape.revisions) {
    const target = unpackLists(told.target, shape.lists)
    world.revisions.set(told.revision, { ...told, target })
  }
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
  const restored = restoreNodeRoles(world, shape, inFlight)
  for (const run of inFlight.values()) resumeRun(world, run)
  scheduleChecks(world)
  bindAll(world, restored)
  settle(world)
  return world
}

interface Restored {
  /** To be bound at once. */
  awake: NodeRole[]
  groups: ToldOfGroup[]
}

interface ToldOfGroup {
  group: Group
  unread: Unread
  /** By place. */
  apart: ReadonlyMap<number, Row>
  /** Its members may sleep, and so many do. */
  sleeps: boolean
  asleep: number
}

/** Before anything is judged: what a node-role ran with is what it is bound to now. No state makes a value. */
function bindAll(world: World, { awake, groups }: Restored): void {
  settleEarly(world)
  const withSleepers = groups.filter(({ asleep }) => asleep > 0)
  for (const { group, asleep } of withSleepers) {
    group.asleep = asleep
    if (readsEarly(group)) for (const member of group.members.list) if (member.isAsleep) unmark(member)
    for (const input of group.inputs) input.marked = false
  }
  for (const nodeRole of awake) {
    rebind(nodeRole)
    unmark(nodeRole)
    expectFit(nodeRole)
  }
  // One of each role, so that it is not late when another build of the same edition answers otherwise.
  const tried = new Set<string>()
  for (const { group } of withSleepers) {
    if (tried.has(group.role.digest)) continue
    const first = group.members.list.find(({ isAsleep }) => isAsleep)
    if (!first) continue
    wake(first)
    tried.add(group.role.digest)
  }
}

/** It is bound to what is known. */
function unmark(nodeRole: NodeRole): void {
  nodeRole.stale = false
  nodeRole.staleInput = undefined
}

/** A world of its own with the same past, to see what would happen. */
export function forkWorld(world: World): World {
  return restoreSnapshot(takeSnapshot(world), world.language)
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
  const node = Object.assign(newNode(name, spec), told)
  world.nodes.set(name, node)
  if (!node.alive) world.contactsWanted.add(node)
  if (node.check) world.checking.add(node)
  if (node.checkAsked) markForCheck(world, node)
}

function restoreNodeRoles(world: World, shape: Shape, inFlight: ReadonlyMap<string, RunRecord>): Restored {
  const restored: Restored = { awake: [], groups: [] }
  const { target } = world.revisions.get(world.head) ?? {}
  if (!target) return restored
  const { rows, apart, leaving, large, edition } = shape
  const older = new Map<number, Plan>()
  for (const [id, revision, row] of leaving) {
    const group = groupThen(world, older, id, revision)
    const nodeRole = newNodeRole(world, group, nodeOf(world, nodeRoleName(id).node))
    recall(nodeRole, row, large, false)
    addRemoving(world, nodeRole)
    nodeRole.flight = inFlight.get(id)
  }
  const isSameEdition = edition === world.language.edition
  let mayAllSleep: boolean | undefined
  let told: ToldOfGroup | undefined
  placeTarget(world, target, (nodeRole) => {
    const { group, place } = nodeRole
    // Members of one stand side by side.
    if (told?.group !== group) {
      const blocks = rows[group.id]
      assert(blocks, `${group.id} is not in the snapshot`)
      mayAllSleep ??= maySayAsleep(world.plan)
      const sleeps = isSameEdition && (mayAllSleep || group.early.length === 0)
      told = { group, unread: new Unread(blocks), apart: new Map(apart[group.id]), sleeps, asleep: 0 }
      restored.groups.push(told)
      if (sleeps) group.unread = told.unread
    }
    const row = told.apart.get(place)
    let found: ReturnType<typeof recall> = 'atRest'
    if (told.sleeps && !row) nodeRole.recallUnread()
    else found = recall(nodeRole, row ?? told.unread.rowAt(place), large, told.sleeps)
    if (told.sleeps && group.early.length > 0) nodeRole.recallEarly()
    if (found === 'awake') return restored.awake.push(nodeRole) > 0
    told.asleep++
    if (found === 'atRest' && isUndisturbed(world, nodeRole)) leaveAtRest(world, nodeRole)
    else touch(world, nodeRole)
    return false
  })
  return restored
}

/** Nothing but itself keeps it from being active: then that is what judging it would say. */
function isUndisturbed(world: World, { node, group }: NodeRole): boolean {
  if (group.maxFailures !== undefined) return false
  return !node || (node.alive === true && !node.unavailable && !lacksRunner(world, node))
}

/** As looking at it would. What it requires and is in error touches it when that is seen. */
function leaveAtRest(world: World, nodeRole: NodeRole): void {
  const { group, node } = nodeRole
  nodeRole.state = 'active'
  nodeRole.reasonKind = 'current'
  world.counts.active++
  group.counts.active++
  if (node) markForCheck(world, node)
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
