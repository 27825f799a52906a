// An exec: one ad-hoc command over some nodes, by a person, past all roles; what came of it on each.
import type { NodeAddress, NodeFault } from './run.ts'

/** `exec-1`, `exec-2`, ... */
export type ExecId = string

export type ExecOutcome =
  | { result: 'done'; exit: number; durationMs: number }
  | { result: 'fault'; fault: NodeFault; durationMs: number }
  /** The process that carried it ended first. */
  | { result: 'lost' }

/** What came of it as whoever carried it out tells. */
export type ExecEnd = Exclude<ExecOutcome, { result: 'lost' }>

/** What is carried out on one of its nodes. */
export interface ExecWork {
  exec: ExecId
  node: NodeAddress
  /** Handed over as data; no shell reads it. */
  argv: readonly string[]
  become: boolean
  deadlineMs: number
}

export interface ExecView {
  exec: ExecId
  by: string
  why?: string
  argv: string[]
  become: boolean
  /** What the nodes were chosen by: an expression, or targets. */
  selection: string
  startedAt: number
  nodes: { node: string; outcome: ExecOutcome | undefined }[]
}

/** Which nodes: what an operator types for parts of the site, parted by commas, or a CEL expression over `node`; or all. */
export type ExecSelection = { text: string } | 'all'
