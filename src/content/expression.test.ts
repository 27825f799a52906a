// CEL over plain JSON: numbers, what an expression reads, hostile keys, and work that is bounded.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../base/json.ts'
import { compileExpression } from './expression.ts'

const scope: JsonObject = {
  inputs: { port: 8080, ratio: 1.5, name: 'web', list: [1, 2, 3], peers: { b: 'B', a: 'A' }, nothing: null },
  node: { name: 'n1', labels: { tier: 'data' }, facts: { memory: { total_bytes: 4096 } } },
  deployment: { name: 'all' },
  value: { n1: 'mine', n2: 'other' },
}

function evaluate(source: string, over: JsonObject = scope): unknown {
  const result = compileExpression(source).evaluate(over)
  return result.ok ? result.value : new Error(result.message)
}

describe('values', () => {
  test.each([
    ['node.facts.memory.total_bytes / 1024', 4],
    ['inputs.port + 1', 8081],
    ['inputs.port * 1.5', 12120],
    ['inputs.ratio * 2', 3],
    ['inputs.ratio + 1', 2.5],
    ["'port ' + string(inputs.port)", 'port 8080'],
    ["inputs.name + ':' + inputs.port", 'web:8080'],
    ['value[node.name]', 'mine'],
    ['inputs.nothing == null', true],
    ['inputs.port == 8080.0 && 8080.0 == inputs.port && inputs.port != 8080.5', true],
    ['8080 == 8080.0 && 1 != 1.5', true],
    ["inputs.peers.map(k, k + '=' + inputs.peers[k]).join(',')", 'a=A,b=B'],
    ['inputs.list.filter(x, x > 1)', [2, 3]],
    ["{'a': 1, 'b': ['x', 2.5, null]}", { a: 1, b: ['x', 2.5, null] }],
    ['has(node.labels.rack) ? node.labels.rack : "none"', 'none'],
    ['node.labels.?rack.orValue("none")', 'none'],
    ['inputs.?nope', null],
    ['size(inputs.list) == 3 && node.name.startsWith("n")', true],
    ['timestamp("2024-01-01T00:00:00Z")', '2024-01-01T00:00:00.000Z'],
    ['1u', 1],
    ['inputs', scope['inputs']],
  ])('%s', (source, value) => {
    expect(evaluate(source)).toEqual(value)
  })
})

describe('refusals, each with a word about why', () => {
  test.each([
    ['inputs.nope', 'no such key: nope'],
    ['nope', 'unknown variable: nope'],
    ['inputs.', 'the expression ends too early'],
    ['9007199254740991 + 1', 'too large to be kept exactly'],
    ['1.0 / 0.0', 'not a number that JSON has'],
    ['b"x"', 'bytes'],
    ['type(1)', 'a type, not a value'],
    ['inputs.name.matches("(?=x)")', 'cannot be used'],
    ['inputs.name + true', 'no such overload'],
    [`'${'x'.repeat(5_000)}'`, 'longer than'],
  ])('%s', (source, why) => {
    expect(String(evaluate(source))).toContain(why)
  })
})

describe('what an expression reads', () => {
  test.each([
    ['inputs.a + inputs.b.c', ['inputs a', 'inputs b c']],
    ['inputs["a"].b', ['inputs a b']],
    ['value[node.name].x', ['value', 'node name']],
    ['inputs.list[0].x', ['inputs list']],
    ['has(node.facts.x)', ['node facts x']],
    ['node.?facts.?x', ['node facts x']],
    ['size(inputs)', ['inputs']],
    ['inputs.l.map(inputs, inputs.x + node.name)', ['inputs l', 'node name']],
    ['cel.bind(node, inputs.a, node.b)', ['inputs a']],
    ['inputs.m[inputs.m[node.name]]', ['inputs m', 'node name']],
    ['1 + 1', []],
  ])('%s', (source, reads) => {
    expect(compileExpression(source).reads.map((path) => path.join(' '))).toEqual(reads)
  })

  test('it sees nothing else: what it does not read may be anything', () => {
    const hidden = Object.defineProperty({ a: 1 }, 'secret', {
      enumerable: true,
      get: () => expect.unreachable('read'),
    }) as JsonObject
    expect(evaluate('inputs.a', { inputs: hidden })).toBe(1)
  })
})

