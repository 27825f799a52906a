// Equal values are those whose canonical texts are equal.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical } from './canonical.ts'
import type { Json } from './json.ts'
import { isSameJson } from './same-json.ts'

test('law: equal exactly where the canonical texts are', () => {
  const small = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>(null, true, 0, 1, '', 'a', {}, []),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
    ),
  })).value
  fc.assert(
    fc.property(small, small, (a, b) => {
      expect(isSameJson(a, b)).toBe(canonical(a) === canonical(b))
      expect(isSameJson(a, JSON.parse(canonical(a)) as Json)).toBe(true)
    }),
  )
})
