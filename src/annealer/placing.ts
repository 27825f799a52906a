// Placing: makes nodes, groups and node-roles those of a target, and lets go of what it does not name any more.
import { assert } from '../base/assert.ts'
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { isSameJson } from '../base/same-json.ts'
import { NO_NODE } from '../model/names.ts'
import type { NodeSpec, Target } from '../model/site.ts'
import { wakeAll } from './asleep.ts'
import { expectedMs } from './expected.ts'
import { keepRanWith } from './bind.ts'
import { buildPlan } from './build-plan.ts'
import { newNode } from './new-node.ts'
import type { Group } from './graph.ts'
import { markForCheck, scheduleChecks } from './check-schedule.ts'
import { clearWaiting } from './locks.ts'
import { rankNodeRoles } from './node-ranks.ts'
import { addRemoving, dropRemoving } from './removal.ts'
import { leaveRinse, resumeRinse } from './rinse.ts'
import { noteForSteps } from './rollout.ts'
import { touch, touchBinding, touchNode } from './touch.ts'
import { NodeRole } from './node-role.ts'
import { nodeCalled, type NodeRecord, type World } from './world.ts'

/**
 * Makes the world's nodes, groups and node-roles those of the target. `recall` may tell a node-role its past first, and says whether
 * it is to be bound.
 */
export function placeTarget(world: World, target: Target, recall?: (nodeRole: NodeRole) => boolean): void {
  wakeAll(world)
  world.target = target
  for (const name of Object.keys(target.nodes)) placeNode(world, name, target.nodes[name] as NodeSpec)
  world.ready.clear()
  clearWaiting(world)
  const before = world.plan
  const leaving = leavingById(world)
  world.plan = buildPlan(target, world.language)
  // Many groups have the same members; each by its name among all takes longer than all else here.
  const nodesOf = new Map<readonly string[], (NodeRecord | undefined)[]>()
  for (const group of world.plan.groups.values()) {
    const { memberNames } = group
    const nodes = nodesOf.get(memberNames) ?? memberNames.map((name) => nodeOf(world, name))
    nodesOf.set(memberNames, nodes)
    const members = before.groups.get(group.id)?.members
    for (const [place, name] of memberNames.entries()) {
      const left = leaving.size > 0 ? leaving.get(`${group.id} ${name}`) : undefined
      const nodeRole = placeNodeRole(world, group, nodes[place], members?.get(name, place) ?? left)
      if (!recall || recall(nodeRole)) touchBinding(world, nodeRole)
      resumeRinse(world, nodeRole)
    }
    group.members.filled()
  }
  rankNodeRoles(world.plan, expectedMs(world))
  for (const group of before.groups.values()) {
    for (const nodeRole of group.members.list) {
      if (nodeRole.group !== group) continue
      if (mustBeUndone(nodeRole)) leave(world, nodeRole)
      else dropNodeRole(world, nodeRole)
    }
  }
  for (const nodeRole of leaving.values()) if (nodeRole.leaving) leave(world, nodeRole)
  for (const node of world.nodes.values()) dropNodeWhenDone(world, node)
  for (const group of world.rollouts.keys()) world.stepsDue.add(group)
  scheduleChecks(world)
}

/** By their group and their node: who is among them may be placed again. */
function leavingById({ leaving }: World): ReadonlyMap<string, NodeRole> {
  const found = new Map<string, NodeRole>()
  for (const [{ id }, members] of leaving)
    for (const [node, nodeRole] of members) found.set(`${id} ${node}`, nodeRole)
  return found
}

/** Of a node-role; undefined for those of none. */
export function nodeOf(world: World, name: string): NodeRecord | undefined {
  return name === NO_NODE ? undefined : nodeCalled(world, name)
}

function placeNode(world: World, name: string, spec: NodeSpec): void {
  const known = world.nodes.get(name)
  if (!known) {
    const node = newNode(name, spec)
    node.since = world.now
    if (!spec.available) node.unavailable = { by: 'the site file' }
    world.nodes.set(name, node)
    world.contactsWanted.add(node)
    return
  }
  if (isSameSpec(known.spec, spec)) {
    known.spec = spec
    return
  }
  world.taking?.keepNode(known)
  touchNode(world, known, true)
  if (known.spec.available !== spec.available)
    known.unavailable = spec.available ? undefined : { by: 'the site file' }
  if (canonical(known.spec.transport) !== canonical(spec.transport)) {
    // Another address may be another machine: it must be looked at before anything is said of it.
    known.alive = undefined
    known.fault = undefined
    known.reachedIn = 0
    known.tries = 0
    known.contactAt = 0
    world.contactsWanted.add(known)
  }
  known.spec = spec
}

function isSameSpec(a: NodeSpec, b: NodeSpec): boolean {
  return isSameJson(a as unknown as Json, b as unknown as Json)
}