test('no key reaches a prototype, and every key is data', () => {
  const inputs = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": 3}') as JsonObject
  expect(evaluate('inputs.constructor + inputs.toString', { inputs })).toBe(5)
  expect(evaluate('inputs["__proto__"].a', { inputs })).toBe(1)
  expect(evaluate('inputs.hasOwnProperty', { inputs })).toBeInstanceOf(Error)
  expect(evaluate('inputs.__proto__', { inputs: {} })).toBeInstanceOf(Error)
  const made = evaluate('{"__proto__": 1, "constructor": 2}') as object
  expect(Object.keys(made)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
})

describe('work is bounded', () => {
  const wide = { inputs: { wide: Array.from({ length: 1_000 }, (_, at) => at), text: 'a'.repeat(1_000) } }
  test.each([
    ['nested loops', 'inputs.wide.map(a, inputs.wide.map(b, inputs.wide.map(c, 1)))'],
    ['nested questions', 'inputs.wide.all(a, inputs.wide.all(b, inputs.wide.all(c, true)))'],
    ['texts that double', `[inputs.text]${'.map(a, a + a)'.repeat(60)}`],
    ['lists that double', `[inputs.wide]${'.map(a, a + a)'.repeat(60)}`],
    ['a list looked for in each of many', 'inputs.wide.all(x, inputs.wide.all(y, y in inputs.wide))'],
    ['lists compared', 'inputs.wide.all(x, inputs.wide.all(y, inputs.wide != [x]))'],
    ['texts taken apart', 'inputs.wide.all(x, inputs.wide.all(y, size(inputs.text.split("")) > 0))'],
    ['patterns in a loop', 'inputs.wide.all(x, inputs.wide.all(y, !inputs.text.matches("(a+)+b")))'],
    [
      'names that double',
      `${Array.from({ length: 40 }, (_, at) => `cel.bind(x${at}, ${at === 0 ? 'inputs.text' : `x${at - 1} + x${at - 1}`}, `).join('')}x39${')'.repeat(40)}`,
    ],
  ])('%s', (_what, source) => {
    expect(String(evaluate(source, wide))).toContain('too much work')
  })

  test('a pattern that would run for years', () => {
    expect(evaluate('inputs.text.matches("^(a+)+b$")', wide)).toBe(false)
  })

  test('the next evaluation starts afresh', () => {
    const expression = compileExpression('inputs.wide.map(a, inputs.wide.filter(b, a == b))')
    for (let time = 0; time < 10; time++) expect(expression.evaluate(wide).ok).toBe(true)
  })
})

test.each([
  ['signs', `${'-'.repeat(400)}1`],
  ['more signs than the stack has room for', `${'!'.repeat(3_900)}true`],
  ['a long sum', `${'1+'.repeat(1_900)}1`],
])('what is nested deeply is refused: %s', (_what, source) => {
  expect(String(evaluate(source))).toContain('nested more than 300 levels deep')
})

test('a result is no deeper than any value may be', () => {
  const inputs = { deep: JSON.parse('['.repeat(99) + ']'.repeat(99)) as Json }
  expect(evaluate('[inputs.deep]', { inputs })).toHaveLength(1)
  expect(String(evaluate('[[inputs.deep]]', { inputs }))).toContain('nested more than 100 levels deep')
})

test('no text makes it throw, and none that compiles makes it throw over any scope', () => {
  const words = fc.constantFrom(
    'inputs',
    'node',
    'value',
    '.',
    'a',
    'map',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '?',
    '+',
    '-',
    '*',
    '/',
    '%',
    '==',
    '<',
    '&&',
    '||',
    '!',
    'in',
    '1',
    '2.5',
    '1u',
    '"x"',
    "b'y'",
    'x',
    'filter',
    'all',
    'has',
    'cel.bind',
    'size',
    'matches',
    'dyn',
    'null',
  )
  const source = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 12 }).map((some) => some.join('')),
  )
  fc.assert(
    fc.property(source, fc.jsonValue(), (text, value) => {
      const result = compileExpression(text).evaluate({
        inputs: { a: value as never },
        node: {},
        value: value as never,
      })
      if (result.ok) expect(JSON.parse(JSON.stringify(result.value))).toEqual(result.value)
    }),
    { numRuns: 3_000 },
  )
})
