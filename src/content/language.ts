// The languages that content brings along, as the heart wants them: CEL and JSON Schema, each text compiled once.
import type { Expression, Language } from '../model/language.ts'
import type { Json } from '../base/json.ts'
import { compileExpression } from './expression.ts'
import { cut, type Problem } from './problems.ts'
import { makeSchemas, type Schemas } from './schema.ts'
import { surelyFits } from './surely-fits.ts'

/** Expressions in force are few; a process that reads many sites over time starts its memory afresh now and then. */
const KEPT = 10_000

/** That of the release (`test/contracts/neighbours.test.ts`): the next one may answer otherwise. */
const EDITION = '0.1.0'

export function makeLanguage(): Language {
  const expressions = new Map<string, Expression>()
  let schemas: Schemas | undefined
  return {
    edition: EDITION,
    expression(source) {
      const known = expressions.get(source)
      if (known !== undefined) return known
      if (expressions.size >= KEPT) expressions.clear()
      const made = compileExpression(source)
      expressions.set(source, made)
      return made
    },
    schema(schema) {
      let validate: ((value: unknown) => Problem[]) | undefined
      return (value) => {
        if (surelyFits(schema, value)) return undefined
        validate ??= compiled(schema)
        return sentence(validate(value))
      }
    },
  }

  /** Schemas were checked when they were read; one that is none all the same lets nothing through. */
  function compiled(schema: Json): (value: unknown) => Problem[] {
    try {
      schemas ??= makeSchemas()
      return schemas.compile(schema)
    } catch (error) {
      const message = `the schema cannot be used: ${(error as Error).message}`
      return () => [{ code: 'wrongValue', path: [], message }]
    }
  }
}

/** `members.n1.port: expected integer, found "abc" (and 2 more)` */
function sentence(problems: Problem[]): string | undefined {
  const [first, ...more] = problems
  if (first === undefined) return undefined
  const place = first.path.length === 0 ? '' : `${first.path.map(cut).slice(0, 10).join('.')}: `
  return `${place}${first.message}${more.length === 0 ? '' : ` (and ${more.length} more)`}`
}
