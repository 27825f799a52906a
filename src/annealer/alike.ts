// Alike: groups of a new plan that say what they said before, with the few members that a commit has something to look at in.
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { type Group, type InputPlan, type Plan, restingOn } from './graph.ts'
import type { Bound } from './world.ts'

export interface Alike {
  /** The group whose place it takes. */
  old: Group
  /** Nodes whose members are placed anew all the same, and those that have none any more. */
  anew: ReadonlySet<string>
}

interface Kept {
  old: Group
  /** Nodes that have a member in one of the two. */
  changed: ReadonlySet<string>
}

/**
 * What a member is bound to and how it is judged follows from its role, its placement, what was given to it, its node, and the
 * members of groups that it requires, reads or comes after: what is said of these later is told by touching. The law
 * "incremental equals from scratch" fails where something else counts.
 */
export function alikeGroups(before: Plan, after: Plan): Map<Group, Alike> {
  const roles = new Map<string, boolean>()
  const kept = new Map<Group, Kept>()
  for (const group of after.groups.values()) {
    const old = before.groups.get(group.id)
    if (!old || !isSameRole(roles, old, group) || policyText(old) !== policyText(group)) continue
    const changed = changedMembers(old, group)
    if (group.inputs.every((input, i) => isSameInput(group, changed, old.inputs[i] as InputPlan, input)))
      kept.set(group, { old, changed })
  }
  const alike = new Map<Group, Alike>()
  for (const [group, { old, changed }] of kept) {
    const anew = anewIn(kept, old, group, changed)
    if (anew) alike.set(group, { old, anew })
  }
  return alike
}

/** A role is the same object in all groups that it is placed in. */
function isSameRole(known: Map<string, boolean>, { role: before }: Group, { role: after }: Group): boolean {
  let same = known.get(after.name)
  if (same === undefined) {
    same = before.digest === after.digest && textOf(before) === textOf(after)
    known.set(after.name, same)
  }
  return same
}

function policyText({ adopt, rollout, maxFailures, windows, drift }: Group): string {
  return textOf([adopt, rollout ?? null, maxFailures ?? null, windows, drift])
}

function changedMembers({ memberNames: before }: Group, { memberNames: after }: Group): Set<string> {
  const changed = new Set<string>()
  // Both are sorted.
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const [was, is] = [before[i], after[j]]
    if (was === is) {
      i++
      j++
    } else if (is === undefined || (was !== undefined && was < is)) {
      changed.add(was as string)
      i++
    } else {
      changed.add(is)
      j++
    }
  }
  return changed
}

/** Of one role: only what was given may differ. */
function isSameInput(group: Group, changed: ReadonlySet<string>, old: InputPlan, input: InputPlan): boolean {
  if (!old.perNode && !input.perNode) return isSameBound(old.constant, input.constant)
  const given = ({ perNode, constant }: InputPlan, node: string): Bound | undefined =>
    perNode?.get(node) ?? constant
  return group.memberNames.every(
    (node) => changed.has(node) || isSameBound(given(old, node), given(input, node)),
  )
}

function isSameBound(a: Bound | undefined, b: Bound | undefined): boolean {
  if (!a || !b) return a === b
  return a.value.digest === b.value.digest && textOf(a.origin) === textOf(b.origin)
}

/** Undefined where all of it is. Early outputs that go round are told anew by each commit, and so are those in it. */
function anewIn(
  kept: ReadonlyMap<Group, Kept>,
  old: Group,
  group: Group,
  changed: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  if ([...old.early, ...group.early].some(({ circle }) => circle)) return undefined
  const isStill = (one: Group): boolean => kept.get(one)?.changed.size === 0
  if (changed.size > 0 && (group.rollout || group.maxFailures !== undefined)) return undefined
  if (group.rollout?.dependants && ![...restingOn(group)].every(isStill)) return undefined
  const [before, after] = [linksOf(old), linksOf(group)]
  if (before.length !== after.length) return undefined
  const anew = new Set(changed)
  for (const [i, { to, wide }] of after.entries()) {
    if (before[i]?.to.id !== to.id || before[i]?.wide !== wide) return undefined
    const there = kept.get(to)
    if (!there || (wide && there.changed.size > 0)) return undefined
    for (const node of there.changed) anew.add(node)
  }
  for (const { spec, sources } of group.inputs) {
    if (spec.source?.kind !== 'output' || spec.source.take !== 'one' || sources.every(isStill)) continue
    // Who finds nobody on its node reads the only one that there is elsewhere.
    if (!sources.some((from) => isWithin(group.memberNames, from.memberNames))) return undefined
  }
  return anew
}

/** Whom a member looks at: on its own node, or, where that is wide, all of the group. In an order that is the same for equal roles. */
function linksOf({ role, requires, after, inputs }: Group): { to: Group; wide: boolean }[] {
  return [
    ...requires.flatMap(({ of, candidates }) =>
      candidates.map((to) => ({ to, wide: of === 'deployment' || to.role.per === 'deployment' })),
    ),
    ...after.flat().map((to) => ({ to, wide: role.per === 'deployment' })),
    ...inputs.flatMap(({ spec: { source }, sources }) =>
      sources.map((to) => ({ to, wide: source?.kind === 'output' && source.take !== 'one' })),
    ),
  ]
}

/** Of sorted names. */
function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let i = 0
  for (const name of all) if (name === some[i]) i++
  return i === some.length
}

function textOf(value: unknown): string {
  return canonical(value as Json)
}
