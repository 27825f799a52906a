// Unread: rows of node-roles at rest that a snapshot gave back, as text, which is read when somebody asks what one of them tells.
import { assert } from '../base/assert.ts'
import type { Json } from '../base/json.ts'
import { type Row, successOf } from './snapshot-rows.ts'
import type { NodeRole } from './world.ts'

/** Rows of so many members of a group that stand side by side, as JSON or its text; 0 for one whose row stands apart. */
export type Block = [count: number, rows: string | (Row | 0)[]]

/** Of one group. A block is read as a whole: its members are told together, and it is let go. */
export class Unread {
  readonly #starts: number[] = []
  readonly #blocks: (Block[1] | undefined)[] = []
  /** The block that was read last, for who asks for one row after the other. */
  #last: { start: number; rows: (Row | 0)[] } | undefined

  constructor(blocks: readonly Block[]) {
    let start = 0
    for (const [count, rows] of blocks) {
      this.#starts.push(start)
      this.#blocks.push(rows)
      start += count
    }
  }

  rowAt(place: number): Row {
    const { start, rows } = this.#blockAt(place)
    const row = rows[place - start]
    assert(row, `the snapshot has no row at place ${place}`)
    return row
  }

  /** Tells all members of its block that were not told yet. */
  tellAround({ group, place }: NodeRole): void {
    const { start, rows } = this.#blockAt(place)
    for (const [i, row] of rows.entries()) {
      const member = group.members.list[start + i] as NodeRole
      if (member.isUnread) member.read(successOf(member, row as Row, undefined, NOTHING_LARGE))
    }
    this.#last = undefined
  }

  #blockAt(place: number): { start: number; rows: (Row | 0)[] } {
    const last = this.#last
    if (last && place >= last.start && place < last.start + last.rows.length) return last
    let index = this.#starts.length - 1
    while ((this.#starts[index] as number) > place) index--
    const block = this.#blocks[index]
    assert(block, `the rows around place ${place} were let go`)
    this.#blocks[index] = undefined
    const rows = typeof block === 'string' ? (JSON.parse(block) as (Row | 0)[]) : block
    this.#last = { start: this.#starts[index] as number, rows }
    return this.#last
  }
}

const NOTHING_LARGE: readonly Json[] = []
