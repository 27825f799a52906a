// What is said to fit surely fits by the whole validator, too; it need not be said of all that fits.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../base/json.ts'
import { makeSchemas } from './schema.ts'
import { surelyFits } from './surely-fits.ts'

const anyValue = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>
const { schema: anySchema } = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2 },
    fc.boolean(),
    fc.record(
      {
        type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'object', 'array', 'null'),
        enum: fc.array(anyValue, { minLength: 1, maxLength: 3 }),
        minimum: fc.integer({ min: -3, max: 3 }),
        maximum: fc.integer({ min: -3, max: 3 }),
        minLength: fc.nat(3),
        maxLength: fc.nat(6),
        pattern: fc.constantFrom('^[a-z]+$', 'b', '^.{2}$'),
        minItems: fc.nat(2),
        maxItems: fc.nat(2),
        items: tie('schema'),
        required: fc.uniqueArray(fc.constantFrom('a', 'b', 'valueOf'), { maxLength: 2 }),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'valueOf'), tie('schema'), { maxKeys: 2 }),
        additionalProperties: tie('schema'),
        uniqueItems: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  ) as fc.Arbitrary<Json>,
}))
const anyNear = fc.oneof(
  anyValue,
  fc.constantFrom<Json>('ab', 'b', '\u{1F600}', 0, 2, 1.5, true, null),
  fc.dictionary(fc.constantFrom('a', 'b', 'valueOf', 'c'), anyValue, { maxKeys: 3 }) as fc.Arbitrary<Json>,
)

test('it is never sure of what does not fit', () => {
  const schemas = makeSchemas()
  let sure = 0
  fc.assert(
    fc.property(anySchema, anyNear, (schema, value) => {
      if (!surelyFits(schema, value)) return
      sure++
      expect(schemas.compile(schema)(value)).toEqual([])
    }),
    { numRuns: 2_000, seed: 7 },
  )
  expect(sure).toBeGreaterThan(100)
})

test('it is sure of what inputs of roles are mostly like', () => {
  const member = { type: 'string', pattern: '^https://[0-9.]{2,60}:2379$' }
  const fits: [Json, Json][] = [
    [{}, { any: [1] }],
    [{ type: 'integer', minimum: 10, maximum: 5_000, description: 'ms' }, 100],
    [{ enum: ['debug', 'info'] }, 'info'],
    [{ type: 'object', additionalProperties: member }, { n1: 'https://10.0.0.1:2379' }],
    [
      { type: 'array', items: { type: 'object', required: ['name'], properties: { name: {} } } },
      [{ name: 'a' }],
    ],
  ]
  for (const [schema, value] of fits) expect(surelyFits(schema, value)).toBe(true)
})
