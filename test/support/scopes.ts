// Scopes, for laws and stories: the part of a site of a chosen size around a node-role.
import type { NodeRole } from '../../src/annealer/world.ts'
import { type NodeRoleId, nodeRoleName } from '../../src/model/names.ts'
import type { Scope } from '../../src/model/scope.ts'

export const SCOPE_SIZES = ['nodeRole', 'node', 'group', 'deployment', 'site'] as const
export type ScopeSize = (typeof SCOPE_SIZES)[number]

/** Of a node-role that is on no node, itself is the least. */
export function scopeAround({ id, deployment, node, group }: NodeRole, size: ScopeSize): Scope {
  switch (size) {
    case 'nodeRole':
      return { kind: 'nodeRole', nodeRole: id }
    case 'node':
      return node ? { kind: 'node', node: node.name } : { kind: 'nodeRole', nodeRole: id }
    case 'group':
      return { kind: 'group', deployment, role: group.role.name }
    case 'deployment':
      return { kind: 'deployment', deployment }
    case 'site':
      return { kind: 'site' }
  }
}

/** By the names alone. */
export function isOver(scope: Scope, id: NodeRoleId): boolean {
  const { deployment, node, role } = nodeRoleName(id)
  switch (scope.kind) {
    case 'nodeRole':
      return scope.nodeRole === id
    case 'node':
      return scope.node === node
    case 'group':
      return scope.deployment === deployment && scope.role === role
    case 'deployment':
      return scope.deployment === deployment
    case 'site':
      return true
  }
}
