// The reader of TypeScript on which house rules stand: what it takes for code, and what not.
import { expect, test } from 'vitest'
import { scan } from './source.ts'

function piecesIn(text: string): string[] {
  return scan(text).map(({ kind, from, to }) => `${kind} ${text.slice(from, to)}`)
}

test('comments, strings and regular expressions are not code', () => {
  expect(piecesIn(`const a = 'x // y' // z`)).toEqual([`string 'x // y'`, 'comment // z'])
  expect(piecesIn(`/* a\n'b' */ c = "it's"`)).toEqual([`comment /* a\n'b' */`, `string "it's"`])
  expect(piecesIn(`a.match(/'[/"]/g), b / c / d`)).toEqual([`regex /'[/"]/`])
  expect(piecesIn(`return /\\//.test(a)`)).toEqual(['regex /\\//'])
})

test('the end of an element is no regular expression', () => {
  expect(piecesIn(`<b>{a}</b>, <i>{'x'}</i>, <></>`)).toEqual([`string 'x'`])
})

test('what stands between the braces of a template is code', () => {
  expect(piecesIn('`a ${b + `c ${d}` + { e: 1 }} f` + g')).toEqual([
    'string `a ${',
    'string `c ${',
    'string }`',
    'string } f`',
  ])
})

test('the first line of a program is nothing to look at', () => {
  expect(piecesIn(`#!/usr/bin/env node\nconst a = 1`)).toEqual([])
})
