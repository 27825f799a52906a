// Whether a value surely fits a schema: the plain ones of most inputs are answered at once, all else is for the whole validator.
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { makePattern, type Pattern } from './pattern.ts'

/** False says nothing: neither that it does not fit, nor that it is a schema. */
export function surelyFits(schema: Json, value: Json): boolean {
  if (schema === true) return true
  if (!isObject(schema)) return false
  for (const key of Object.keys(schema)) {
    const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined
    if (rule === undefined || !rule(schema[key] as Json, value, schema)) return false
  }
  return true
}

type Rule = (said: Json, value: Json, schema: JsonObject) => boolean

const holds: Rule = () => true

/** A keyword of another shape than it should have is never sure. */
const RULES: Readonly<Record<string, Rule>> = {
  title: holds,
  description: holds,
  default: holds,
  examples: holds,
  type: (type, value) => typeof type === 'string' && isOfType(type, value),
  enum: (among, value) =>
    Array.isArray(among) && (typeof value === 'string' || typeof value === 'number') && among.includes(value),
  minimum: (least, value) => typeof least === 'number' && (typeof value !== 'number' || value >= least),
  maximum: (most, value) => typeof most === 'number' && (typeof value !== 'number' || value <= most),
  // Units of UTF-16 are as many as letters or more.
  maxLength: (most, value) => typeof most === 'number' && (typeof value !== 'string' || value.length <= most),
  minLength: (least, value) =>
    typeof least === 'number' && (typeof value !== 'string' || value.length >= 2 * least),
  pattern: (source, value) =>
    typeof source === 'string' && (typeof value !== 'string' || matches(source, value)),
  items: (items, value) => !Array.isArray(value) || value.every((item) => surelyFits(items, item)),
  minItems: (least, value) => typeof least === 'number' && (!Array.isArray(value) || value.length >= least),
  maxItems: (most, value) => typeof most === 'number' && (!Array.isArray(value) || value.length <= most),
  required: (names, value) =>
    Array.isArray(names) &&
    (!isObject(value) || names.every((name) => typeof name === 'string' && Object.hasOwn(value, name))),
  properties: (properties, value) =>
    isObject(properties) &&
    (!isObject(value) ||
      Object.keys(properties).every(
        (name) => !Object.hasOwn(value, name) || surelyFits(properties[name] as Json, value[name] as Json),
      )),
  additionalProperties: (others, value, { properties, patternProperties }) =>
    patternProperties === undefined &&
    (!isObject(value) ||
      Object.keys(value).every(
        (name) =>
          (isObject(properties) && Object.hasOwn(properties, name)) ||
          surelyFits(others, value[name] as Json),
      )),
}

function isOfType(type: string, value: Json): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'null':
      return value === null
    default:
      // oxlint-disable-next-line valid-typeof -- of a type that is none, no value is
      return typeof value === type && (type === 'string' || type === 'number' || type === 'boolean')
  }
}

const KEPT = 1_000
const patterns = new Map<string, Pattern | undefined>()

function matches(source: string, value: string): boolean {
  if (!patterns.has(source)) {
    if (patterns.size >= KEPT) patterns.clear()
    patterns.set(source, patternOrNone(source))
  }
  return patterns.get(source)?.test(value) ?? false
}

function patternOrNone(source: string): Pattern | undefined {
  try {
    return makePattern(source)
  } catch {
    return undefined
  }
}