function placeNodeRole(
  world: World,
  group: Group,
  node: NodeRecord | undefined,
  known: NodeRole | undefined,
): NodeRole {
  assert(!known?.isGone, 'what is gone is not placed again')
  const nodeRole = known ?? newNodeRole(world, group, node)
  if (known) world.taking?.keepNodeRole(known)
  if (nodeRole.leaving) comeBack(world, nodeRole)
  if (nodeRole.rinse?.removed === false) {
    dropRemoving(world, nodeRole)
    // Another role may remove it where this one could not.
    if (nodeRole.group.role.digest !== group.role.digest) nodeRole.attempts = undefined
  }
  if (!isOfSameRole(nodeRole.group, group)) keepRanWith(nodeRole)
  nodeRole.group = group
  // What its role said early before, and does not any more, is not known any more.
  for (const name of nodeRole.early.keys())
    if (!group.early.some((early) => early.name === name)) nodeRole.setEarly(name, undefined)
  // All circles that there are now are told anew.
  nodeRole.circling = undefined
  nodeRole.revision = world.head
  nodeRole.queued = false
  nodeRole.place = group.members.add(nodeRole)
  if (nodeRole.state) group.counts[nodeRole.state]++
  if (nodeRole.moving) group.moving++
  return nodeRole
}

/** Then what is bound of one has the same place in the other, and equal values have equal digests. */
function isOfSameRole(a: Group, b: Group): boolean {
  return (
    a.role.digest === b.role.digest &&
    a.inputs.length === b.inputs.length &&
    a.inputs.every(({ name }, i) => name === b.inputs[i]?.name)
  )
}

export function newNodeRole(world: World, group: Group, node: NodeRecord | undefined): NodeRole {
  const nodeRole = new NodeRole(node, group, world.head)
  world.nodeRoles.add(nodeRole)
  return nodeRole
}

/** What its removal has begun to undo must be done again, and so must what was tried in vain before it left. */
function comeBack(world: World, nodeRole: NodeRole): void {
  const { flight, attempts, lost, cancelled, lastRun } = nodeRole
  dropRemoving(world, nodeRole)
  nodeRole.leaving = false
  if (flight?.action === 'remove' || attempts || lost || cancelled) {
    nodeRole.success = undefined
    nodeRole.drift = undefined
    nodeRole.ran = undefined
    nodeRole.checkedNo = undefined
  }
  nodeRole.attempts = undefined
  nodeRole.lost = undefined
  nodeRole.cancelled = undefined
  if (lastRun !== undefined && lastRun !== nodeRole.success?.run)
    nodeRole.lost = { run: lastRun, digest: '', attempt: 0 }
}

/** Whether something of it may be on the node, or was found there and taken in. */
function mustBeUndone({ success, touched, flight }: NodeRole): boolean {
  return success !== undefined || touched || flight !== undefined
}

/** It keeps its old group, which the new plan does not know, for its role and its place in the order of removal. */
function leave(world: World, nodeRole: NodeRole): void {
  world.taking?.keepNodeRole(nodeRole)
  if (!nodeRole.leaving) {
    leaveRinse(world, nodeRole)
    // What went before was about `apply`; from here on these tell of its removal.
    nodeRole.attempts = undefined
    nodeRole.lost = undefined
    nodeRole.cancelled = undefined
    nodeRole.asked = undefined
    nodeRole.drift = undefined
  }
  nodeRole.leaving = true
  nodeRole.queued = false
  nodeRole.moving = false
  addRemoving(world, nodeRole)
  touch(world, nodeRole)
}

export function dropNodeRole(world: World, nodeRole: NodeRole): void {
  assert(!nodeRole.flight, `${nodeRole.id} goes while ${nodeRole.lastRun} is in flight`)
  world.taking?.keepNodeRole(nodeRole)
  if (nodeRole.state) world.counts[nodeRole.state]--
  if (!world.changed.has(nodeRole)) world.changed.set(nodeRole, nodeRole.state)
  nodeRole.state = undefined
  noteForSteps(world, nodeRole)
  world.nodeRoles.delete(nodeRole)
  nodeRole.isGone = true
  leaveRinse(world, nodeRole)
  dropRemoving(world, nodeRole)
  if (nodeRole.node) {
    for (const other of nodeRole.node.nodeRoles) if (other.reasonKind === 'rival') touch(world, other)
    // A check of the others may have waited for its last run.
    markForCheck(world, nodeRole.node)
    dropNodeWhenDone(world, nodeRole.node)
  }
}

export function dropNodeWhenDone(world: World, node: NodeRecord): void {
  if (
    node.nodeRoles.length > 0 ||
    node.check ||
    (world.target && Object.hasOwn(world.target.nodes, node.name))
  )
    return
  world.nodes.delete(node.name)
  world.contactsWanted.delete(node)
}

export function forgetNode(world: World, node: NodeRecord): void {
  for (const nodeRole of node.nodeRoles) {
    if (nodeRole.leaving) dropNodeRole(world, nodeRole)
  }
  dropNodeWhenDone(world, node)
}
