// The nearest word: near enough to be meant, or none.
import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['rolse', 'roles'],
  ['ROLES', 'roles'],
  ['nods', 'nodes'],
  ['a/onee', 'a/one'],
  ['something', undefined],
  ['q', undefined],
  ['A', 'a'],
  ['', undefined],
])('%s -> %s', (word, meant) => {
  expect(nearest(word, ['a', 'a/one', 'nodes', 'roles'])).toBe(meant)
})

test('words of a length that nobody mistypes are compared with nothing', () => {
  expect(nearest('x'.repeat(1_000_000), ['x'.repeat(1_000_001)])).toBe(undefined)
})
