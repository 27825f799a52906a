// Reading YAML: every value is found again in its text, and no text makes it throw or run away.
import fc from 'fast-check'
import { dump } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import type { Json } from '../base/json.ts'
import { readYaml, type YamlDocument } from './yaml.ts'

function read(text: string): YamlDocument {
  const result = readYaml({ file: 'x.yaml', text })
  if (!result.ok) throw new Error(result.faults[0]?.message)
  return result.document
}

const tree = fc
  .jsonValue({ maxDepth: 3, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)

test('what is dumped is read, and every scalar and key is found where it stands', () => {
  fc.assert(
    fc.property(tree, fc.integer({ min: -1, max: 3 }), (value, flowLevel) => {
      const document = read(dump(value, { flowLevel, lineWidth: -1 }))
      expect(document.value).toEqual(value)
      for (const { path, leaf } of leaves(value, [])) {
        const { start, end } = document.locate(path, 'value')
        if (typeof leaf === 'number') expect(Number(document.source.text.slice(start, end))).toBe(leaf)
        if (typeof leaf === 'boolean') expect(document.source.text.slice(start, end)).toBe(String(leaf))
      }
    }),
  )
})

function leaves(value: Json, path: string[]): { path: string[]; leaf: Json }[] {
  if (value === null || typeof value !== 'object') return [{ path, leaf: value }]
  return Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]))
}

describe('places', () => {
  const text = `a: { b: [x, 'y'] }
alias: &one
  deep: 1
again: *one
literal: |
  first
  second word
folded: >-
  one
  two
`
  const document = read(text)
  const at = (path: string[], what: 'key' | 'value' = 'value') => {
    const { start, end } = document.locate(path, what)
    return `${start}:${text.slice(start, end)}`
  }

  test('of values, keys, items, through aliases, and as far as the path leads', () => {
    expect(at(['a', 'b', '1'])).toBe('13:y')
    expect(at(['a', 'b'])).toBe('5:b')
    expect(at(['a', 'b'], 'key')).toBe('5:b')
    expect(at(['again', 'deep'])).toBe('39:1')
    expect(at(['again'])).toBe('48:*one')
    expect(at(['a', 'nothing', 'more'])).toBe('0:a')
    expect(at(['literal'])).toContain('first\n')
  })

  test.each([
    ['literal', 6, 'second'],
    ['literal', 13, 'word'],
    ['folded', 0, 'one'],
    ['folded', 4, 'two'],
  ])('inside %s at %d', (key, offset, word) => {
    const { start } = document.locateInside([key], { start: offset, end: offset + 1 })
    expect(text.slice(start, start + word.length)).toBe(word)
  })
})

test('no text makes it throw', () => {
  const words = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '"',
    "'",
    '|',
    '>',
    '#',
    '---',
    '...',
    '!',
    '%',
    '?',
    '\t',
    '<<',
    '0x1',
    '.nan',
    '\u0000',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 30 }).map((some) => some.join('')),
  )
  fc.assert(
    fc.property(text, (source) => {
      const result = readYaml({ file: 'x.yaml', text: source })
      if (result.ok) expect(() => JSON.stringify(result.document.value)).not.toThrow()
      else expect(result.faults[0]?.frame).toBeDefined()
    }),
    { numRuns: 5_000 },
  )
})

test('deep nesting is refused, flat width is not', () => {
  expect(() => read('['.repeat(100_000))).toThrow('100 levels')
  expect(read(`[${'1,'.repeat(50_000)}1]`).value).toHaveLength(50_001)
})

test('depth that aliases make is depth', () => {
  const by = (rows: number): string =>
    Array.from({ length: rows }, (_, at) => `- &a${at} [[${at === 0 ? 1 : `*a${at - 1}`}]]\n`).join('')
  expect(read(by(49)).value).toHaveLength(49)
  expect(() => read(by(50))).toThrow('100 levels deep once its aliases are written out')
})
