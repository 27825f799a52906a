// Scopes: the parts of a site that an operator can name in one word: all of it, a deployment, a role in it, a node, a node-role.
import { unreachable } from '../base/assert.ts'
import type { NodeRoleId } from './names.ts'

export type Scope =
  | { kind: 'site' }
  /** Its own node-roles; deployments below it are others. */
  | { kind: 'deployment'; deployment: string }
  | { kind: 'group'; deployment: string; role: string }
  | { kind: 'node'; node: string }
  | { kind: 'nodeRole'; nodeRole: NodeRoleId }

/** One text per scope, which no two share. */
export function scopeKey(scope: Scope): string {
  return `${scope.kind} ${nameOf(scope)}`
}

/** As an operator would type it where no other part of the site has the same name. */
export function scopeName(scope: Scope): string {
  return scope.kind === 'site' ? 'the site' : nameOf(scope)
}

/** As it is always understood. */
export function scopeExactly(scope: Scope): string {
  switch (scope.kind) {
    case 'node':
      return `node:${nameOf(scope)}`
    case 'deployment':
    case 'group':
      return `deployment:${nameOf(scope)}`
    default:
      return scopeName(scope)
  }
}

function nameOf(scope: Scope): string {
  switch (scope.kind) {
    case 'site':
      return ''
    case 'deployment':
      return scope.deployment
    case 'group':
      return `${scope.deployment}/${scope.role}`
    case 'node':
      return scope.node
    case 'nodeRole':
      return scope.nodeRole
    default:
      return unreachable(scope)
  }
}
