// Values with their digests, so that equality costs a comparison of two strings however large the value is.
import { canonical } from '../base/canonical.ts'
import { type Digest, digestOfBytes } from '../base/digest.ts'
import type { Json } from '../base/json.ts'

export interface Value {
  readonly json: Json
  readonly digest: Digest
}

/** Short values stand for themselves: hashing would make them longer. No canonical text starts with `#`. */
export function valueOf(json: Json): Value {
  const known = typeof json === 'object' && json !== null ? remembered.get(json) : undefined
  if (known) return known
  return valueOfText(json, canonical(json))
}

/** For who has the canonical text of it already. */
export function valueOfText(json: Json, text: string): Value {
  if (text.length <= SHORT) return { json, digest: text }
  const value = { json, digest: `#${digestOfBytes(text)}` }
  if (typeof json === 'object' && json !== null) remembered.set(json, value)
  return value
}

const SHORT = 64

export function isLarge({ digest }: Value): boolean {
  return digest.startsWith('#')
}

/** A thousand members that read the map of all members hold one and the same object; nobody ever writes into it. */
const remembered = new WeakMap<object, Value>()

export const NULL_VALUE: Value = valueOf(null)

const CHARACTERS_SHOWN = 60

/** For sentences; never for what is sensitive. */
export function shortText(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}...` : text
}
