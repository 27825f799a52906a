// Removal: of what a commit takes away or a rinse removes, the order in which it goes: first what rests on others, then the others.
import { byName } from './by-name.ts'
import type { Group } from './graph.ts'
import { areInConflict } from './choose-places.ts'
import { touch } from './touch.ts'
import type { NodeRole, World } from './world.ts'

/** A commit took it away, or a rinse is yet to remove it: what runs next of it is `remove`. */
export function isToBeRemoved({ leaving, rinse }: NodeRole): boolean {
  return leaving || rinse?.removed === false
}

/** Nothing runs and no node is needed: its role has no `remove`, or a rinse came before anything was there. */
export function hasNothingToRemove(nodeRole: NodeRole): boolean {
  const { group, leaving, success, touched } = nodeRole
  if (!isToBeRemoved(nodeRole)) return false
  return !group.role.remove || (!leaving && !success && !touched)
}

export function addRemoving(world: World, nodeRole: NodeRole): void {
  const { group, nodeName, leaving } = nodeRole
  const book = leaving ? world.leaving : world.rinsing
  const members = book.get(group) ?? new Map<string, NodeRole>()
  members.set(nodeName, nodeRole)
  book.set(group, members)
}

/** It is gone, removed, or placed again. Call it while the node-role still has the group with which it was added. */
export function dropRemoving(world: World, nodeRole: NodeRole): void {
  const book = nodeRole.leaving ? world.leaving : world.rinsing
  const members = book.get(nodeRole.group)
  if (!members?.delete(nodeRole.nodeName)) return
  if (members.size === 0) book.delete(nodeRole.group)
  for (const [group, others] of allRemoving(world)) {
    switch (howRests(nodeRole.group, group)) {
      case 'not':
        continue
      case 'onNode': {
        const here = others.get(nodeRole.nodeName)
        if (here) touch(world, here)
        continue
      }
      case 'anywhere':
        if (members.size === 0) for (const other of others.values()) touch(world, other)
    }
  }
}

/** One of those that are also to be removed and rest on this one, and how many more there are. */
export function removedBefore(
  world: World,
  nodeRole: NodeRole,
): { first: NodeRole; others: number } | undefined {
  let first: NodeRole | undefined
  let count = 0
  for (const [group, members] of allRemoving(world)) {
    if (group === nodeRole.group) continue
    const how = howRests(group, nodeRole.group)
    if (how === 'not') continue
    const found = how === 'anywhere' ? firstOf(group, members) : members.get(nodeRole.nodeName)
    if (!found || found.revision > nodeRole.revision) continue
    if (!first || byName(found, first) < 0) first = found
    count += how === 'anywhere' ? members.size : 1
  }
  return first && { first, others: count - 1 }
}

/** One that leaves the same node and may not be there together with this one. */
export function rivalOf(world: World, { node, group }: NodeRole): NodeRole | undefined {
  if (!node || world.leaving.size === 0) return undefined
  let first: NodeRole | undefined
  for (const other of node.nodeRoles) {
    if (!other.leaving || !areInConflict(other.group.role, group.role)) continue
    if (!first || byName(other, first) < 0) first = other
  }
  return first
}

function* allRemoving(world: World): Generator<[Group, Map<string, NodeRole>]> {
  yield* world.leaving
  yield* world.rinsing
}

function firstOf(group: Group, members: ReadonlyMap<string, NodeRole>): NodeRole | undefined {
  const name = group.memberNames.find((one) => members.has(one))
  return name === undefined ? undefined : members.get(name)
}

/** Whether members of one group rest on members of the other: on any, on the one on their node, or not at all. */
type HowRests = 'not' | 'onNode' | 'anywhere'

const remembered = new WeakMap<Group, WeakMap<Group, HowRests>>()

export function howRests(group: Group, on: Group): HowRests {
  const known = remembered.get(group) ?? new WeakMap<Group, HowRests>()
  remembered.set(group, known)
  const before = known.get(on)
  if (before) return before
  const how =
    requires(group, on, false) || readsRunOf(group, on, 'anywhere')
      ? 'anywhere'
      : requires(group, on, true) || readsRunOf(group, on, 'onNode') || comesAfter(group, on)
        ? 'onNode'
        : 'not'
  known.set(on, how)
  return how
}

/** Directly or through others, milestones among them, which are gone at once. The plans may be of two revisions. */
function requires(group: Group, on: Group, sameNode: boolean, seen = new Set<Group>()): boolean {
  seen.add(group)
  return group.requires.some(
    ({ of, candidates }) =>
      (of === 'deployment' || sameNode) &&
      candidates.some((next) => next.id === on.id || (!seen.has(next) && requires(next, on, sameNode, seen))),
  )
}

/** Whom it reads it rests on: on the one on its node, or, where it reads many or the only one that there is, on any. */
function readsRunOf(group: Group, on: Group, how: 'onNode' | 'anywhere'): boolean {
  return group.inputs.some(({ spec: { source }, sources }) => {
    if (source?.kind !== 'output' || source.wait === 'known' || group.id === on.id) return false
    const isSource = sources.some(
      (from) => from.id === on.id && from.role.outputs[source.output]?.value === undefined,
    )
    return isSource && (how === 'onNode' || source.take !== 'one' || on.memberNames.length === 1)
  })
}

function comesAfter(group: Group, on: Group): boolean {
  return group.id !== on.id && group.after.flat().some((first) => first.id === on.id)
}
