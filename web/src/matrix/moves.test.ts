// Keys move the cursor over the matrix and never out of it.
import { expect, test } from 'vitest'
import { moved } from './moves.ts'

const room = { lines: 100, columns: 5, page: 20 }

test('arrows go one step and stop at the edges', () => {
  expect(moved({ line: 0, column: -1 }, 'ArrowUp', false, room)).toEqual({ line: 0, column: -1 })
  expect(moved({ line: 0, column: -1 }, 'ArrowRight', false, room)).toEqual({ line: 0, column: 0 })
  expect(moved({ line: 99, column: 4 }, 'ArrowDown', false, room)).toEqual({ line: 99, column: 4 })
})

test('pages, ends, and both corners', () => {
  expect(moved({ line: 5, column: 1 }, 'PageDown', false, room)).toEqual({ line: 25, column: 1 })
  expect(moved({ line: 5, column: 1 }, 'End', false, room)).toEqual({ line: 5, column: 4 })
  expect(moved({ line: 5, column: 1 }, 'End', true, room)).toEqual({ line: 99, column: 4 })
  expect(moved({ line: 5, column: 1 }, 'Home', true, room)).toEqual({ line: 0, column: -1 })
})

test('other keys move nothing', () => {
  expect(moved({ line: 5, column: 1 }, 'x', false, room)).toBeUndefined()
})
