// JSON into the values of CEL and back: only what is read goes in, only plain JSON of bounded size comes out.
import { DEEPEST, isObject, isTooDeep, type Json, type JsonObject } from '../base/json.ts'
import { cel } from './cel.ts'

/** Values and characters in a result. */
const MAX_RESULT = 4_000_000

/** A tree of keys; a leaf wants all that is there. */
export type Pick = Map<string, Pick | 'all'>

export function makePick(paths: readonly (readonly string[])[]): Pick {
  const root: Pick = new Map()
  for (const path of paths) {
    let here = root
    for (const [depth, word] of path.entries()) {
      const known = here.get(word)
      if (known === 'all') break
      if (depth === path.length - 1) here.set(word, 'all')
      else {
        const next: Pick = known ?? new Map()
        here.set(word, next)
        here = next
      }
    }
  }
  return root
}

/**
 * Only what the expression reads is handed over: that it cannot see more is what makes `reads` true. Mappings become
 * Maps, so that no key can reach a prototype, in the order of their keys, so that equal values give equal results.
 */
export function pick(scope: JsonObject, wanted: Pick): Map<string, unknown> {
  const picked = new Map<string, unknown>()
  for (const [word, more] of [...wanted].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (!Object.hasOwn(scope, word)) continue
    const value = scope[word] as Json
    picked.set(word, more !== 'all' && isObject(value) ? pick(value, more) : fromJson(value))
  }
  return picked
}

function fromJson(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(fromJson)
  return new Map(
    Object.keys(value)
      .sort()
      .map((key) => [key, fromJson(value[key] as Json)]),
  )
}

/** What is read may be as deep as anything, and expressions put it into more. */
export function resultOf(value: unknown): Json {
  const result = toJson(value, { left: MAX_RESULT })
  if (isTooDeep(result)) throw new Error(`the result is nested more than ${DEEPEST} levels deep`)
  return result
}

function toJson(value: unknown, room: { left: number }): Json {
  room.left -= typeof value === 'string' ? value.length + 1 : 1
  if (room.left < 0) throw new Error('the result is too large')
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
      return wholeNumber(value)
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`the result ${value} is not a number that JSON has`)
      return value
    default:
      return value === null || value === undefined ? null : fromObject(value, room)
  }
}

function wholeNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new Error(`the result ${value} is too large to be kept exactly`)
  return number
}

function fromObject(value: unknown, room: { left: number }): Json {
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => toJson(item, room))
  if (value instanceof Map) return fromEntries([...value], room)
  if (value instanceof cel().Optional) return value.hasValue() ? toJson(value.value(), room) : null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array)
    throw new Error('the result is bytes; make a text of them with .base64() or string()')
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null)
    return fromEntries(Object.entries(value as object), room)
  const plain: unknown = (value as object).valueOf()
  if (typeof plain === 'bigint') return wholeNumber(plain)
  if (typeof plain === 'number') return String(value)
  throw new Error('the result is a type, not a value')
}

function fromEntries(entries: [unknown, unknown][], room: { left: number }): Json {
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const name = String(key)
      room.left -= name.length
      return [name, toJson(item, room)]
    }),
  )
}
