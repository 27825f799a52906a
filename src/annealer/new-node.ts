// A new node: what a node is as long as nothing was told of it.
import type { NodeSpec } from '../model/site.ts'
import type { NodeRecord } from './world.ts'

/** What events tell of a node; a snapshot tells only what is otherwise. */
export const NEW_NODE = {
  facts: undefined,
  alive: undefined,
  fault: undefined,
  since: 0,
  reachedIn: 0,
  tries: 0,
  contactAt: 0,
  unavailable: undefined,
  ranIn: 0,
  checkAsked: undefined,
  check: undefined,
}

/** All are made here, so that they are of one shape. */
export function newNode(name: string, spec: NodeSpec): NodeRecord {
  const derived = { checkAt: undefined, claims: undefined, lock: undefined, kind: 0 }
  return { name, spec, ...NEW_NODE, nodeRoles: [], ...derived }
}
