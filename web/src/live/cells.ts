// The cells of the board: one byte per node and role, so that two hundred thousand of them are small and quick to walk.
import { STATES, type State } from '../../../src/model/reason.ts'
import type { BoardView } from '../../../src/model/board.ts'

/** In a cell where nothing is placed; else the index in STATES. */
export const NOT_PLACED = 255

export class Cells {
  readonly columns: BoardView['columns']
  readonly nodes: readonly string[]
  readonly groups: readonly string[]
  readonly bytes: Uint8Array
  readonly counts: number[]
  /** Headings are to be shown. */
  readonly isGrouped: boolean
  /** By deployment or role a node has a row in each group that it stands in. */
  readonly #rows = new Map<string, number[]>()
  readonly #columns = new Map<string, number>()

  constructor(board: BoardView) {
    this.columns = board.columns
    this.nodes = board.rows.map(({ node }) => node)
    this.groups = board.rows.map(({ group }) => group ?? '')
    this.isGrouped = board.rows.some(({ group }) => group !== undefined)
    this.nodes.forEach((node, row) => {
      const rows = this.#rows.get(node)
      if (rows === undefined) this.#rows.set(node, [row])
      else rows.push(row)
    })
    this.columns.forEach(({ deployment, role }, i) => this.#columns.set(`${deployment}/${role}`, i))
    this.bytes = bytesOf(board)
    this.counts = STATES.map(() => 0)
    for (const byte of this.bytes) if (byte !== NOT_PLACED) this.counts[byte] = (this.counts[byte] ?? 0) + 1
  }

  /** False where it has no cell yet: something new was placed, and the board is to be asked for anew. */
  set(deployment: string, node: string, role: string, state: State | undefined): boolean {
    const at = this.#placeOf(deployment, node, role)
    if (at === undefined) return state === undefined
    const before = this.bytes[at] as number
    const after = state === undefined ? NOT_PLACED : STATES.indexOf(state)
    if (before === after) return true
    if (before !== NOT_PLACED) this.counts[before] = (this.counts[before] as number) - 1
    if (after !== NOT_PLACED) this.counts[after] = (this.counts[after] as number) + 1
    this.bytes[at] = after
    return true
  }

  #placeOf(deployment: string, node: string, role: string): number | undefined {
    const rows = this.#rows.get(node)
    const column = this.#columns.get(`${deployment}/${role}`)
    if (rows === undefined || column === undefined) return undefined
    const places = rows.map((row) => row * this.columns.length + column)
    return (
      places.find((place) => this.bytes[place] !== NOT_PLACED) ?? (rows.length === 1 ? places[0] : undefined)
    )
  }

  /** Of one by its names. */
  of(deployment: string, node: string, role: string): State | undefined {
    const place = this.#placeOf(deployment, node, role)
    return place === undefined ? undefined : STATES[this.bytes[place] as number]
  }

  at(row: number, column: number): State | undefined {
    const byte = this.bytes[row * this.columns.length + column]
    return byte === undefined || byte === NOT_PLACED ? undefined : STATES[byte]
  }

  idAt(row: number, column: number): string | undefined {
    const at = this.columns[column]
    const node = this.nodes[row]
    return at === undefined || node === undefined ? undefined : `${at.deployment}/${node}/${at.role}`
  }

  /** Different nodes: fewer than rows where groups share them. */
  get nodeCount(): number {
    return this.#rows.size
  }

  get placed(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  countOf(state: State): number {
    return this.counts[STATES.indexOf(state)] ?? 0
  }
}

function bytesOf({ columns, rows, letters }: BoardView): Uint8Array {
  const byCode = new Uint8Array(128).fill(NOT_PLACED)
  STATES.forEach((state, i) => {
    byCode[letters[state].charCodeAt(0) & 127] = i
  })
  const bytes = new Uint8Array(rows.length * columns.length).fill(NOT_PLACED)
  rows.forEach(({ cells }, row) => {
    for (let i = 0; i < columns.length; i++) {
      bytes[row * columns.length + i] = byCode[cells.charCodeAt(i) & 127] as number
    }
  })
  return bytes
}
