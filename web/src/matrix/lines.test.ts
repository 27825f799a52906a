// Which lines the matrix has: by name, by state, by role, and with groups that are closed.
import { expect, test } from 'vitest'
import { BOARD_LETTERS } from '../../../src/model/board.ts'
import { Cells } from '../live/cells.ts'
import { linesOf, type Lines } from './lines.ts'

const cells = new Cells({
  seq: 1,
  columns: [
    { deployment: 'base', role: 'users' },
    { deployment: 'store', role: 'etcd' },
  ],
  site: 's',
  revision: 1,
  letters: BOARD_LETTERS,
  rows: [
    { node: 'n1', group: 'r1', cells: 'ae' },
    { node: 'n2', group: 'r1', cells: 'a.' },
    { node: 'm1', group: 'r2', cells: 'ea' },
  ],
  counts: { proposed: 0, transition: 0, blocked: 0, error: 2, active: 3, todo: 0 },
})

function shown({ lines }: Lines): string[] {
  return lines.map((line) =>
    line.kind === 'group' ? `${line.name}(${line.nodes})` : (cells.nodes[line.row] as string),
  )
}

const NONE = new Set<string>()

test('without a filter every node stands below its group', () => {
  expect(shown(linesOf(cells, { text: '', states: [] }, NONE))).toEqual(['r1(2)', 'n1', 'n2', 'r2(1)', 'm1'])
})

test('a part of the name of a node', () => {
  expect(shown(linesOf(cells, { text: 'N', states: [] }, NONE))).toEqual(['r1(2)', 'n1', 'n2'])
})

test('a part of the name of a role leaves its columns, and the nodes that have it', () => {
  const found = linesOf(cells, { text: 'etcd', states: [] }, NONE)
  expect(found.columns).toEqual([1])
  expect(shown(found)).toEqual(['r1(1)', 'n1', 'r2(1)', 'm1'])
})

test('by state, and by state within a role', () => {
  expect(shown(linesOf(cells, { text: '', states: ['error'] }, NONE))).toEqual(['r1(1)', 'n1', 'r2(1)', 'm1'])
  expect(shown(linesOf(cells, { text: 'store/', states: ['error'] }, NONE))).toEqual(['r1(1)', 'n1'])
})

test('a closed group is its heading and still counts', () => {
  expect(shown(linesOf(cells, { text: '', states: [] }, new Set(['r1'])))).toEqual(['r1(2)', 'r2(1)', 'm1'])
})
