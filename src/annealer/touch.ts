// Touching: marking what must be looked at again, along the links of the graph. Nothing is computed here.
import type { State } from '../model/reason.ts'
import { type Group, ordersRuns, waitOf } from './graph.ts'
import type { Lock, NodeRecord, NodeRole, World } from './world.ts'

/** To be bound anew, and then judged. */
export function touchBinding(world: World, nodeRole: NodeRole): void {
  nodeRole.stale = true
  world.dirty.add(nodeRole)
}

/** To be judged anew; what it read has not changed. */
export function touch(world: World, nodeRole: NodeRole): void {
  world.dirty.add(nodeRole)
}

export function touchNode(world: World, node: NodeRecord, binding: boolean): void {
  for (const nodeRole of node.nodeRoles) {
    if (binding) touchBinding(world, nodeRole)
    else touch(world, nodeRole)
  }
}

/** An output of a member changed: its readers bind anew. */
export function touchReaders(world: World, member: NodeRole, output: string): void {
  const { group } = member
  group.hubs.delete(output)
  for (const { output: read, reader, input } of group.readers) {
    if (read !== output) continue
    const source = input.spec.source
    if (source?.kind === 'output' && source.take === 'one' && group.members.size > 1) {
      touchMember(world, reader, member.nodeName, touchBinding)
    } else {
      for (const nodeRole of reader.members.values()) touchBinding(world, nodeRole)
    }
  }
}

/** A node-role's state changed: those that require it, follow it or wait for its output are judged anew. */
export function touchDependants(
  world: World,
  member: NodeRole,
  before: State | undefined,
  after: State | undefined,
): void {
  const { group, nodeName } = member
  for (const { group: dependant, of } of group.requiredBy) {
    if (of === 'node' && group.role.per === 'node') touchMember(world, dependant, nodeName, touch)
    else if (flips(before, after, isActive)) touchAll(world, dependant)
  }
  if (flips(before, after, isMoving)) {
    for (const follower of group.followedBy) touchMember(world, follower, nodeName, touch)
    for (const { output, reader, input } of group.readers) {
      if (!ordersRuns(group, output, waitOf(input))) continue
      if (
        input.spec.source?.kind === 'output' &&
        input.spec.source.take === 'one' &&
        group.members.size > 1
      ) {
        touchMember(world, reader, nodeName, touch)
      } else if (isMoving(after) || movingIn(group) === 0) touchAll(world, reader)
    }
  }
  if (member.leaving || after === undefined) for (const nodeRole of world.leaving) touch(world, nodeRole)
}

export function touchWaiting(world: World, lock: Lock): void {
  for (const nodeRole of lock.waiting) touch(world, nodeRole)
  lock.waiting.clear()
}

export function isMoving(state: State | undefined): boolean {
  return state === 'todo' || state === 'transition'
}

export function movingIn(group: Group): number {
  return group.counts.todo + group.counts.transition
}

function isActive(state: State | undefined): boolean {
  return state === 'active'
}

function flips(
  before: State | undefined,
  after: State | undefined,
  is: (state: State | undefined) => boolean,
): boolean {
  return is(before) !== is(after)
}

function touchMember(world: World, group: Group, node: string, mark: typeof touch): void {
  const member = group.members.get(node)
  if (member) mark(world, member)
}

function touchAll(world: World, group: Group): void {
  for (const nodeRole of group.members.values()) touch(world, nodeRole)
}
