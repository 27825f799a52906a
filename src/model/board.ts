// The board: the state of every node-role as one letter, a row per node and a column per role; made to be read at a glance.
import type { NodeRoleId } from './names.ts'
import type { State } from './reason.ts'
import type { NodeRoleView } from './view.ts'

export interface BoardView {
  /** The last event that it contains. */
  seq: number
  /** When that event was; only of a board of the past. */
  at?: number
  site: string
  revision: number
  columns: { deployment: string; role: string }[]
  letters: Record<State, string>
  /** Sorted by group, then by node; what belongs to a deployment and not to a node stands under `-`. */
  rows: BoardRow[]
  /** Of the rows that are shown. */
  counts: Record<State, number>
  /** In the order of the rows; absent where nothing groups. */
  groups?: BoardGroup[]
}

export interface BoardRow {
  node: string
  /** Absent where nothing groups. */
  group?: string
  /** One letter per column; `.` where the role is not placed on the node. */
  cells: string
}

export interface BoardGroup {
  group: string
  rows: number
  counts: Record<State, number>
}

export const BOARD_LETTERS: Record<State, string> = {
  proposed: 'p',
  transition: 'r',
  blocked: 'b',
  error: 'e',
  active: 'a',
  todo: 't',
}

/** After the events of a turn: how those stand now whose state or kind of reason changed. Levels; several turns may be one. */
export interface StatesMessage {
  seq: number
  changed: NodeRoleView[]
  gone: NodeRoleId[]
  /** What was known is to be forgotten: all that there is follows, in this message and the next ones. */
  whole?: true
}
