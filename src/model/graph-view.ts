// Graphs as doors show them: roles or node-roles as points, with what is required, read or goes first between them.
import type { Take, Wait } from './role.ts'
import type { State } from './reason.ts'

/**
 * From what gives to what needs it. `requires`: it must be active first. `after`: it goes first where both are there.
 * `reads`: a value goes along it; `orders` where the reader waits for a run, or for as many as `wait` says.
 */
export interface GraphEdge {
  from: string
  to: string
  kind: 'requires' | 'after' | 'reads'
  /** Of `reads`: from which output into which input. */
  output?: string
  input?: string
  take?: Take
  wait?: Wait
  /** It holds back a start. */
  orders: boolean
  /** It is part of a circle; one of them at least orders nothing. */
  circle: boolean
}

export interface RoleGraphView {
  seq: number
  revision: number
  points: RolePoint[]
  edges: GraphEdge[]
}

export interface RolePoint {
  /** `deployment/role`. */
  id: string
  deployment: string
  role: string
  per: 'node' | 'deployment'
  once: boolean
  /** It has nothing to run. */
  milestone: boolean
  members: number
  counts: Record<State, number>
  /** Expected milliseconds of the longest chain from here on. */
  rankMs: number
}

export interface NodeRoleGraphView {
  seq: number
  points: { id: string; state: State; asked: boolean }[]
  edges: GraphEdge[]
  /** So many more would stand here: the graph is cut. */
  left: number
}
