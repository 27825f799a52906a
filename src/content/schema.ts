// JSON Schema 2020-12 by ajv: compiles a schema once and says in few words how a value breaks it.
import { createRequire } from 'node:module'
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction, ErrorObject, SchemaValidateFunction } from 'ajv/dist/types/index.js'
import { canonical } from '../base/canonical.ts'
import { isObject, type Json } from '../base/json.ts'
import { makePattern } from './pattern.ts'
import { type Problem, problemsOf } from './problems.ts'

/** Its hundred files are loaded when there is a schema to compile: most commands have none. They are CommonJS. */
const load = createRequire(import.meta.url)

export type Validate = (value: unknown) => Problem[]

export interface Schemas {
  /** Throws what ajv throws when this is no schema. */
  compile(schema: Json): Validate
  /** What is wrong with it as a schema, by the rules of JSON Schema itself. */
  problems(schema: Json): Problem[]
}

/** Compiled schemas are kept by their text: the same schema comes with every role that is read again. */
const KEPT = 5_000

export function makeSchemas(): Schemas {
  let ajv: Ajv2020 | undefined
  const compiled = new Map<string, Validate>()
  return {
    compile(schema) {
      const text = canonical(schema)
      const known = compiled.get(text)
      if (known !== undefined) return known
      if (compiled.size >= KEPT) forget()
      const validate = validateWith((ajv ??= makeAjv()).compile(schema as object), isSecret(schema))
      compiled.set(text, validate)
      return validate
    },
    problems(schema) {
      callsLeft = MOST_CALLS
      ajv ??= makeAjv()
      return ajv.validateSchema(schema as object) === true ? [] : problemsOf(ajv.errors ?? [])
    },
  }

  /** Ajv keeps what it compiled for ever: a fresh one takes its place. */
  function forget(): void {
    compiled.clear()
    ajv = undefined
  }
}

/** Patterns of roles meet values of nodes: they run in an engine that ends. */
const linear = Object.assign(
  // Ajv tells patterns apart by their text.
  (source: string) => ({ ...makePattern(source), toString: () => source }),
  { code: 'makePattern' },
) as never

function makeAjv(): Ajv2020 {
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const addFormats = load('ajv-formats') as (ajv: Ajv2020) => void
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowUnionTypes: true,
    validateSchema: false,
    logger: false,
    // So that each `$ref` is a call, and can be counted.
    inlineRefs: false,
    code: { regExp: linear, process: metered },
  })
  addFormats(ajv)
  const url = ajv.formats['url'] as RegExp
  ajv.addFormat('url', (text) => text.length <= LONGEST_URL && url.test(text))
  // Ajv compares each item with each other, and calls what a value holds under the key `valueOf`.
  for (const keyword of ['uniqueItems', 'enum', 'const']) ajv.removeKeyword(keyword)
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: isUnique })
  ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    compile: (allowedValues: Json[]) =>
      isOneOf(allowedValues, { keyword: 'enum', params: { allowedValues } }),
  })
  ajv.addKeyword({
    keyword: 'const',
    compile: (allowedValue: Json) => isOneOf([allowedValue], { keyword: 'const', params: { allowedValue } }),
  })
  return Object.assign(ajv, { spend })
}

/** What servers take. The expression looks at longer ones once from each of their characters. */
const LONGEST_URL = 8 * 1024

/** Calls of schemas in one validation: 500,000 items pass, references that branch at each level of a value do not. */
const MOST_CALLS = 1_000_000
/** Raw ones, of one value: a mistake that is made in each of many items is told often enough. */
const MOST_ERRORS = 1_000

class TooMuch extends Error {}
const TOO_MUCH =
  'it takes too much work to check: references in the schema lead in a circle or branch too often'

let callsLeft = 0

function spend(): void {
  if (--callsLeft < 0) throw new TooMuch()
}

/** Puts a meter at the beginning of the function that ajv 8.20.0 writes of a schema; schema.test.ts fails when it writes others. */
function metered(code: string): string {
  return code.replace(/function validate\d*\(data, \{.*?\}=\{\}\)\{/, '$&self.spend();')
}

const isUnique: SchemaValidateFunction = (wanted: boolean, items: Json[]): boolean => {
  if (!wanted) return true
  const places = new Map<string, number>()
  for (const [j, item] of items.entries()) {
    const text = canonical(item)
    const i = places.get(text)
    if (i === undefined) places.set(text, j)
    else {
      isUnique.errors = [{ keyword: 'uniqueItems', params: { i: j, j: i }, message: 'items are equal' }]
      return false
    }
  }
  return true
}

/** Equal is what has the same canonical text. */
function isOneOf(allowed: readonly Json[], error: Partial<ErrorObject>): DataValidateFunction {
  const texts = new Set(allowed.map(canonical))
  const validate: DataValidateFunction = (value: Json) => {
    const is = texts.has(canonical(value))
    if (!is) validate.errors = [error]
    return is
  }
  return validate
}

function validateWith(validate: ValidateFunction, secret: boolean): Validate {
  return (value) => {
    callsLeft = MOST_CALLS
    try {
      return validate(value) === true ? [] : problemsOf((validate.errors ?? []).slice(0, MOST_ERRORS), secret)
    } catch (error) {
      // A stack that is used up is the same: a reference that leads back to itself.
      if (!(error instanceof TooMuch || error instanceof RangeError)) throw error
      return [{ code: 'wrongValue', path: [], message: TOO_MUCH, ...(secret ? { secret } : {}) }]
    }
  }
}

/** `writeOnly` is JSON Schema's word for a secret: its values do not come back in messages. */
function isSecret(schema: Json): boolean {
  return isObject(schema) && schema['writeOnly'] === true
}
