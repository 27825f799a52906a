// Gates: what must hold of those that have a change before others get it.
import { type JsonObject, objectFrom } from '../base/json.ts'
import type { StepHold } from '../model/reason.ts'
import { scopeOf } from './bind.ts'
import { type Group, restingOn } from './graph.ts'
import { knownOutput } from './hubs.ts'
import { shortText } from './value.ts'
import type { NodeRole } from './world.ts'

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

/** The first on whose node something that rests on it is not active. */
export function restingHold(group: Group, done: readonly NodeRole[]): StepHold | undefined {
  if (!group.rollout?.dependants) return undefined
  for (const member of done) {
    for (const dependants of restingOn(group)) {
      const dependant = dependants.members.get(member.nodeName)
      if (!dependant || dependant === member || dependant.state === 'active') continue
      const state = dependant.state ?? 'todo'
      return { kind: 'dependant', nodeRole: member.id, dependant: dependant.id, state }
    }
  }
  return undefined
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
  { group: { role }, ...member }: NodeRole,
  { reads }: NonNullable<Group['gate']>,
  result: { ok: true } | { ok: false; message: string },
): string {
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
