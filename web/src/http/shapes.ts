// Shapes of what the API answers and the model has no type for.
import type { NodeRoleId } from '../../../src/model/names.ts'
import type { State } from '../../../src/model/reason.ts'
import type { NodeRoleView } from '../../../src/model/view.ts'

export interface BoardColumn {
  deployment: string
  role: string
}

/** `cells`: one letter per column, by `states` in the order of STATES; `.` where nothing is placed. */
export interface BoardAnswer {
  seq: number
  at?: number
  columns: BoardColumn[]
  states: string
  rows: { node: string; group?: string; cells: string }[]
  counts: Record<State, number>
}

/** Levels: how these node-roles are now, after the events up to `seq`. */
export interface StatesMessage {
  seq: number
  changed: NodeRoleView[]
  gone: NodeRoleId[]
}

export interface Page<T> {
  items: T[]
  next?: string
}

export interface GraphNode {
  id: string
  deployment: string
  role: string
  node?: string
  state?: State
  counts?: Record<State, number>
}

/** `from` goes first, or says what `to` reads. */
export interface GraphEdge {
  from: string
  to: string
  kind: 'order' | 'data'
  inputs?: string[]
}

export interface GraphAnswer {
  nodes: GraphNode[]
  edges: GraphEdge[]
  circles: string[][]
  left?: number
}
