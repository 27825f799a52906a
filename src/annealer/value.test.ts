// Values: equal ones have equal digests however they are written, others do not.
import { expect, test } from 'vitest'
import { shortText, valueOf } from './value.ts'

const long = 'x'.repeat(100)

test('the order of keys does not count, the order of items does', () => {
  expect(valueOf({ a: 1, b: long }).digest).toBe(valueOf({ b: long, a: 1 }).digest)
  expect(valueOf([1, long]).digest).not.toBe(valueOf([long, 1]).digest)
})

test('short values stand for themselves, and no text can pass for a digest', () => {
  expect(valueOf(1).digest).toBe('1')
  expect(valueOf('1').digest).toBe('"1"')
  const { digest } = valueOf([long])
  expect(digest).toMatch(/^#[0-9a-f]{64}$/)
  expect(valueOf(digest).digest).not.toBe(digest)
})

test('the same object is digested once', () => {
  const map = { key: long }
  expect(valueOf(map)).toBe(valueOf(map))
})

test('what is shown is cut', () => {
  expect(shortText({ zone: 'lab' })).toBe('{"zone":"lab"}')
  expect(shortText(long)).toHaveLength(63)
  expect(shortText(undefined)).toBe('nothing')
})
