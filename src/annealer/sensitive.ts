// What is sensitive: inputs and outputs that a role says so of, and whether the world holds any.
import type { Json, JsonObject } from '../base/json.ts'
import type { InputSpec, Role } from '../model/role.ts'
import { referenceIn } from '../model/secret-reference.ts'
import type { World } from './world.ts'

export function sensitiveInputs(role: Role): string[] {
  return namesOf(role).inputs
}

/** A secret kept elsewhere. What other node-roles and nodes told is never taken for such a word: it would be followed here. */
export function standsForSecret({ sensitive, source }: InputSpec, value: Json | undefined): boolean {
  return sensitive && source === undefined && referenceIn(value) !== undefined
}

export function referencesIn(role: Role, inputs: Record<string, Json>): string[] {
  return namesOf(role).inputs.filter((name) => {
    return Object.hasOwn(inputs, name) && standsForSecret(role.inputs[name] as InputSpec, inputs[name])
  })
}

/** For an event: which of these inputs are secrets, and nothing where none is. */
export function sensitiveAmong(
  kind: 'inputs' | 'outputs',
  role: Role | undefined,
  values: JsonObject,
): { sensitive?: string[] } {
  const sensitive = role
    ? namesOf(role)[kind].filter((name) => Object.hasOwn(values, name))
    : // What cannot be looked up may be one.
      Object.keys(values)
  return sensitive.length === 0 ? {} : { sensitive }
}

export function holdsSecrets(world: World): boolean {
  for (const { target } of world.revisions.values()) {
    for (const role of Object.values(target.roles)) {
      const { inputs, outputs } = namesOf(role)
      if (inputs.length > 0 || outputs.length > 0) return true
    }
  }
  return false
}

interface Names {
  inputs: string[]
  outputs: string[]
}

/** Asked with each claim; a role never changes. */
const names = new WeakMap<Role, Names>()

function namesOf(role: Role): Names {
  let known = names.get(role)
  if (known === undefined) {
    const inputs = Object.keys(role.inputs).filter((name) => role.inputs[name]?.sensitive)
    const outputs = Object.keys(role.outputs).filter((name) => role.outputs[name]?.sensitive)
    known = { inputs, outputs }
    names.set(role, known)
  }
  return known
}
