// A rinse: what is removed in reverse order and applied afresh, and in which order, for an operator to look at first.
import type { NodeRoleId } from './names.ts'

/** `rinse-1`, `rinse-2`, ... in the order in which they were asked for. */
export type RinseId = string

export interface RinsePreview {
  /** What is removed, first things first; those of one step do not wait for each other. */
  removes: RinseStep[]
  /** What is applied afterwards. */
  applies: RinseStep[]
  /** Named by the operator, and left as they are. */
  leftOut: { nodeRole: NodeRoleId; why: 'once' }[]
  /** They hold the rinse: their node is not alive or not available. */
  held: { nodeRole: NodeRoleId; node: string }[]
  /** Not rinsed, but they rest on what is: they stay as they are, and run again if what they read changes. */
  stays: NodeRoleId[]
}

/** Node-roles of one role in one deployment. */
export interface RinseStep {
  deployment: string
  role: string
  nodeRoles: NodeRoleId[]
  /** Its role has no `remove`, or nothing of it is there: it is only applied again. */
  nothingToRemove: boolean
}
