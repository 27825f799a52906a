// What of a document its format has anything to say about: two that are alike in this fit it both, or neither does.
import { isObject, type Json } from '../base/json.ts'

/** Words of a schema that a mapping or a list may have for its parts to be looked at one by one. */
const WALKED = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
  'items',
  'minProperties',
  'minItems',
  '$schema',
  'description',
  'title',
  'default',
  'examples',
])
const SAYS_NOTHING = new Set(['description', 'title', 'default', 'examples'])

/** The same value, with null for each part of it that fits whatever it is. */
export function toldByFormat(value: Json, format: Json | undefined): Json {
  if (!isObject(format)) return value
  const words = Object.keys(format)
  if (words.every((word) => SAYS_NOTHING.has(word))) return null
  if (!words.every((word) => WALKED.has(word))) return value
  const { properties, additionalProperties, items } = format
  if (Array.isArray(value)) return value.map((item) => toldByFormat(item, items ?? ANYTHING))
  if (!isObject(value)) return value
  const known = isObject(properties) ? properties : {}
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      toldByFormat(part, Object.hasOwn(known, key) ? known[key] : (additionalProperties ?? ANYTHING)),
    ]),
  )
}

const ANYTHING: Json = {}
