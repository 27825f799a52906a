// Differences of lines: as `diff -u` writes them, bounded, without secrets, and true.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineDifference } from './line-difference.ts'

const plain = { hide: (line: string) => line, secretsOf: 'wanted' }

function difference(before: string, after: string, hiding = plain): string[] {
  return lineDifference({ name: 'wanted', text: before }, { name: 'found', text: after }, hiding).split('\n')
}

describe('a difference of lines', () => {
  test('reads as diff -u writes it', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', ''].join('\n')
    const after = ['a', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'k2', 'l', ''].join('\n')
    expect(difference(before, after)).toEqual([
      '--- wanted',
      '+++ found',
      '@@ -1,5 +1,5 @@',
      ' a',
      '-b',
      '+B',
      ' c',
      ' d',
      ' e',
      '@@ -9,4 +9,5 @@',
      ' i',
      ' j',
      ' k',
      '+k2',
      ' l',
    ])
  })

  test('says where a text is empty or does not end in a newline', () => {
    expect(difference('', 'x\n')).toEqual(['--- wanted', '+++ found', '@@ -0,0 +1 @@', '+x'])
    expect(difference('x\n', '')).toEqual(['--- wanted', '+++ found', '@@ -1 +0,0 @@', '-x'])
    expect(difference('x\n', 'x')).toEqual([
      '--- wanted',
      '+++ found',
      '@@ -1 +1 @@',
      '-x',
      '+x',
      '\\ No newline at end of file',
    ])
  })

  test('shows neither a secret nor what was put in its place, and obeys no escapes', () => {
    const hide = (line: string): string => line.replaceAll('s3cret', '••••••')
    const hiding = { hide, secretsOf: 'wanted' }
    const shown = difference('user=a\npw=s3cret\nport=1\n', 'user=a\npw=other\nport=\u001b[2J2\n', hiding)
    expect(shown.slice(3)).toEqual([' user=a', '-pw=••••••', '-port=1', '+••••••', '+••••••'])
    expect(difference('a\nport=1\n', 'a\nport=\u001b[2J\n').at(-1)).toBe('+port=␛[2J')
  })

  test('is bounded, also where nothing is alike', () => {
    const lines = (word: string): string => Array.from({ length: 3_000 }, (_, i) => `${word}${i}\n`).join('')
    const shown = difference(lines('a'), lines('b'))
    expect([shown.length, shown.at(-1)]).toEqual([201, '(5803 more lines)'])
    expect(difference('x', 'y'.repeat(10_000)).at(-2)?.length).toBeLessThan(600)
  })

  test('gives the second text when it is applied to the first', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', 'd'), { maxLength: 12 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, difference(before, after))).toBe(after)
      }),
      { numRuns: 2_000 },
    )
  })
})

function applied(before: string, [, , ...lines]: string[]): string {
  const rest = before.split('\n').slice(0, -1)
  const made: string[] = []
  let at = 0
  for (const line of lines) {
    const from = /^@@ -(\d+)(,0)?/.exec(line)
    if (from) {
      const start = Number(from[1]) - (line.includes(',0 +') ? 0 : 1)
      while (at < start) made.push(rest[at++] as string)
    } else if (line.startsWith('+')) made.push(line.slice(1))
    else {
      expect(rest[at]).toBe(line.slice(1))
      if (line.startsWith(' ')) made.push(line.slice(1))
      at++
    }
  }
  return [...made, ...rest.slice(at)].map((line) => `${line}\n`).join('')
}
