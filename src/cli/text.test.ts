// Styled text: what is measured, cut and painted.
import { expect, test } from 'vitest'
import { columnsOf, cut, firstLine, lineColumns, render, styled, wholeText } from './text.ts'
import { table } from './table.ts'

test('styles are written only where colour is wanted, and never around nothing', () => {
  const line = [styled('bad', 'no'), ' ', styled('good', '')]
  expect(render(line, false)).toBe('no ')
  expect(render(line, true)).toBe('\u001b[31mno\u001b[39m ')
})

test('escapes in text are shown, not obeyed, with and without colour', () => {
  expect(render(['\u001b[31mred'], false)).toBe('␛[31mred')
  expect(render([styled('good', '\u001b[2J')], true)).toBe('\u001b[32m␛[2J\u001b[39m')
})

test('of a text of several lines a table takes the first, and a story all', () => {
  expect(firstLine('x.j2:3:4: undefined\n  > 3 | {{ x }}')).toBe('x.j2:3:4: undefined …')
  expect(firstLine('one')).toBe('one')
  const [says, further] = wholeText('one\ntwo\nthree')
  expect([says, ...further.map((line) => render(line, false))]).toEqual(['one', '| two', '| three'])
})

test('columns are those of the terminal', () => {
  expect(columnsOf('abc')).toBe(3)
  expect(columnsOf('日本')).toBe(4)
  expect(columnsOf('e\u0301')).toBe(1)
  expect(columnsOf('🙂')).toBe(2)
  expect(columnsOf('\u001b')).toBe(1)
})

test('a line is cut at the width, across spans', () => {
  expect(render(cut(['abc', styled('bad', 'defgh')], 6), false)).toBe('abcde…')
  expect(lineColumns(cut(['日本日本'], 4))).toBeLessThanOrEqual(4)
  expect(render(cut(['abc'], 3), false)).toBe('abc')
})

test('a table gives way where it may, and leaves no spaces at line ends', () => {
  const columns = [
    { title: 'NAME', shrinksTo: 4 },
    { title: 'N', align: 'right' as const },
    { title: 'WHY', shrinksTo: 5 },
  ]
  const rows = [
    ['store/etcd-1/etcd', '3', 'its role changed'],
    ['b', '12', ''],
  ]
  const lines = (width?: number): string[] => table(columns, rows, width).map((line) => render(line, false))
  expect(lines()).toEqual([
    'NAME                N  WHY',
    'store/etcd-1/etcd   3  its role changed',
    'b                  12',
  ])
  expect(lines(24).every((line) => line.length <= 24)).toBe(true)
  expect(lines(24)[1]).toBe('store/et…   3  its role…')
})
