// Gates: what must hold of those that have a change before others get it.
import { type JsonObject, objectFrom } from '../base/json.ts'
import type { StepHold } from '../model/reason.ts'
import { scopeOf } from './bind.ts'
import { mayBeChecked } from './check-schedule.ts'
import { type Group, restingOn } from './graph.ts'
import { knownOutput } from './hubs.ts'
import { shortText } from './value.ts'
import type { NodeRole, World } from './world.ts'

/** The first for which the gate's expression is not true, with what it found. */
export function gateHold(group: Group, done: readonly NodeRole[]): StepHold | undefined {
  const { gate, rollout } = group
  if (!gate || rollout?.gate === undefined) return undefined
  for (const member of done) {
    const result = gate.evaluate({ ...scopeOf(member), outputs: outputsOf(member) })
    if (result.ok && result.value === true) continue
    return { kind: 'gate', nodeRole: member.id, gate: rollout.gate, found: foundBy(member, gate, result) }
  }
  return undefined
}

/** The first on whose node something that rests on it has failed, runs, or is not known to be as it was left. */
export function restingHold(group: Group, done: readonly NodeRole[]): StepHold | undefined {
  for (const [member, dependant] of restingPairs(group, done)) {
    const hold = { kind: 'dependant' as const, nodeRole: member.id, dependant: dependant.id }
    const { state = 'todo', moving } = dependant
    if (state === 'error' || moving) return { ...hold, state }
    // What is blocked may wait for the very members that wait here.
    if (state !== 'active') continue
    if (dependant.drift) return { ...hold, state: 'active', look: 'drifted' }
    if (isUnchecked(member, dependant)) return { ...hold, state: 'active', look: 'underWay' }
    if (isUnknown(member, dependant)) return { ...hold, state: 'active', look: 'unknown' }
  }
  return undefined
}

/** Whose check must tell whether they bear the change beneath them, and has not been asked for yet. */
export function toBeChecked(group: Group, done: readonly NodeRole[]): NodeRole[] {
  const unchecked = [...restingPairs(group, done)].flatMap(([member, dependant]) =>
    dependant.state === 'active' && isUnchecked(member, dependant) && !isAsked(dependant) ? [dependant] : [],
  )
  return [...new Set(unchecked)]
}

/** Who rests on a change that goes out, and was looked at without an answer, or with none that came home. */
export function* vainlyLookedAt(world: World): Generator<NodeRole> {
  for (const [id, { where }] of world.rollouts) {
    const group = world.plan.groups.get(id)
    if (!group) continue
    const reached = [...where].flatMap(([node, { passes }]) => (passes.has(node) ? node : []))
    const done = reached.flatMap((node) => group.members.get(node) ?? [])
    for (const [, dependant] of restingPairs(group, done))
      if (!dependant.drift && dependant.checkedAt > dependant.foundWellAt) yield dependant
  }
}

/** Nobody has looked at it since the one that it rests on has the change. */
function isUnchecked(member: NodeRole, dependant: NodeRole): boolean {
  if (!mayBeChecked(dependant)) return false
  return Math.max(dependant.success?.at ?? 0, dependant.checkedAt) < (member.success?.at ?? 0)
}

/** It was looked at, and could not be told. */
function isUnknown({ success }: NodeRole, dependant: NodeRole): boolean {
  if (!mayBeChecked(dependant)) return false
  return Math.max(dependant.success?.at ?? 0, dependant.foundWellAt) < (success?.at ?? 0)
}

function isAsked({ id, node }: NodeRole): boolean {
  const { check, checkAsked } = node ?? {}
  const asked = checkAsked !== undefined && (checkAsked.only?.includes(id) ?? true)
  return asked || (check !== undefined && Object.hasOwn(check.of, id))
}

function* restingPairs(group: Group, done: readonly NodeRole[]): Generator<[NodeRole, NodeRole]> {
  if (!group.rollout?.dependants) return
  for (const member of done) {
    for (const dependants of restingOn(group)) {
      const dependant = dependants.members.get(member.nodeName)
      if (dependant && dependant !== member) yield [member, dependant]
    }
  }
}

function outputsOf(member: NodeRole): JsonObject {
  return objectFrom(
    Object.keys(member.group.role.outputs).flatMap((name): [string, JsonObject[string]][] => {
      const told = knownOutput(member, name)
      return told ? [[name, told.value.json]] : []
    }),
  )
}

/** Values of secrets are not shown, and no message may quote one. */
function foundBy(
  member: NodeRole,
  { reads }: NonNullable<Group['gate']>,
  result: { ok: true } | { ok: false; message: string },
): string {
  const { role } = member.group
  const named = reads.flatMap(([root = '', name = '']) =>
    root === 'outputs' || root === 'inputs' ? [{ root, name }] : [],
  )
  const isSecret = named.some(({ root, name }) =>
    root === 'outputs' ? role.outputs[name]?.sensitive !== false : role.inputs[name]?.sensitive !== false,
  )
  if (isSecret) return 'it reads a sensitive value, which is not shown'
  if (!result.ok) return result.message
  const outputs = named.filter(({ root }) => root === 'outputs')
  const values = outputs.map(({ name }) => `${name} is ${shortText(member.success?.outputs[name])}`)
  return values.join(', ')
}
