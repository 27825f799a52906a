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

/** An object from untrusted keys. `__proto__` becomes an ordinary own key. */
export function objectFrom(entries: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(entries)
}
