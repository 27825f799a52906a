// JSON Schema 2020-12 by ajv: compiles a schema once and says in few words how a value breaks it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { canonical } from '../base/canonical.ts'
import { isObject, type Json } from '../base/json.ts'
import { makePattern } from './pattern.ts'
import { type Problem, problemsOf } from './problems.ts'

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
  let ajv = makeAjv()
  const compiled = new Map<string, Validate>()
  return {
    compile(schema) {
      const text = canonical(schema)
      const known = compiled.get(text)
      if (known !== undefined) return known
      if (compiled.size >= KEPT) forget()
      const validate = validateWith(ajv.compile(schema as object), isSecret(schema))
      compiled.set(text, validate)
      return validate
    },
    problems(schema) {
      return ajv.validateSchema(schema as object) === true ? [] : problemsOf(ajv.errors ?? [])
    },
  }

  /** Ajv keeps what it compiled for ever: a fresh one takes its place. */
  function forget(): void {
    compiled.clear()
    ajv = makeAjv()
  }
}

/** Patterns of roles meet values of nodes: they run in an engine that ends. */
const linear = Object.assign(
  // Ajv tells patterns apart by their text.
  (source: string) => ({ ...makePattern(source), toString: () => source }),
  { code: 'makePattern' },
) as never

function makeAjv(): Ajv2020 {
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
    code: { regExp: linear },
  })
  // The package is CommonJS: its default export is the module under type stripping and the function under types.
  const add = ((addFormats as { default?: unknown }).default ?? addFormats) as (ajv: Ajv2020) => void
  add(ajv)
  return ajv
}

function validateWith(validate: ValidateFunction, secret: boolean): Validate {
  return (value) => (validate(value) === true ? [] : problemsOf(validate.errors ?? [], secret))
}

/** `writeOnly` is JSON Schema's word for a secret: its values do not come back in messages. */
function isSecret(schema: Json): boolean {
  return isObject(schema) && schema['writeOnly'] === true
}
