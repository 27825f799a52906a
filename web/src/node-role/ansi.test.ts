// What programs print is shown, never obeyed: colours become styles, all other controls become visible.
import { expect, test } from 'vitest'
import { AnsiReader } from './ansi.ts'

const ESC = '\u001b'

test('colours and weights become styles and end where they are told to', () => {
  expect(new AnsiReader().line(`a${ESC}[1;31mred${ESC}[22m thin${ESC}[0m b`)).toEqual([
    { text: 'a', style: {} },
    { text: 'red', style: { bold: true, colour: 1 } },
    { text: ' thin', style: { colour: 1 } },
    { text: ' b', style: {} },
  ])
})

test('a style goes on over lines', () => {
  const reader = new AnsiReader()
  reader.line(`${ESC}[33mwarning`)
  expect(reader.line('and more')).toEqual([{ text: 'and more', style: { colour: 3 } }])
})

test('colours of 256 and of all are passed over with all their numbers', () => {
  expect(new AnsiReader().line(`${ESC}[38;5;196mx${ESC}[38;2;1;2;3;4my`)).toEqual([
    { text: 'x', style: {} },
    { text: 'y', style: { underline: true } },
  ])
})

test('what would move a cursor, write a title or turn text around is seen', () => {
  const [span] = new AnsiReader().line(`${ESC}[2J${ESC}]0;title\u0007\b\u202eevil\u009b`)
  expect(span?.text).toBe('␛[2J␛]0;title␇␈<U+202E>evil<U+009B>')
})

test('an escape without its end stays text', () => {
  expect(new AnsiReader().line(`${ESC}[31`)).toEqual([{ text: '␛[31', style: {} }])
  expect(new AnsiReader().line(`${ESC}[${'1;'.repeat(80)}m`)[0]?.text).toMatch(/^␛\[1;/)
})
