// Ranks of groups: how long it is from the start of a member to the end of the longest chain behind it.
import { type Group, type InputPlan, ordersRuns, type Plan, waitOf } from './graph.ts'

/** Upward ranks as in list scheduling (HEFT, Topcuoglu 2002): own duration plus the longest chain behind. */
export function ranksOf(plan: Plan, expectedMs: (group: Group) => number): Map<Group, number> {
  const ranks = new Map<Group, number>()
  for (const group of behindFirst(plan)) {
    let behind = 0
    for (const { group: next } of linksBehind(group)) behind = Math.max(behind, ranks.get(next) ?? 0)
    ranks.set(group, behind + expectedMs(group))
  }
  return ranks
}

/** Each after all groups that wait for it; where they go round in a circle, one of them is taken as its end. */
export function behindFirst(plan: Plan): Group[] {
  const order: Group[] = []
  const seen = new Set<Group>()
  const visit = (group: Group): void => {
    if (seen.has(group)) return
    seen.add(group)
    for (const { group: next } of linksBehind(group)) visit(next)
    order.push(group)
  }
  for (const group of plan.groups.values()) visit(group)
  return order
}

/** Whose members wait for runs of this group; `wide`: each of them for all of its members. */
export interface Link {
  group: Group
  wide: boolean
}

export function linksBehind(group: Group): Link[] {
  const links = new Map<Group, Link>()
  const add = (next: Group, wide: boolean): void => {
    const known = links.get(next)
    if (next === group) return
    if (!known) links.set(next, { group: next, wide })
    else if (wide) known.wide = true
  }
  for (const { group: next, of } of group.requiredBy) add(next, of === 'deployment')
  for (const next of group.followedBy) add(next, false)
  for (const { output, reader, input } of group.readers)
    if (ordersRuns(group, output, waitOf(input))) add(reader, isReadByAll(group, reader, input))
  return [...links.values()]
}

/** Of one output it is the one on the same node, or the only one elsewhere; where some are enough, the one on the same node is. */
function isReadByAll(group: Group, reader: Group, input: InputPlan): boolean {
  const { source } = input.spec
  if (source?.kind !== 'output') return false
  const { memberNames: members } = group
  const isElsewhere = reader.memberNames.length > 1 || reader.memberNames[0] !== members[0]
  if (source.take === 'one') return members.length <= 1 && isElsewhere
  if (source.wait === 'all' || source.wait === 'known') return true
  return (
    source.wait >= Math.max(1, members.length) || !reader.memberNames.some((node) => group.members.has(node))
  )
}
