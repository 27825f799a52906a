// Lines for a lock: members of a group that cannot run all at once, in the order in which they should, and what is behind each.
import type { Group } from './graph.ts'
import type { Kind } from './node-ranks.ts'

/** Who is first in a line has the whole line behind it. */
export interface Line {
  /** From the start of the member on this node to the end of all that waits for it or stands behind it. */
  from(node: string): number
  /** The most of those on the nodes of a kind. */
  longest(kind: Kind): number
}

/** Undefined where all members may run at once. Nodes with most behind their member go first, then those with least before it. */
export function linesOf(group: Group, ms: number, kinds: readonly Kind[]): Line | undefined {
  const capacity = capacityOf(group, kinds)
  if (ms === 0 || capacity >= group.members.size) return undefined
  const members: { node: string; tail: number; before: number; kind: Kind }[] = []
  for (const kind of kinds) {
    const tail = (kind.places.get(group)?.rank ?? ms) - ms
    const before = beforeOf(group, kind)
    for (const node of kind.nodes) members.push({ node, tail, before, kind })
  }
  members.sort((a, b) => b.tail - a.tail || a.before - b.before || (a.node < b.node ? -1 : 1))
  const ranks = new Map<string, number>()
  const longest = new Map<Kind, number>()
  let least = 0
  for (let at = members.length - 1; at >= 0; at--) {
    const { node, tail, kind } = members[at] as (typeof members)[number]
    least = Math.max(least, tail)
    const rank = ms * Math.ceil((members.length - at) / capacity) + (members[members.length - 1]?.tail ?? 0)
    const most = Math.max(rank, ms + least)
    ranks.set(node, most)
    longest.set(kind, Math.max(longest.get(kind) ?? 0, most))
  }
  return { from: (node) => ranks.get(node) ?? 0, longest: (kind) => longest.get(kind) ?? 0 }
}

/** What is to be done on the node before it. */
function beforeOf(group: Group, { places }: Kind): number {
  let sum = 0
  for (const place of places.values()) if (place.behind.has(group)) sum += place.ms
  return sum
}

/** Of locks that are held by members on several nodes, and by nobody who waits for them. */
function capacityOf(group: Group, kinds: readonly Kind[]): number {
  let least = Infinity
  for (const lock of group.role.locks) {
    if (lock.of === 'node' || lock.capacity >= least) continue
    const isShared = kinds.some(({ places }) =>
      [...(places.get(group)?.behind ?? [])].some(({ role }) =>
        role.locks.some((one) => one.of === lock.of && one.name === lock.name),
      ),
    )
    if (!isShared) least = lock.capacity
  }
  return least
}
