// Looking for a value: every fact, given value, output and input that is it or holds it. What is sensitive is not looked at.
import { canonical } from '../base/canonical.ts'
import { isObject, type Json } from '../base/json.ts'
import { isSecret } from './bind.ts'
import { givenValues } from './given.ts'
import { knownOutput } from './hubs.ts'
import { isSecretOutput, type Root } from './trace.ts'
import type { Value } from './value.ts'
import type { NodeRole, World } from './world.ts'

/** What others are made from comes first. Costs all that exists. */
export function rootsHolding(world: World, text: string): Root[] {
  const isHeld = heldIn(text)
  const roots: Root[] = []
  for (const { name, facts } of world.nodes.values()) {
    for (const { path, value } of placesIn(facts))
      if (typeof value !== 'object' && isHeld(value)) roots.push({ kind: 'fact', node: name, path })
  }
  for (const given of givenValues(world)) {
    const [first] = given.to
    if (first && !isSecret(first.nodeRole, first.input) && isHeld(given.value)) roots.push(given)
  }
  const held = remembered(isHeld)
  const placed = [...world.nodeRoles.values()].filter(({ leaving }) => !leaving)
  for (const late of [true, false]) for (const one of placed) roots.push(...outputsHolding(one, late, held))
  for (const nodeRole of placed) {
    for (const input of nodeRole.group.inputs) {
      const value = nodeRole.inputs[input.index]
      if (value && !isSecret(nodeRole, input) && held(value)) roots.push({ kind: 'input', nodeRole, input })
    }
  }
  return roots
}

function outputsHolding(nodeRole: NodeRole, late: boolean, held: (value: Value) => boolean): Root[] {
  const { role, lateOutputs } = nodeRole.group
  return Object.keys(role.outputs)
    .filter((output) => lateOutputs.includes(output) === late && !isSecretOutput(nodeRole, output))
    .flatMap((output): Root[] => {
      const told = knownOutput(nodeRole, output)
      return told && held(told.value) ? [{ kind: 'output', nodeRole, output }] : []
    })
}

/** A thousand members that read one map hold one object. */
function remembered(isHeld: (json: Json) => boolean): (value: Value) => boolean {
  const known = new Map<string, boolean>()
  return ({ digest, json }) => {
    const before = known.get(digest)
    if (before !== undefined) return before
    const held = isHeld(json)
    known.set(digest, held)
    return held
  }
}

/** Whole words only: 10.77.0.1 is not held in 10.77.0.11. */
function heldIn(text: string): (value: Json) => boolean {
  const wanted = parsed(text)
  const isWhole = typeof wanted === 'object' && wanted !== null
  const same = canonical(wanted)
  const isHeld = (value: Json): boolean => {
    if (typeof value === 'string') return holdsWord(value, text)
    if (!isWhole && typeof value !== 'object') return canonical(value) === same
    if (isWhole && canonical(value) === same) return true
    if (Array.isArray(value)) return value.some(isHeld)
    return isObject(value) && Object.entries(value).some(([key, each]) => key === text || isHeld(each))
  }
  return isHeld
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function holdsWord(value: string, word: string): boolean {
  if (word === '') return value === ''
  for (let from = value.indexOf(word); from >= 0; from = value.indexOf(word, from + 1)) {
    const end = from + word.length
    if (!isJoined(value, from) && !isJoined(value, end)) return true
  }
  return false
}

/** Whether the characters on both sides of this place belong to one word. */
function isJoined(value: string, place: number): boolean {
  return /\w/.test(value[place - 1] ?? '') && /\w/.test(value[place] ?? '')
}

/** All that stands in a value, at whatever depth. */
export function* placesIn(
  value: Json | undefined,
  above: readonly string[] = [],
): Generator<{ path: string[]; value: Json }> {
  if (!isObject(value) && !Array.isArray(value)) return
  for (const [key, each] of Object.entries(value) as [string, Json][]) {
    const path = [...above, key]
    yield { path, value: each }
    yield* placesIn(each, path)
  }
}
