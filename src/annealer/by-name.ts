// The order of node-roles: by deployment, node and role; no name of one is put together for it.
import type { NodeRole } from './node-role.ts'

export function byName(a: NodeRole, b: NodeRole): number {
  if (a.group === b.group) return inOrder(a.nodeName, b.nodeName)
  return (
    inOrder(a.deployment, b.deployment) ||
    inOrder(a.nodeName, b.nodeName) ||
    inOrder(a.group.role.name, b.group.role.name)
  )
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
