// Placing: makes nodes, groups and node-roles those of a target, and lets go of what it does not name any more.
import { assert } from '../base/assert.ts'
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { isSameJson } from '../base/same-json.ts'
import { NO_NODE, type NodeRoleId, nodeRoleId } from '../model/names.ts'
import type { NodeSpec, Target } from '../model/site.ts'
import { type Alike, alikeGroups } from './alike.ts'
import { expectedMs } from './expected.ts'
import { hear, unhear } from './hubs.ts'
import { buildPlan } from './build-plan.ts'
import type { Group, InputPlan, Plan } from './graph.ts'
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
 * Makes the world's nodes, groups and node-roles those of the target, and marks what that changes. `recall` may tell a
 * node-role its past first.
 */
export function placeTarget(world: World, target: Target, recall?: (nodeRole: NodeRole) => void): void {
  const before = world.plan
  world.target = target
  for (const [name, spec] of Object.entries(target.nodes)) placeNode(world, name, spec)
  const queued = world.ready.drain()
  clearWaiting(world)
  world.plan = buildPlan(target, world.language)
  const alike = alikeGroups(before, world.plan)
  for (const group of world.plan.groups.values()) {
    const old = alike.get(group)
    if (old && !world.rollouts.has(group.id)) {
      takePlaceOf(world, group, old)
      continue
    }
    const awaiting = before.groups.get(group.id)?.awaiting
    if (awaiting) group.awaiting = awaiting
    for (const node of group.memberNames) {
      const nodeRole = placeNodeRole(world, group, node)
      recall?.(nodeRole)
      resumeRinse(world, nodeRole)
    }
  }
  rankNodeRoles(world.plan, expectedMs(world))
  for (const nodeRole of goneFrom(world, before, alike)) {
    if (nodeRole.leaving || mustBeUndone(nodeRole)) leave(world, nodeRole)
    else dropNodeRole(world, nodeRole)
  }
  for (const nodeRole of queued) if (nodeRole.queued) world.ready.push(nodeRole)
  for (const node of world.nodes.values()) dropNodeWhenDone(world, node)
  for (const group of world.rollouts.keys()) world.stepsDue.add(group)
  scheduleChecks(world)
}

/** Whom the plan does not know any more. */
function goneFrom(world: World, before: Plan, alike: ReadonlyMap<Group, Alike>): NodeRole[] {
  const gone = [...world.leaving.values()].flatMap((members) => [...members.values()])
  for (const group of before.groups.values()) {
    const next = world.plan.groups.get(group.id)
    const anew = next && alike.get(next)?.anew
    for (const node of anew ?? group.members.keys()) {
      const nodeRole = group.members.get(node)
      if (nodeRole?.group === group && !nodeRole.leaving) gone.push(nodeRole)
    }
  }
  return gone
}

/**
 * Nobody looks at members that are as they were. "one node more looks at those that it changes" in counts.test.ts fails
 * without.
 */
function takePlaceOf(world: World, group: Group, { old, anew }: Alike): void {
  group.awaiting = old.awaiting
  group.trials = old.trials
  for (const [i, input] of group.inputs.entries()) {
    const { marked, fallback } = old.inputs[i] as InputPlan
    input.marked = marked
    // That it stands in is told by its being the same object.
    if (fallback) input.fallback = fallback
  }
  for (const node of group.memberNames) {
    const nodeRole = anew.has(node) ? undefined : old.members.get(node)
    if (nodeRole) join(world, group, nodeRole)
    else resumeRinse(world, placeNodeRole(world, group, node))
  }
  keepHubs(group, old, anew)
  for (const nodeRole of world.rinsing.get(old)?.values() ?? [])
    if (nodeRole.group === group) addRemoving(world, nodeRole)
  world.rinsing.delete(old)
}

/** What members have said stays said. One that comes back has said it before, and says it no more. */
function keepHubs(group: Group, old: Group, anew: ReadonlySet<string>): void {
  group.hubs = old.hubs
  for (const node of anew) {
    const [gone, here] = [old.members.get(node), group.members.get(node)]
    for (const [output, hub] of group.hubs) {
      if (here) hear(here, output)
      else if (gone) unhear(hub, gone)
    }
  }
}

/** With its state as it is. */
function join(world: World, group: Group, nodeRole: NodeRole): void {
  nodeRole.group = group
  nodeRole.revision = world.head
  group.members.set(nodeRole.nodeName, nodeRole)
  nodeRole.place = group.list.push(nodeRole) - 1
  if (nodeRole.state) group.counts[nodeRole.state]++
  if (nodeRole.moving) group.moving++
}

function placeNode(world: World, name: string, spec: NodeSpec): void {
  const known = world.nodes.get(name)
  if (!known) {
    const node: NodeRecord = {
      name,
      spec,
      facts: undefined,
      alive: undefined,
      fault: undefined,
      since: world.now,
      reachedIn: 0,
      tries: 0,
      contactAt: 0,
      unavailable: spec.available ? undefined : { by: 'the site file' },
      ranIn: 0,
      checkAsked: undefined,
      check: undefined,
      nodeRoles: new Set(),
      checkAt: undefined,
      lock: undefined,
    }
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

function placeNodeRole(world: World, group: Group, nodeName: string): NodeRole {
  const id = nodeRoleId({ deployment: group.deployment, node: nodeName, role: group.role.name })
  const known = world.nodeRoles.get(id)
  const nodeRole = known ?? newNodeRole(world, id, group, nodeName)
  if (known) world.taking?.keepNodeRole(known)
  if (nodeRole.leaving) comeBack(world, nodeRole)
  if (nodeRole.rinse?.removed === false) {
    dropRemoving(world, nodeRole)
    // Another role may remove it where this one could not.
    if (nodeRole.group.role.digest !== group.role.digest) nodeRole.attempts = undefined
  }
  join(world, group, nodeRole)
  // What its role said early before, and does not any more, is not known any more.
  for (const name of nodeRole.early.keys())
    if (!group.early.some((early) => early.name === name)) nodeRole.setEarly(name, undefined)
  // All circles that there are now are told anew.
  nodeRole.circling = undefined
  nodeRole.queued = false
  touchBinding(world, nodeRole)
  return nodeRole
}

export function newNodeRole(world: World, id: NodeRoleId, group: Group, nodeName: string): NodeRole {
  const node = nodeName === NO_NODE ? undefined : nodeCalled(world, nodeName)
  const nodeRole = new NodeRole(id, node, group, world.head)
  world.nodeRoles.set(id, nodeRole)
  node?.nodeRoles.add(nodeRole)
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
  world.nodeRoles.delete(nodeRole.id)
  leaveRinse(world, nodeRole)
  dropRemoving(world, nodeRole)
  if (nodeRole.node) {
    nodeRole.node.nodeRoles.delete(nodeRole)
    for (const other of nodeRole.node.nodeRoles) if (other.reasonKind === 'rival') touch(world, other)
    // A check of the others may have waited for its last run.
    markForCheck(world, nodeRole.node)
    dropNodeWhenDone(world, nodeRole.node)
  }
}

export function dropNodeWhenDone(world: World, node: NodeRecord): void {
  if (node.nodeRoles.size > 0 || node.check || (world.target && Object.hasOwn(world.target.nodes, node.name)))
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
