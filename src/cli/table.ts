// Tables that fit the width: columns as wide as they need, the ones that may shrink give way first.
import { columnsOf, cut, type Line, pad, plain, type Span, styled } from './text.ts'

export interface Column {
  title: string
  align?: 'left' | 'right'
  /** May be cut with `…` down to so many columns when the terminal is narrow. */
  shrinksTo?: number
}

const GAP = 2

/** `width` undefined: as wide as it gets, for pipes. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  width?: number,
): Line[] {
  const widths = columns.map((column, i) =>
    Math.max(columnsOf(column.title), ...rows.map((row) => columnsOf(plain(row[i] ?? '')))),
  )
  if (width !== undefined) shrink(widths, columns, width)
  const head = columns.map((column) => styled('faint', column.title))
  const lines = [head, ...rows].map((row) => tableLine(row, columns, widths))
  return width === undefined ? lines : lines.map((line) => cut(line, width))
}

function shrink(widths: number[], columns: readonly Column[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, GAP * (columns.length - 1)) - width
  while (excess > 0) {
    const widest = widestShrinkable(widths, columns)
    if (widest === undefined) return
    widths[widest] = (widths[widest] as number) - 1
    excess--
  }
}

function widestShrinkable(widths: readonly number[], columns: readonly Column[]): number | undefined {
  let best: number | undefined
  for (const [i, column] of columns.entries()) {
    if (column.shrinksTo === undefined || (widths[i] as number) <= column.shrinksTo) continue
    if (best === undefined || (widths[i] as number) > (widths[best] as number)) best = i
  }
  return best
}

function tableLine(row: readonly Span[], columns: readonly Column[], widths: readonly number[]): Line {
  const line: Span[] = []
  for (const [i, column] of columns.entries()) {
    const cell = cut([row[i] ?? ''], widths[i] as number)
    const last = i === columns.length - 1
    line.push(...(last && column.align !== 'right' ? cell : padded(cell, widths[i] as number, column.align)))
    if (!last) line.push(' '.repeat(GAP))
  }
  return trimmed(line)
}

function padded(cell: Line, width: number, align: Column['align']): Span[] {
  if (cell.length === 1) return [pad(cell[0] as Span, width, align === 'right' ? 'right' : 'left')]
  const used = cell.reduce((sum, span) => sum + columnsOf(plain(span)), 0)
  return [...cell, ' '.repeat(Math.max(0, width - used))]
}

/** No spaces at the ends of lines: output is compared, pasted and kept in files. */
function trimmed(line: Span[]): Line {
  while (line.length > 0 && plain(line.at(-1) as Span).trim() === '') line.pop()
  const last = line.at(-1)
  if (last === undefined) return line
  const text = plain(last).trimEnd()
  return [...line.slice(0, -1), typeof last === 'string' ? text : { ...last, text }]
}
