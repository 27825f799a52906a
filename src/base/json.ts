// JSON values as a type, and the few safe moves on values that came from outside.

export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [key: string]: Json }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a dotted path, looking at own properties only, so that `__proto__` finds nothing. */
export function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  let here = value
  for (const key of path) {
    if (Array.isArray(here) && /^\d+$/.test(key)) here = here[Number(key)]
    else if (isObject(here) && Object.hasOwn(here, key)) here = here[key]
    else return undefined
  }
  return here
}

/** Deeper values are refused where they come in, so that whatever walks one later may do so by recursion. */
export const DEEPEST = 100

/** Whether lists and mappings are nested deeper than that; by a stack of its own, as that is what is in question. */
export function isTooDeep(value: Json): boolean {
  let level = containers([value])
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++)
    level = containers(level.flatMap((one) => Object.values(one)))
  return level.length > 0
}

/** An object from untrusted keys. `__proto__` becomes an ordinary own key. */
export function objectFrom(entries: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(entries)
}

/** `__proto__` is a key like any other here; the others take the fast way. */
export function setOwn<T>(object: Record<string, T>, key: string, value: T): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

function containers(values: Json[]): (Json[] | JsonObject)[] {
  return values.filter((value) => typeof value === 'object' && value !== null)
}
