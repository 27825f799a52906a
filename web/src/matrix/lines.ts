// The lines of the matrix: nodes that pass the filter, below the heading of their group; closed groups are their heading alone.
import { STATES, type State } from '../../../src/model/reason.ts'
import { type Cells, NOT_PLACED } from '../live/cells.ts'

export interface Filter {
  /** Part of the name of a node or of a role. */
  text: string
  /** A node shows when one of its cells is in one of these; none: all nodes. */
  states: readonly State[]
}

export type MatrixLine =
  | { kind: 'group'; name: string; nodes: number; counts: number[]; closed: boolean }
  | { kind: 'node'; row: number }

export interface Lines {
  lines: MatrixLine[]
  /** Columns that are shown, as indices into those of the cells. */
  columns: number[]
  nodes: number
}

export function linesOf(cells: Cells, filter: Filter, closed: ReadonlySet<string>): Lines {
  const text = filter.text.trim().toLowerCase()
  const roleColumns = text === '' ? [] : columnsNamed(cells, text)
  const columns = roleColumns.length > 0 ? roleColumns : cells.columns.map((_, i) => i)
  const wanted = new Uint8Array(256)
  for (const state of filter.states) wanted[STATES.indexOf(state)] = 1
  const lines: MatrixLine[] = []
  let group: Extract<MatrixLine, { kind: 'group' }> | undefined
  const nodes = new Set<string>()
  for (let row = 0; row < cells.nodes.length; row++) {
    const node = cells.nodes[row] as string
    if (text !== '' && roleColumns.length === 0 && !node.toLowerCase().includes(text)) continue
    if (
      !passes(cells, row, columns, filter.states.length === 0 ? undefined : wanted, roleColumns.length > 0)
    ) {
      continue
    }
    const name = cells.groups[row] as string
    if (cells.isGrouped && (group === undefined || group.name !== name)) {
      group = { kind: 'group', name, nodes: 0, counts: STATES.map(() => 0), closed: closed.has(name) }
      lines.push(group)
    }
    nodes.add(node)
    if (group !== undefined) {
      group.nodes++
      count(cells, row, columns, group.counts)
    }
    if (group?.closed !== true) lines.push({ kind: 'node', row })
  }
  return { lines, columns, nodes: nodes.size }
}

function columnsNamed(cells: Cells, text: string): number[] {
  return cells.columns.flatMap(({ deployment, role }, i) =>
    `${deployment}/${role}`.toLowerCase().includes(text) ? [i] : [],
  )
}

function passes(
  cells: Cells,
  row: number,
  columns: readonly number[],
  wanted: Uint8Array | undefined,
  mustBePlaced: boolean,
): boolean {
  if (wanted === undefined && !mustBePlaced) return true
  const width = cells.columns.length
  for (const column of columns) {
    const byte = cells.bytes[row * width + column] as number
    if (wanted === undefined ? byte !== NOT_PLACED : wanted[byte] === 1) return true
  }
  return false
}

function count(cells: Cells, row: number, columns: readonly number[], counts: number[]): void {
  const width = cells.columns.length
  for (const column of columns) {
    const byte = cells.bytes[row * width + column] as number
    if (byte !== NOT_PLACED) counts[byte] = (counts[byte] as number) + 1
  }
}
