// Checks a JSON Schema that somebody wrote into a role: known words, sound patterns, references that lead somewhere.
import { canonical } from '../base/canonical.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import type { Format } from './format.ts'
import type { KnownToFit } from './known-to-fit.ts'
import { patternComplaint } from './pattern.ts'
import type { Problem } from './problems.ts'
import { SCHEMA_KEYWORDS } from './role-format.ts'
import type { Schemas } from './schema.ts'

const MAX_DEPTH = 40

const ROLES_SCHEMA: Format = { title: 'a JSON Schema that a role says' }

/** Empty when ajv will compile it and its patterns end in bounded time. */
export function schemaFaults(schema: JsonObject, schemas: Schemas, known?: KnownToFit): Problem[] {
  const text = canonical(schema)
  if (known?.has(ROLES_SCHEMA, text)) return []
  const faults = faultsIn(schema, schemas)
  if (faults.length === 0) known?.add(ROLES_SCHEMA, text)
  return faults
}

function faultsIn(schema: JsonObject, schemas: Schemas): Problem[] {
  const words = wordFaults(schema, [])
  if (words.length > 0) return words
  const rules = schemas.problems(schema)
  if (rules.length > 0) return rules
  try {
    schemas.compile(schema)
    return []
  } catch (error) {
    const message = (error as Error).message.replace(/^strict mode: /, '')
    return [{ code: 'wrongValue', path: [], message: `it is not a JSON Schema: ${message}` }]
  }
}

const ONE = [
  'additionalProperties',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]
const MANY = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const NAMED = ['$defs', 'dependentSchemas', 'patternProperties', 'properties']

function wordFaults(schema: Json | undefined, path: string[]): Problem[] {
  if (!isObject(schema)) return []
  if (path.length > MAX_DEPTH * 2) {
    return [{ code: 'wrongValue', path, message: `a schema more than ${MAX_DEPTH} levels deep` }]
  }
  return Object.entries(schema).flatMap(([word, value]) => {
    const here = [...path, word]
    if (
      !(SCHEMA_KEYWORDS as readonly string[]).includes(word) &&
      !(path.length === 0 && word === 'writeOnly') &&
      word !== 'default'
    ) {
      const near = nearest(word, SCHEMA_KEYWORDS)
      return [
        {
          code: 'unknownKey' as const,
          path,
          key: word,
          message: `${word} is no keyword of JSON Schema that is known here`,
          ...(near && { advice: `did you mean ${near}?` }),
        },
      ]
    }
    if (word === 'pattern') return unsound(value, here)
    if (word === '$ref' && !(typeof value === 'string' && value.startsWith('#'))) {
      return [
        {
          code: 'wrongValue' as const,
          path: here,
          message: 'a $ref stays inside its own schema',
          advice: 'write it as #/$defs/name',
        },
      ]
    }
    if (word === 'patternProperties' && isObject(value)) {
      const bad = Object.keys(value).flatMap((pattern) => unsound(pattern, [...here, pattern]))
      if (bad.length > 0) return bad
    }
    if (ONE.includes(word)) return wordFaults(value, here)
    if (MANY.includes(word) && Array.isArray(value))
      return value.flatMap((one, at) => wordFaults(one, [...here, String(at)]))
    if (NAMED.includes(word) && isObject(value))
      return Object.entries(value).flatMap(([name, one]) => wordFaults(one, [...here, name]))
    return []
  })
}

function unsound(pattern: Json, path: string[]): Problem[] {
  const complaint = typeof pattern === 'string' ? patternComplaint(pattern) : undefined
  return complaint === undefined
    ? []
    : [{ code: 'wrongValue', path, message: `the pattern cannot be used: ${complaint}` }]
}
