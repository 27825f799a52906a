// CEL expressions: compiled once, told what they may read, evaluated over plain JSON in bounded work.
import { type ASTNode, Environment, Optional, type ParseResult } from '@marcbachmann/cel-js'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Expression } from '../model/language.ts'
import { makePattern, type Pattern } from './pattern.ts'

export const MAX_EXPRESSION = 4_000

/** All names that an expression may begin with, wherever it stands. */
const ROOTS = ['inputs', 'node', 'deployment', 'value']

/** Steps of loops plus characters and items that `+` puts together: 100,000 members pass, runaway growth does not. */
const MAX_WORK = 5_000_000
/** Values and characters in a result. */
const MAX_RESULT = 4_000_000

export function compileExpression(source: string): Expression {
  const parsed = parseExpression(source)
  if (!parsed.ok) return { reads: [], evaluate: () => ({ ok: false, message: parsed.message }) }
  const { reads, program } = parsed
  const wanted = makePick(reads.map(({ path }) => path))
  const work = { left: 0 }
  bound(program.ast, work)
  return {
    reads: reads.map(({ path }) => path),
    evaluate(scope) {
      work.left = MAX_WORK
      try {
        return {
          ok: true,
          value: toJson(program(Object.fromEntries(pick(scope, wanted))), { left: MAX_RESULT }),
        }
      } catch (error) {
        return { ok: false, message: messageOf(error) }
      }
    },
  }
}

export interface Read {
  path: string[]
  /** Where in the expression the path stands. */
  start: number
  end: number
}

export type Parsed =
  | { ok: true; program: ParseResult; reads: Read[]; type: string }
  | { ok: false; message: string; start: number; end: number; code: string }

/** Syntax, names and types, as far as the environment declares them. */
export function parseExpression(source: string, declared: Environment = environment): Parsed {
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
    const reads = readsOf(program.ast)
    const { valid, type = 'dyn', error } = program.check()
    if (valid) return { ok: true, program, reads, type }
    return refused(error?.code ?? 'type', messageOf(error), error?.range?.start, error?.range?.end)
  } catch (error) {
    const { code = 'syntax', range } = error as { code?: string; range?: { start: number; end: number } }
    return refused(code, messageOf(error), range?.start, range?.end)
  }
}

/** An environment of CEL in which these variables have these types; `{ schema }` gives a type per key. */
export function makeEnvironment(
  variables: Record<string, string | { schema: Record<string, string> }>,
): Environment {
  const made = base.clone()
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type === 'string') made.registerVariable(name, type)
    else made.registerVariable({ name, schema: type.schema })
  }
  return made
}

/** Names of all functions, for suggestions. */
export function functionNames(): string[] {
  return [...new Set(base.getDefinitions().functions.map(({ name }) => name))]
}

const base = makeBase()
/** All names, of any type. */
export const environment = makeEnvironment(Object.fromEntries(ROOTS.map((name) => [name, 'dyn'])))

/**
 * CEL keeps whole and broken numbers apart, JSON does not: mixed arithmetic gives a broken number, and a number may be
 * put to a text. A text is a text all the same: nothing turns into a number by itself.
 */
function makeBase(): Environment {
  const made = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  const mixed: [string, (a: number, b: number) => number][] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ]
  for (const [operator, compute] of mixed) {
    const handler = (a: unknown, b: unknown) => compute(Number(a), Number(b))
    made.registerOperator(`int ${operator} double`, handler)
    made.registerOperator(`double ${operator} int`, handler)
  }
  made.registerOperator('int == double', (a: bigint, b: number): boolean => Number(a) === b)
  for (const number of ['int', 'double']) {
    made.registerOperator(`string + ${number}`, (text: string, value: unknown) => text + String(value))
    made.registerOperator(`${number} + string`, (value: unknown, text: string) => String(value) + text)
  }
  return made
}

