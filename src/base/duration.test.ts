// Which texts are durations: all that clocks can count, and nothing else.
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['9999999d', 863_999_913_600_000],
  ['', undefined],
  ['30', undefined],
  ['-1s', undefined],
  ['1e9s', undefined],
  ['10000000000d', undefined],
  [`${'9'.repeat(400)}h`, undefined],
  ['1h'.repeat(50_000), undefined],
])('%s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test('the longest can be added to a date', () => {
  const longest = parseDuration('9999999.9999999d'.repeat(5)) as number
  expect(new Date(Date.UTC(2026) + longest).toISOString()).toMatch(/^\+/)
})
