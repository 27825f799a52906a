// Ranks of groups: who has the longest work behind it starts first.
import type { Role } from '../model/role.ts'
import { type Group, ordersRuns, type Plan, waitOf } from './graph.ts'

/** Upward ranks as in list scheduling (HEFT, Topcuoglu 2002): own duration plus the longest chain behind. */
export function rankGroups(plan: Plan, expectedMs: (role: Role) => number): void {
  for (const [group, rank] of ranksOf(plan, expectedMs)) group.rank = rank
}

export function ranksOf(plan: Plan, expectedMs: (role: Role) => number): Map<Group, number> {
  const known = new Map<Group, number>()
  const visit = (group: Group, path: Set<Group>): number => {
    const before = known.get(group)
    if (before !== undefined) return before
    if (path.has(group)) return 0
    path.add(group)
    let behind = 0
    for (const next of groupsBehind(group)) behind = Math.max(behind, visit(next, path))
    path.delete(group)
    const rank = behind + expectedMs(group.role)
    known.set(group, rank)
    return rank
  }
  for (const group of plan.groups.values()) visit(group, new Set())
  return known
}

function groupsBehind(group: Group): Set<Group> {
  const behind = new Set<Group>()
  for (const { group: dependant } of group.requiredBy) behind.add(dependant)
  for (const follower of group.followedBy) behind.add(follower)
  for (const { output, reader, input } of group.readers) {
    if (ordersRuns(group, output, waitOf(input))) behind.add(reader)
  }
  behind.delete(group)
  return behind
}