/** The longest paths of constants from each variable: what is indexed by a value is read as a whole. */
function readsOf(root: ASTNode): Read[] {
  const reads = new Map<string, Read>()
  visit(root, [])
  return [...reads.values()]

  function visit(node: ASTNode, local: readonly string[]): void {
    const read = pathOf(node, local)
    if (read !== undefined) {
      reads.set(JSON.stringify(read.path), read)
      // The index that ends the path may read too.
      for (let here = node; here.op !== 'id'; here = (here.args as [ASTNode])[0]) {
        if (here.op === '[]' || here.op === '[?]') visit(here.args[1], local)
      }
      return
    }
    const bound = boundBy(node)
    for (const part of partsOf(node))
      visit(part, bound === undefined || part === bound.over ? local : [...local, bound.name])
  }
}

function pathOf(node: ASTNode, local: readonly string[]): Read | undefined {
  const words: (string | undefined)[] = []
  let here = node
  while (here.op === '.' || here.op === '.?' || here.op === '[]' || here.op === '[?]') {
    const [left, key] = here.args as [ASTNode, ASTNode | string]
    if (typeof key === 'string') words.unshift(key)
    else words.unshift(key.op === 'value' && typeof key.args === 'string' ? key.args : undefined)
    here = left
  }
  if (here.op !== 'id' || local.includes(here.args) || !ROOTS.includes(here.args)) return undefined
  const end = words.indexOf(undefined)
  const path = [here.args, ...words.slice(0, end < 0 ? undefined : end)] as string[]
  return { path, start: here.start, end: node.end }
}

const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter']

/** The variable that a loop or `cel.bind` brings, and the part in which it is not known yet. */
function boundBy(node: ASTNode): { name: string; over: ASTNode } | undefined {
  if (node.op !== 'rcall') return undefined
  const [name, receiver, args] = node.args
  const [first, second] = args
  if (first?.op !== 'id' || args.length < 2) return undefined
  if (LOOPS.includes(name)) return { name: first.args, over: receiver }
  return name === 'bind' && receiver.op === 'id' && receiver.args === 'cel'
    ? { name: first.args, over: second as ASTNode }
    : undefined
}

function partsOf(node: ASTNode): ASTNode[] {
  return [node.args].flat(3).filter((part): part is ASTNode => isNode(part))
}

function isNode(value: unknown): value is ASTNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { evaluate?: unknown }).evaluate === 'function'
  )
}

/**
 * Puts a meter on what can grow without bound, in the checked program: turns of loops, `+` of texts and lists, and
 * regular expressions (which run in our own engine, see pattern.ts). It reaches into how cel-js 8.0.0 keeps a program;
 * `expression.test.ts` fails when that changes ("work is bounded").
 */
function bound(root: ASTNode, work: { left: number }): void {
  const seen = new Set<object>()
  const spend = (amount: number) => {
    work.left -= amount
    if (work.left < 0) throw new Error('it takes too much work')
  }
  visit(root)

  function visit(value: unknown): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (Array.isArray(value)) return value.forEach(visit)
    const node = value as Program
    if (node.op === '+' && node.handle !== undefined)
      meter(node, (left, right) => spend(weight(left) + weight(right)))
    if (node.op === 'rcall' && (node.args as unknown[])[0] === 'matches') node.handle = matches as Handle
    if (node.op === 'map') node.setMeta?.('evaluate', makeMapping)
    visit(node.args)
    visit(node.meta?.alternate)
    const macro = node.meta?.macro
    if (macro !== undefined) for (const part of Object.values(macro)) visit(part)
    // Steps of loops come last: what they hold has been visited, and is wrapped from outside.
    const loop = node.op === 'comprehension' ? (node.args as { step: { evaluate: unknown } }) : undefined
    if (loop !== undefined) {
      const { step } = loop
      loop.step = {
        evaluate(evaluator: Evaluator, _step: unknown, scope: unknown) {
          spend(1)
          return evaluator.run(step, scope)
        },
      }
    }
  }

  function meter(node: Program, before: (left: unknown, right: unknown) => void): void {
    const { handle } = node as { handle: Handle }
    node.handle = (left, right, ...more) => {
      before(left, right)
      return handle(left, right, ...more)
    }
  }
}

