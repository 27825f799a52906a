// What the heart is told of a value that breaks its schema: one sentence, with the place, without secrets.
import { describe, expect, test } from 'vitest'
import { makeLanguage } from './language.ts'

const language = makeLanguage()
const member = {
  type: 'object',
  properties: { port: { type: 'integer' } },
  required: ['port'],
  additionalProperties: false,
}

describe('a sentence', () => {
  test.each([
    [{ type: 'integer' }, 'abc', 'expected integer, found "abc"'],
    [{ type: 'integer' }, 1.5, 'expected integer, found 1.5'],
    [{ type: 'string' }, null, 'expected string, found nothing'],
    [{ enum: ['a', 'b'] }, 'c', 'expected one of a, b, found "c"'],
    [{ const: 7 }, 8, 'expected 7, found 8'],
    [
      { type: 'string', maxLength: 3 },
      'x'.repeat(100),
      `expected at most 3 characters, found "${'x'.repeat(59)}…`,
    ],
    [{ type: 'array', items: { type: 'string' } }, ['a', 1], '1: expected string, found 1'],
    [
      { type: 'object', additionalProperties: member },
      { n1: { port: 'x' } },
      'n1.port: expected integer, found "x"',
    ],
    [member, { prot: 1, x: 2 }, 'port is missing (and 2 more)'],
    [
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      [],
      'expected string or integer, found an empty list',
    ],
    [{ anyOf: [{ type: 'string' }, member] }, { port: 'x' }, 'port: expected integer, found "x"'],
    [{ oneOf: [{ minimum: 1 }, { maximum: 5 }] }, 3, 'expected a value that fits exactly one form, found 3'],
    [
      { not: { type: 'string' } },
      'x',
      'expected a value that the schema allows (must NOT be valid), found "x"',
    ],
    [{ format: 'ipv4' }, 'x', 'expected text in the format ipv4, found "x"'],
    [{ pattern: '^a+$' }, '\u001b[31m', 'expected text that matches ^a+$, found "\\u001b[31m"'],
    [
      { type: 'string', sensitive: true, writeOnly: true },
      7,
      'the schema cannot be used: strict mode: unknown keyword: "sensitive"',
    ],
  ])('%j of %j', (schema, value, sentence) => {
    expect(language.schema(schema)(value)).toBe(sentence)
  })
})

test('undefined when it fits', () => {
  expect(language.schema(member)({ port: 1 })).toBeUndefined()
  expect(language.schema({})(null)).toBeUndefined()
})

test('the value of a secret is not in the sentence', () => {
  const schema = { type: 'object', properties: { key: { type: 'integer' } }, writeOnly: true }
  expect(language.schema(schema)({ key: 'hunter2' })).toBe('key: expected integer')
})

test('a pattern that would run for years is answered', () => {
  expect(language.schema({ pattern: '^(a+)+$' })(`${'a'.repeat(5_000)}!`)).toContain('expected text')
})

test('the same text gives the same expression', () => {
  expect(language.expression('inputs.a')).toBe(language.expression('inputs.a'))
})
