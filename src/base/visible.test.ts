// What a terminal would obey is made visible, and nothing else is touched.
import { expect, test } from 'vitest'
import { visible, visibleLines } from './visible.ts'

test('what a terminal would obey becomes something to see', () => {
  expect(visible('\u001b[2J\u001b]0;owned\u0007')).toBe('␛[2J␛]0;owned␇')
  expect(visible('a\u009b2Kb\u007f')).toBe('a<U+009B>2Kb␡')
  expect(visible('user\u202egnp.exe')).toBe('user<U+202E>gnp.exe')
  expect(visible('\u061cabc')).toBe('<U+061C>abc')
  expect(visible('\rover')).toBe('␍over')
})

test('ordinary text of any language passes as it is', () => {
  for (const text of ['plain', 'Grüße', '日本語', '🙂', 'שלום']) expect(visible(text)).toBe(text)
})

test('no control character is left in any text', () => {
  const everything = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
  // oxlint-disable-next-line no-control-regex
  expect(visible(everything)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
})

test('lines are split at any line end', () => {
  expect(visibleLines('a\r\nb\nc\u001b\n')).toEqual(['a', 'b', 'c␛'])
  expect(visibleLines('')).toEqual([])
})

test('carriage returns before a line end go with it, however many there are', () => {
  expect(visibleLines('a\r\r\r\nb\rc\r\n\rd\r')).toEqual(['a', 'b␍c', '␍d␍'])
  const many = '\r'.repeat(1_000_000)
  expect(visibleLines(`${many}x\n${many}\n`)).toEqual([`${'␍'.repeat(1_000_000)}x`, ''])
})
