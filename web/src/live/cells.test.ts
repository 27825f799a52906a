// Cells: what the board said, what changed since, and counts that agree with both.
import { expect, test } from 'vitest'
import { STATES } from '../../../src/model/reason.ts'
import { BOARD_LETTERS } from '../../../src/model/board.ts'
import { Cells } from './cells.ts'

function board(): Cells {
  return new Cells({
    seq: 1,
    columns: [
      { deployment: 'base', role: 'users' },
      { deployment: 'store', role: 'etcd' },
    ],
    site: 's',
    revision: 1,
    letters: BOARD_LETTERS,
    rows: [
      { node: 'n1', group: 'a', cells: 'ae' },
      { node: 'n2', group: 'a', cells: 'r.' },
    ],
    counts: { proposed: 0, transition: 1, blocked: 0, error: 1, active: 1, todo: 0 },
  })
}

test('letters are states by their order, a dot is nothing', () => {
  const cells = board()
  expect(cells.at(0, 0)).toBe('active')
  expect(cells.at(0, 1)).toBe('error')
  expect(cells.at(1, 0)).toBe('transition')
  expect(cells.at(1, 1)).toBeUndefined()
  expect(cells.of('store', 'n1', 'etcd')).toBe('error')
  expect(cells.of('store', 'n2', 'etcd')).toBeUndefined()
  expect(cells.of('base', 'n3', 'users')).toBeUndefined()
  expect(cells.placed).toBe(3)
})

test('counts follow what changes, comes and goes', () => {
  const cells = board()
  expect(cells.set('store', 'n1', 'etcd', 'active')).toBe(true)
  expect(cells.set('store', 'n2', 'etcd', 'todo')).toBe(true)
  expect(cells.set('base', 'n1', 'users', undefined)).toBe(true)
  const counted = STATES.map((state) => [state, cells.countOf(state)]).filter(([, count]) => count !== 0)
  expect(Object.fromEntries(counted)).toEqual({ active: 1, todo: 1, transition: 1 })
})

test('a node that stands in two groups has a row in each, and each role its cell in one of them', () => {
  const cells = new Cells({
    seq: 1,
    site: 's',
    revision: 1,
    columns: [
      { deployment: 'base', role: 'users' },
      { deployment: 'store', role: 'etcd' },
    ],
    letters: BOARD_LETTERS,
    rows: [
      { node: 'n1', group: 'base', cells: 'a.' },
      { node: 'n1', group: 'store', cells: '.a' },
    ],
    counts: { proposed: 0, transition: 0, blocked: 0, error: 0, active: 2, todo: 0 },
  })
  expect(cells.nodeCount).toBe(1)
  expect(cells.set('base', 'n1', 'users', 'error')).toBe(true)
  expect([cells.at(0, 0), cells.at(1, 0), cells.at(1, 1)]).toEqual(['error', undefined, 'active'])
})

test('what has no cell yet is told, so that the board is asked for anew; what leaves and was never there is not', () => {
  const cells = board()
  expect(cells.set('base', 'n3', 'users', 'todo')).toBe(false)
  expect(cells.set('base', 'n1', 'dns', 'todo')).toBe(false)
  expect(cells.set('base', 'n3', 'users', undefined)).toBe(true)
})
