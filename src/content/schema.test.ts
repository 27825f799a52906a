// Values of nodes against schemas of roles: whatever either holds, an answer comes, and it is short.
import { expect, test } from 'vitest'
import type { Json } from '../base/json.ts'
import { makeSchemas } from './schema.ts'

function problems(schema: Json, value: Json): string[] {
  return makeSchemas()
    .compile(schema)(value)
    .map(({ message }) => message)
}

const nested = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json

test('references that lead back to themselves without going into the value', () => {
  expect(problems({ $ref: '#' }, 1)).toEqual([expect.stringContaining('lead in a circle')])
})

test('references that branch at each level of a value', () => {
  const twice = { items: { allOf: [{ $ref: '#' }, { $ref: '#' }] } }
  expect(problems(twice, nested(4))).toEqual([])
  expect(problems(twice, nested(90))).toEqual([expect.stringContaining('branch too often')])
  const chain = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [
      `a${at}`,
      { allOf: [{ $ref: `#/$defs/a${at + 1}` }, { $ref: `#/$defs/a${at + 1}` }] },
    ]),
  )
  const powers = { $defs: { ...chain, a60: { type: 'string' } }, $ref: '#/$defs/a0' }
  expect(problems(powers, 1)).toEqual([expect.stringContaining('branch too often')])
})

test('a reference for each of many items is no harm', () => {
  const items = Array.from({ length: 100_000 }, (_, at) => at)
  expect(problems({ items: { $ref: '#/$defs/one' }, $defs: { one: { type: 'integer' } } }, items)).toEqual([])
})

test('items that stand once, whatever they are', () => {
  const schema = { type: 'array', uniqueItems: true }
  const many = Array.from({ length: 100_000 }, (_, at) => ({ at: [at] }))
  expect(problems(schema, many)).toEqual([])
  expect(problems(schema, [...many, { at: [7] }])).toEqual([
    'items 7 and 100000 are equal; each may stand once',
  ])
  expect(problems(schema, [{ a: 1, b: 2 }, 1, '1', { b: 2, a: 1 }])).toEqual([
    'items 0 and 3 are equal; each may stand once',
  ])
  expect(problems({ uniqueItems: false }, [1, 1])).toEqual([])
})

test('what is wrong with each of many items is told of the first', () => {
  const either = {
    items: { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'object', minProperties: 1 }] },
  }
  const told = problems(
    either,
    Array.from({ length: 50_000 }, () => []),
  )
  expect(told[0]).toBe('expected string or integer or a mapping, found an empty list')
  expect(told.length).toBeLessThan(1_000)
})

test('values with keys that JavaScript gives a meaning to', () => {
  const values = ['valueOf', 'toString', 'constructor', '__proto__'].map(
    (key) => JSON.parse(`{"${key}": 1}`) as Json,
  )
  for (const value of values) {
    expect(problems({ enum: [{ a: 1 }, value] }, value)).toEqual([])
    expect(problems({ const: value }, value)).toEqual([])
    expect(problems({ enum: [{ a: 1 }, {}, 'x'] }, value)).toEqual([
      'expected one of {"a":1}, {}, x, found a mapping',
    ])
    expect(problems({ const: {} }, value)).toEqual(['expected {}, found a mapping'])
    expect(problems({ uniqueItems: true }, [value, {}, value])).toHaveLength(1)
  }
})

test('a url that is longer than any', () => {
  expect(problems({ format: 'url' }, 'http://example.com/x')).toEqual([])
  expect(problems({ format: 'url' }, `http://[${':'.repeat(1_000_000)} `)).toHaveLength(1)
})
