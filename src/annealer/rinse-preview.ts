// What a rinse would do: which node-roles it takes, which it leaves out and why, and in which order it removes and applies.
import type { NodeRoleId } from '../model/names.ts'
import type { RinsePreview, RinseStep } from '../model/rinse.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Group } from './graph.ts'
import { ranksOf } from './rank.ts'
import { howRests } from './removal.ts'
import type { NodeRole, World } from './world.ts'

export interface RinseMeant {
  rinsed: NodeRole[]
  leftOut: NodeRole[]
}

/** Milestones have nothing to remove or to apply, so they are no part of it; nor is what leaves already. */
export function rinseMeant(named: Iterable<NodeRole>, once: boolean): Answer<RinseMeant> {
  const meant = [...new Set(named)].filter(({ group, leaving }) => group.role.apply && !leaving)
  const leftOut = meant.filter(({ group }) => group.role.once && !once)
  const rinsed = meant.filter((nodeRole) => !leftOut.includes(nodeRole))
  if (rinsed.length > 0) return answer({ rinsed, leftOut })
  const message =
    leftOut.length === 0
      ? 'nothing of it is placed that could be removed and applied afresh'
      : 'all of it is destructive (once) and is rinsed only with --once'
  return refuse({ code: 'conflict', message, nodeRoles: leftOut.map(({ id }) => id) })
}

export function previewRinse(world: World, named: Iterable<NodeRole>, once: boolean): Answer<RinsePreview> {
  const meant = rinseMeant(named, once)
  if (!meant.ok) return meant
  const { rinsed, leftOut } = meant.value
  const groups = [...new Set(rinsed.map(({ group }) => group))]
  const ranks = ranksOf(world.plan, () => 1)
  const depths = depthsOf(groups)
  const by = (order: ReadonlyMap<Group, number>) => (a: Group, b: Group) =>
    (order.get(b) ?? 0) - (order.get(a) ?? 0) || (a.id < b.id ? -1 : 1)
  return answer({
    removes: groups.toSorted(by(depths)).map((group) => stepOf(group, rinsed)),
    applies: groups.toSorted(by(ranks)).map((group) => stepOf(group, rinsed)),
    leftOut: leftOut.map(({ id }) => ({ nodeRole: id, why: 'once' as const })),
    held: rinsed.flatMap((nodeRole) => {
      const { node } = nodeRole
      if (!node || isNothingThere(nodeRole) || (node.alive !== false && !node.unavailable)) return []
      return [{ nodeRole: nodeRole.id, node: node.name }]
    }),
    stays: staying(groups, new Set(rinsed)),
  })
}

/** How many of the others stand below each in the order of removal: the longest chain of what rests on what. */
function depthsOf(groups: readonly Group[]): Map<Group, number> {
  const known = new Map<Group, number>()
  const visit = (group: Group): number => {
    const before = known.get(group)
    if (before !== undefined) return before
    known.set(group, 0)
    const below = groups.filter((other) => other !== group && howRests(group, other) !== 'not')
    const depth = Math.max(0, ...below.map((other) => visit(other) + 1))
    known.set(group, depth)
    return depth
  }
  for (const group of groups) visit(group)
  return known
}

function stepOf(group: Group, rinsed: readonly NodeRole[]): RinseStep {
  const members = rinsed.filter((nodeRole) => nodeRole.group === group)
  return {
    deployment: group.deployment,
    role: group.role.name,
    nodeRoles: members.map(({ id }) => id).sort(),
    nothingToRemove: members.every(isNothingThere),
  }
}

function isNothingThere({ group, success, touched, flight }: NodeRole): boolean {
  return !group.role.remove || (!success && !touched && !flight)
}

/** Active ones that read or require what is rinsed. */
function staying(groups: readonly Group[], rinsed: ReadonlySet<NodeRole>): NodeRoleId[] {
  const resting = new Set<Group>()
  for (const { readers, requiredBy } of groups) {
    for (const { reader } of readers) resting.add(reader)
    for (const { group } of requiredBy) resting.add(group)
  }
  return [...resting]
    .flatMap((group) => [...group.members.values()])
    .filter((one) => !rinsed.has(one) && one.success !== undefined)
    .map(({ id }) => id)
    .sort()
}
