// Where things stand in the matrix, in CSS pixels: the head with its names, the column of nodes, and the cells.
import type { BoardView } from '../../../src/model/board.ts'
import { type Head, headOf } from './head.ts'

export const LINE = 20
export const CELL = 24
export const NAMES = 190

export interface Geometry extends Head {
  head: number
  /** Of all columns and lines: what can be scrolled through. */
  width: number
  height: number
}

export function geometryOf(columns: BoardView['columns'], lines: number): Geometry {
  const { names, above } = headOf(columns, CELL)
  const longest = Math.max(4, ...names.map((name) => name.length))
  return {
    names,
    above,
    head: Math.min(150, 30 + longest * 6.4),
    width: NAMES + columns.length * CELL + 8,
    height: lines * LINE,
  }
}

/** What stands at a point of the window, seen from its upper left corner; column -1 is the name of the node. */
export function placeAt(
  x: number,
  y: number,
  scroll: { left: number; top: number },
  geometry: Geometry,
  size: { lines: number; columns: number },
): { line: number; column: number } | undefined {
  if (y < geometry.head) return undefined
  const line = Math.floor((y - geometry.head + scroll.top) / LINE)
  const column = x < NAMES ? -1 : Math.floor((x - NAMES + scroll.left) / CELL)
  return line >= size.lines || column >= size.columns ? undefined : { line, column }
}
