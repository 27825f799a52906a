// Bounds the work of a CEL program, which the engine itself does not do.
import { makePattern, type Pattern } from './pattern.ts'

/**
 * Puts a meter on what can grow without bound, in the checked program: turns of loops, operators and functions by the size
 * of what they are given, and regular expressions (which run in our own engine, see pattern.ts). It reaches into how cel-js 8.0.0 keeps a program;
 * `expression.test.ts` fails when that changes ("work is bounded").
 */
export function meterWork(root: object, work: { left: number }): void {
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
    if (node.handle !== undefined) {
      if (node.op === '+') meter(node, (left, right) => spend(weight(left) + weight(right)))
      else if (COMPARING.has(node.op ?? ''))
        meter(node, (left, right) => spend((sizeOf(left) + sizeOf(right)) >> 3))
      else if (node.op === 'rcall' && nameOf(node) === 'matches')
        node.handle = ((given: [unknown, unknown]) => matches(given, spend)) as Handle
      else if (node.op === 'rcall' || node.op === 'call') {
        const isSize = nameOf(node) === 'size'
        meter(node, (given) => spend(isSize && !isText(given) ? 1 : sizesOf(given)))
      }
    }
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
    node.handle = (left, right, third, fourth) => {
      before(left, right)
      return handle(left, right, third, fourth)
    }
  }
}

/** Of two operands, or of all arguments and what goes with them. */
type Handle = (left: unknown, right: unknown, third?: unknown, fourth?: unknown) => unknown

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

/** Operators that look at all of what they are given; an eighth of a step for each part. */
const COMPARING = new Set(['==', '!=', 'in', '<', '<=', '>', '>=', '-', '*', '/', '%'])

function nameOf(node: Program): unknown {
  return (node.args as unknown[])[0]
}

function isText(given: unknown): boolean {
  return typeof (given as unknown[])[0] === 'string'
}

function weight(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 1
}

/** Values do not change: each is looked at once. */
const sizes = new WeakMap<object, number>()

/** Of arguments: their list is made anew for each call. */
function sizesOf(given: unknown): number {
  let size = 1
  for (const one of given as unknown[]) size += sizeOf(one)
  return size
}

/** Characters and parts, all the way down. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 1
  if (typeof value !== 'object' || value === null) return 1
  const known = sizes.get(value)
  if (known !== undefined) return known
  let size = 1
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item)
  else if (value instanceof Map) for (const [key, item] of value) size += sizeOf(key) + sizeOf(item)
  sizes.set(value, size)
  return size
}

const patterns = new Map<string, Pattern>()

function matches(operands: [unknown, unknown], spend: (amount: number) => void): boolean {
  const [text, source] = operands
  if (typeof text !== 'string' || typeof source !== 'string')
    throw new Error('matches wants a text and a pattern')
  let pattern = patterns.get(source)
  if (pattern === undefined) {
    pattern = makePattern(source)
    if (patterns.size >= 1_000) patterns.clear()
    patterns.set(source, pattern)
  }
  const found = pattern.search(text)
  spend(found.work >> 3)
  return found.is
}