type Handle = (left: unknown, right: unknown, ...more: unknown[]) => unknown

/** The parts of cel-js's program that the meter touches. */
interface Program {
  op?: string
  args?: unknown
  handle?: Handle
  meta?: { alternate?: unknown; macro?: Record<string, unknown> }
  setMeta?(key: string, value: unknown): void
}

interface Evaluator {
  run(node: unknown, scope: unknown): unknown
}

/** `{key: value}` as a Map: cel-js makes an object of it and leaves out keys such as `constructor`. */
function makeMapping(
  evaluator: Evaluator,
  node: { args: [unknown, unknown][] },
  scope: unknown,
): Map<unknown, unknown> {
  return new Map(node.args.map(([key, value]) => [evaluator.run(key, scope), evaluator.run(value, scope)]))
}

function weight(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 1
}

const patterns = new Map<string, Pattern>()

function matches(operands: [unknown, unknown]): boolean {
  const [text, source] = operands
  if (typeof text !== 'string' || typeof source !== 'string')
    throw new Error('matches wants a text and a pattern')
  let pattern = patterns.get(source)
  if (pattern === undefined) {
    pattern = makePattern(source)
    if (patterns.size >= 1_000) patterns.clear()
    patterns.set(source, pattern)
  }
  return pattern.test(text)
}

/** A tree of keys; a leaf wants all that is there. */
type Pick = Map<string, Pick | 'all'>

function makePick(paths: readonly (readonly string[])[]): Pick {
  const root: Pick = new Map()
  for (const path of paths) {
    let here = root
    for (const [depth, word] of path.entries()) {
      const known = here.get(word)
      if (known === 'all') break
      if (depth === path.length - 1) here.set(word, 'all')
      else {
        const next: Pick = known ?? new Map()
        here.set(word, next)
        here = next
      }
    }
  }
  return root
}

/**
 * Only what the expression reads is handed over: that it cannot see more is what makes `reads` true. Mappings become
 * Maps, so that no key can reach a prototype, in the order of their keys, so that equal values give equal results.
 */
function pick(scope: JsonObject, wanted: Pick): Map<string, unknown> {
  const picked = new Map<string, unknown>()
  for (const [word, more] of [...wanted].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (!Object.hasOwn(scope, word)) continue
    const value = scope[word] as Json
    picked.set(word, more !== 'all' && isObject(value) ? pick(value, more) : fromJson(value))
  }
  return picked
}

function fromJson(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(fromJson)
  return new Map(
    Object.keys(value)
      .sort()
      .map((key) => [key, fromJson(value[key] as Json)]),
  )
}

function toJson(value: unknown, room: { left: number }): Json {
  room.left -= typeof value === 'string' ? value.length + 1 : 1
  if (room.left < 0) throw new Error('the result is too large')
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
      return wholeNumber(value)
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`the result ${value} is not a number that JSON has`)
      return value
    default:
      return value === null || value === undefined ? null : fromObject(value, room)
  }
}

function wholeNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new Error(`the result ${value} is too large to be kept exactly`)
  return number
}

function fromObject(value: unknown, room: { left: number }): Json {
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => toJson(item, room))
  if (value instanceof Map) return fromEntries([...value], room)
  if (value instanceof Optional) return value.hasValue() ? toJson(value.value(), room) : null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array)
    throw new Error('the result is bytes; make a text of them with .base64() or string()')
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null)
    return fromEntries(Object.entries(value as object), room)
  const plain: unknown = (value as object).valueOf()
  if (typeof plain === 'bigint') return wholeNumber(plain)
  if (typeof plain === 'number') return String(value)
  throw new Error('the result is a type, not a value')
}

function fromEntries(entries: [unknown, unknown][], room: { left: number }): Json {
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const name = String(key)
      room.left -= name.length
      return [name, toJson(item, room)]
    }),
  )
}

function messageOf(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string }
  const said = (summary ?? message ?? String(error)).split('\n')[0] as string
  const text = said.replace(/^Unexpected token: EOF|^Expected \w+, got EOF/, 'the expression ends too early')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
