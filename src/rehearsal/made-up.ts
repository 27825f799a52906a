// Values that are made up: one that fits a JSON Schema, the same each time for the same name, or none.
import { isObject, type Json, type JsonObject, objectFrom } from '../base/json.ts'
import type { Language } from '../model/language.ts'
import { hashOf } from './dice.ts'
import { textOfPattern } from './pattern-text.ts'

export interface MadeUpFor {
  /** Whose value it is; texts say it, numbers come from it. */
  name: string
  /** What a mapping without named properties holds: a value for each of these. */
  keys: () => readonly string[]
}

/** Undefined where nothing that we can think of fits. */
export function makeUp(language: Language, schema: Json, who: MadeUpFor): Json | undefined {
  const value = valueFor(schema, who, DEEPEST)
  if (value === undefined) return undefined
  return language.schema(schema)(value) === undefined ? value : undefined
}

const DEEPEST = 8

function valueFor(schema: Json | undefined, who: MadeUpFor, deeper: number): Json | undefined {
  if (deeper === 0 || schema === false) return undefined
  if (!isObject(schema)) return textFor({}, who)
  const given = givenValue(schema)
  if (given !== undefined) return given
  const alternatives = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(alternatives)) return valueFor(alternatives[0], who, deeper - 1)
  switch (typeOf(schema)) {
    case 'object':
      return objectFor(schema, who, deeper)
    case 'array':
      return listFor(schema, who, deeper)
    case 'integer':
    case 'number':
      return numberFor(schema, who)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return textFor(schema, who)
  }
}

function givenValue(schema: JsonObject): Json | undefined {
  if (schema['const'] !== undefined) return schema['const']
  for (const key of ['enum', 'examples']) {
    const values = schema[key]
    if (Array.isArray(values) && values[0] !== undefined) return values[0]
  }
  return schema['default']
}

function typeOf(schema: JsonObject): Json | undefined {
  const { type } = schema
  if (type !== undefined) return Array.isArray(type) ? type[0] : type
  if (schema['properties'] !== undefined || schema['additionalProperties'] !== undefined) return 'object'
  return schema['items'] === undefined ? 'string' : 'array'
}

function objectFor(schema: JsonObject, who: MadeUpFor, deeper: number): Json | undefined {
  const { properties, additionalProperties: others } = schema
  const named = isObject(properties) ? Object.entries(properties) : []
  const further: [string, Json | undefined][] =
    named.length > 0 || others === false ? [] : who.keys().map((key) => [key, others])
  const made: [string, Json][] = []
  for (const [key, inner] of [...named, ...further]) {
    const value = valueFor(inner, { ...who, name: `${who.name} ${key}` }, deeper - 1)
    if (value === undefined) return undefined
    made.push([key, value])
  }
  return objectFrom(made)
}

const MOST_ITEMS = 16

function listFor(schema: JsonObject, who: MadeUpFor, deeper: number): Json | undefined {
  const least = numberOr(schema['minItems'], 0)
  if (least > MOST_ITEMS) return undefined
  const items: Json[] = []
  for (let index = 0; index < least; index++) {
    const item = valueFor(schema['items'], { ...who, name: `${who.name} ${index}` }, deeper - 1)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

/** The first that its steps allow, or one of those after it. */
function numberFor(schema: JsonObject, who: MadeUpFor): number {
  const step = numberOr(schema['multipleOf'], 1)
  const least = numberOr(schema['minimum'], numberOr(schema['exclusiveMinimum'], 0) + step)
  const first = Math.ceil(least / step) * step
  const most = numberOr(schema['maximum'], numberOr(schema['exclusiveMaximum'], first + 1001 * step) - step)
  const further = Math.max(0, Math.floor((most - first) / step))
  return first + (hashOf(who.name) % (Math.min(NUMBERS, further) + 1)) * step
}

const NUMBERS = 1_000

function textFor(schema: JsonObject, who: MadeUpFor): string | undefined {
  const { pattern, format } = schema
  if (typeof pattern === 'string') return textOfPattern(pattern)
  if (typeof format === 'string') return FORMATS[format]?.(hashOf(who.name))
  const least = numberOr(schema['minLength'], 0)
  if (least > MOST_LETTERS) return undefined
  const text = `made up for ${who.name}`
  return text.slice(0, numberOr(schema['maxLength'], text.length)).padEnd(least, '.')
}

const MOST_LETTERS = 4_096

/** From 0 to 2 ** 32; addresses are of the ranges that documents use. */
const FORMATS: Readonly<Record<string, (number: number) => string>> = {
  ipv4: (number) => `198.${18 + (number & 1)}.${(number >>> 8) & 255}.${1 + ((number >>> 16) % 254)}`,
  ipv6: (number) => `2001:db8::${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`,
  hostname: (number) => `host-${number.toString(36)}.example`,
  uri: (number) => `https://host-${number.toString(36)}.example/`,
  email: (number) => `someone-${number.toString(36)}@host.example`,
  date: () => '2026-01-01',
  'date-time': () => '2026-01-01T00:00:00Z',
  uuid: (number) => `00000000-0000-4000-8000-0000${number.toString(16).padStart(8, '0')}`,
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
