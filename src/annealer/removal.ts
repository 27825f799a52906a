// Removal: of what a commit takes away, the order in which it goes: first what rests on others, then the others.
import type { Group } from './graph.ts'
import { touch } from './touch.ts'
import type { NodeRole, World } from './world.ts'

export function addLeaving(world: World, nodeRole: NodeRole): void {
  const { group, nodeName } = nodeRole
  const members = world.leaving.get(group) ?? new Map<string, NodeRole>()
  members.set(nodeName, nodeRole)
  world.leaving.set(group, members)
}

/** It is gone, or placed again. Call it while the node-role still has the group with which it left. */
export function dropLeaving(world: World, nodeRole: NodeRole): void {
  const members = world.leaving.get(nodeRole.group)
  if (!members?.delete(nodeRole.nodeName)) return
  if (members.size === 0) world.leaving.delete(nodeRole.group)
  for (const [group, others] of world.leaving) {
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

/** One of those that also leave and rest on this one, and how many more there are. */
export function leavingDependants(
  world: World,
  nodeRole: NodeRole,
): { first: NodeRole; others: number } | undefined {
  let first: NodeRole | undefined
  let count = 0
  for (const [group, members] of world.leaving) {
    if (group === nodeRole.group) continue
    const how = howRests(group, nodeRole.group)
    if (how === 'not') continue
    const found = how === 'anywhere' ? firstOf(group, members) : members.get(nodeRole.nodeName)
    if (!found || found.revision > nodeRole.revision) continue
    if (!first || found.id < first.id) first = found
    count += how === 'anywhere' ? members.size : 1
  }
  return first && { first, others: count - 1 }
}

function firstOf(group: Group, members: ReadonlyMap<string, NodeRole>): NodeRole | undefined {
  const name = group.memberNames.find((one) => members.has(one))
  return name === undefined ? undefined : members.get(name)
}

/** Whether members of one group rest on members of the other: on any, on the one on their node, or not at all. */
type HowRests = 'not' | 'onNode' | 'anywhere'

const remembered = new WeakMap<Group, WeakMap<Group, HowRests>>()

function howRests(group: Group, on: Group): HowRests {
  const known = remembered.get(group) ?? new WeakMap<Group, HowRests>()
  remembered.set(group, known)
  const before = known.get(on)
  if (before) return before
  const how = requires(group, on, false)
    ? 'anywhere'
    : requires(group, on, true) || readsRunOf(group, on)
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

function readsRunOf(group: Group, on: Group): boolean {
  return group.inputs.some(({ spec: { source }, sources }) => {
    if (source?.kind !== 'output' || source.wait === 'known' || group.id === on.id) return false
    return sources.some((from) => from.id === on.id && from.role.outputs[source.output]?.value === undefined)
  })
}
