// Shapes of what the API answers and the model has no type for.
import type { State } from '../../../src/model/reason.ts'

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
