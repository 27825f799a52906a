// Values that are made up for a rehearsal: they fit their schema, or there are none.
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/base/json.ts'
import { makeLanguage } from '../../../src/content/language.ts'
import { makeUp } from '../../../src/rehearsal/made-up.ts'

const language = makeLanguage()

function made(schema: Json): Json | undefined {
  return makeUp(language, schema, { name: 'etcd.version of n1', keys: () => ['n1', 'n2'] })
}

describe('a value is made up that fits its schema', () => {
  test.each<[Json, Json]>([
    [{}, 'made up for etcd.version of n1'],
    [{ type: 'string' }, 'made up for etcd.version of n1'],
    [{ type: 'string', maxLength: 7 }, 'made up'],
    [{ type: 'boolean' }, true],
    [{ type: ['null', 'string'] }, null],
    [{ const: 5 }, 5],
    [{ enum: ['a', 'b'] }, 'a'],
    [{ type: 'string', examples: ['3.4'] }, '3.4'],
    [{ type: 'integer', minimum: 3, maximum: 3 }, 3],
    [{ type: 'integer', multipleOf: 4, minimum: 9, maximum: 13 }, 12],
    [{ type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
    [{ type: 'object', properties: { up: { type: 'boolean' } } }, { up: true }],
    [
      { type: 'object', additionalProperties: { type: 'boolean' } },
      { n1: true, n2: true },
    ],
    [{ anyOf: [{ type: 'boolean' }, { type: 'string' }] }, true],
    [{ type: 'string', pattern: '^[0-9]{1,20}$' }, '0'],
    [{ type: 'string', pattern: '^v(1|2)\\.[0-9]+(-rc)?$' }, 'v1.0'],
    [
      {
        type: 'string',
        pattern: '^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----$',
      },
      '-----BEGIN CERTIFICATE-----\nA-----END CERTIFICATE-----',
    ],
  ])('%j', (schema, value) => expect(made(schema)).toEqual(value))
})

describe('or none, and never one that does not fit', () => {
  test.each<[Json]>([
    [{ type: 'string', pattern: '^(?=x)[a-z]$' }],
    [{ type: 'string', pattern: '[^a-z]' }],
    [{ type: 'integer', multipleOf: 10, minimum: 1, maximum: 9 }],
    [{ not: {} }],
    [{ type: 'array', items: { type: 'string' }, minItems: 1_000_000 }],
  ])('%j', (schema) => expect(made(schema)).toBeUndefined())
})

test('the same name gets the same number, and another name another', () => {
  const numberOf = (name: string): Json | undefined =>
    makeUp(language, { type: 'integer' }, { name, keys: () => [] })
  expect(numberOf('a')).toBe(numberOf('a'))
  expect(numberOf('a')).not.toBe(numberOf('b'))
})
