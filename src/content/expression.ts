// CEL expressions: compiled once, told what they may read, evaluated over plain JSON in bounded work.
import type { Environment, ParseResult } from '@marcbachmann/cel-js'
import type { Expression } from '../model/language.ts'
import { cel } from './cel.ts'
import { meterWork } from './expression-meter.ts'
import { isDeeperThan, type Read, readsOf, ROOTS } from './expression-reads.ts'
import { makePick, pick, resultOf } from './expression-values.ts'

const MAX_EXPRESSION = 4_000

/** Of its syntax tree: the engine's own bound leaves out `1 + 1 + ...` and `!!...`, whose depth is that of a stack. */
const MAX_DEPTH = 300

/** Steps of loops plus characters and items that are gone through (expression-meter.ts): 100,000 members pass. */
const MAX_WORK = 5_000_000
export function compileExpression(source: string): Expression {
  // All nodes, as most deployments have it: nothing needs to be loaded for that.
  if (source === 'true') return { reads: [], evaluate: () => ({ ok: true, value: true }) }
  const parsed = parseExpression(source)
  if (!parsed.ok)
    return { fault: parsed.message, reads: [], evaluate: () => ({ ok: false, message: parsed.message }) }
  const { reads, program } = parsed
  const wanted = makePick(reads.map(({ path }) => path))
  const work = { left: 0 }
  meterWork(program.ast, work)
  return {
    reads: reads.map(({ path }) => path),
    evaluate(scope) {
      work.left = MAX_WORK
      try {
        return {
          ok: true,
          value: resultOf(program(Object.fromEntries(pick(scope, wanted)))),
        }
      } catch (error) {
        return { ok: false, message: messageOf(error) }
      }
    },
  }
}

export type Parsed =
  | { ok: true; program: ParseResult; reads: Read[]; type: string }
  | { ok: false; message: string; start: number; end: number; code: string }

/** Syntax, names and types, as far as the environment declares them. */
export function parseExpression(source: string, declared: Environment = everything()): Parsed {
  const refused = (code: string, message: string, start = 0, end = start + 1): Parsed => ({
    ok: false,
    code,
    message,
    start,
    end,
  })
  if (source.length > MAX_EXPRESSION) {
    return refused('tooLong', `the expression is longer than ${MAX_EXPRESSION} characters`)
  }
  try {
    const program = declared.parse(source)
    if (isDeeperThan(MAX_DEPTH, program.ast)) return refused('tooDeep', TOO_DEEP)
    const reads = readsOf(program.ast)
    const { valid, type = 'dyn', error } = program.check()
    if (valid) return { ok: true, program, reads, type }
    return refused(error?.code ?? 'type', messageOf(error), error?.range?.start, error?.range?.end)
  } catch (error) {
    // The engine reads by recursion: whether it gets there depends on the stack, what is said of it does not.
    if (error instanceof RangeError) return refused('tooDeep', TOO_DEEP)
    const { code = 'syntax', range } = error as { code?: string; range?: { start: number; end: number } }
    return refused(code, messageOf(error), range?.start, range?.end)
  }
}

/** An environment of CEL in which these variables have these types; `{ schema }` gives a type per key. */
export function makeEnvironment(
  variables: Record<string, string | { schema: Record<string, string> }>,
): Environment {
  const made = base().clone()
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type === 'string') made.registerVariable(name, type)
    else made.registerVariable({ name, schema: type.schema })
  }
  return made
}

/** Names of all functions, for suggestions. */
export function functionNames(): string[] {
  return [
    ...new Set(
      base()
        .getDefinitions()
        .functions.map(({ name }) => name),
    ),
  ]
}

const TOO_DEEP = `the expression is nested more than ${MAX_DEPTH} levels deep`

const kept: { base?: Environment; everything?: Environment } = {}

function base(): Environment {
  return (kept.base ??= makeBase())
}

/** All names, of any type. */
function everything(): Environment {
  return (kept.everything ??= makeEnvironment(Object.fromEntries(ROOTS.map((name) => [name, 'dyn']))))
}

/**
 * CEL keeps whole and broken numbers apart, JSON does not: mixed arithmetic gives a broken number, and a number may be
 * put to a text. A text is a text all the same: nothing turns into a number by itself.
 */
function makeBase(): Environment {
  const { Environment: Cel } = cel()
  const environment = new Cel({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  const mixed: [string, (a: number, b: number) => number][] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ]
  for (const [operator, compute] of mixed) {
    const handler = (a: unknown, b: unknown) => compute(Number(a), Number(b))
    environment.registerOperator(`int ${operator} double`, handler)
    environment.registerOperator(`double ${operator} int`, handler)
  }
  environment.registerOperator('int == double', (a: bigint, b: number): boolean => Number(a) === b)
  for (const number of ['int', 'double']) {
    environment.registerOperator(`string + ${number}`, (text: string, value: unknown) => text + String(value))
    environment.registerOperator(`${number} + string`, (value: unknown, text: string) => String(value) + text)
  }
  return environment
}

function messageOf(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string }
  const said = (summary ?? message ?? String(error)).split('\n')[0] as string
  const text = said.replace(/^Unexpected token: EOF|^Expected \w+, got EOF/, 'the expression ends too early')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
