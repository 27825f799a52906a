// Whether two JSON values are equal, without making a text of either.
import { isObject, type Json, type JsonObject } from './json.ts'

/** The order of keys does not count; a member that is undefined is one that is not there. */
export function isSameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => isSameJson(one, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  return hasAllOf(a, b) && hasNothingBeside(a, b)
}

function hasAllOf(a: JsonObject, b: JsonObject): boolean {
  for (const key of Object.keys(b))
    if (!isSameJson(Object.hasOwn(a, key) ? a[key] : undefined, b[key])) return false
  return true
}

/** What both have was compared: once more at each depth would be as many times as two to the depth. */
function hasNothingBeside(a: JsonObject, b: JsonObject): boolean {
  for (const key of Object.keys(a)) if (a[key] !== undefined && !Object.hasOwn(b, key)) return false
  return true
}
