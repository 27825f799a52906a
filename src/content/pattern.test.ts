// The linear engine agrees with JavaScript's where both can answer, and ends where that one does not.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makePattern, patternComplaint } from './pattern.ts'

/** Patterns over a small alphabet, with every construct that is possible. */
const pattern: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '\\s',
      '\\.',
      '\\u0061',
      '\\p{L}',
      '^',
      '$',
      '\\b',
      '\\B',
      '',
    ),
    fc.tuple(tie('node'), tie('node')).map(([one, other]) => one + other),
    fc.tuple(tie('node'), tie('node')).map(([one, other]) => `(?:${one}|${other})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{0,2}', '{1,}'))
      .map(([part, sign]) => `(${part})${sign}`),
    tie('node').map((part) => `(?<x${part.length}>${part})`),
  ),
})).node

test('it says what JavaScript says', () => {
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '\n', '😀', '.'), maxLength: 8 }),
      (source, text) => {
        // Between the two halves of one character V8 finds a place that is no word boundary; there is none.
        fc.pre(!(source.includes('\\B') && text.includes('😀')))
        let theirs: RegExp
        try {
          theirs = new RegExp(source, 'u')
        } catch {
          expect(patternComplaint(source)).toBeDefined()
          return
        }
        expect(makePattern(source).test(text)).toBe(theirs.test(text))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('patterns that take JavaScript years end', () => {
  const text = `${'a'.repeat(50_000)}!`
  for (const source of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*)*x', '(a*)*(a*)*$b', '^((a?){20}){20}x']) {
    expect(makePattern(source).test(text)).toBe(false)
  }
})

test('patterns of real life', () => {
  const hostname = makePattern('^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9-]+$')
  expect(hostname.test('db-1.rack-2.example.org')).toBe(true)
  expect(hostname.test('-db.example.org')).toBe(false)
  expect(makePattern('^[ -~]{20,8000}$').test('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA')).toBe(true)
})

describe('what is refused, and why', () => {
  test.each([
    ['(?=a)', 'looking ahead or behind'],
    ['(?<!a)b', 'looking ahead or behind'],
    ['(?i:a)', 'flags inside'],
    ['(a)\\1', 'back to a group'],
    ['(?<n>a)\\k<n>', 'back to a group'],
    ['(a{1000}){1000}', 'too large'],
    ['[][a]', 'fits no character'],
    ['(', 'unterminated group'],
    ['a'.repeat(1_001), 'longer than'],
  ])('%s', (source, why) => {
    expect(patternComplaint(source)).toContain(why)
  })
})
