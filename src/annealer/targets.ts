// Targets: what an operator means by `node`, `node/role`, `deployment`, `deployment/role`, `deployment/node/role` or a role alone.
import { unreachable } from '../base/assert.ts'
import { nearest } from '../base/nearest.ts'
import { NO_NODE } from '../model/names.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { type Scope, scopeExactly, scopeName } from '../model/scope.ts'
import { type Group, groupId } from './graph.ts'
import type { NodeRole, World } from './world.ts'

export interface Meant {
  scope: Scope
  /** Those that it means now, leaving ones too. */
  nodeRoles: NodeRole[]
}

/** `node:NAME` and `deployment:NAME` tell apart what has one name. */
export function targetMeant(world: World, text: string): Answer<Meant> {
  const scopes = scopesCalled(world, text)
  const [scope] = scopes
  if (!scope) return refuse(unknownTarget(world, text))
  if (scopes.length === 1) return answer({ scope, nodeRoles: [...nodeRolesIn(world, scope)] })
  const candidates = scopes.map((one) => shortest(world, one))
  return refuse({
    code: 'ambiguousTarget',
    message: `${text} may be any of ${some(candidates)}`,
    candidates,
  })
}

function shortest(world: World, scope: Scope): string {
  return scopesCalled(world, scopeName(scope)).length === 1 ? scopeName(scope) : scopeExactly(scope)
}

/** Of several parts of the site, or of all of it; leaving ones too. */
export function nodeRolesMeant(world: World, texts: readonly string[] | 'all'): Answer<NodeRole[]> {
  if (texts === 'all') return answer([...world.nodeRoles.values()])
  const named: NodeRole[] = []
  for (const text of texts) {
    const meant = targetMeant(world, text)
    if (!meant.ok) return meant
    named.push(...meant.value.nodeRoles)
  }
  return answer([...new Set(named)])
}

/** Whatever means a single node-role: also a role, a node or a deployment that has one only. */
export function nodeRoleMeant(world: World, text: string): Answer<NodeRole> {
  const scopes = scopesCalled(world, text)
  const meant = [...new Set(scopes.flatMap((scope) => [...nodeRolesIn(world, scope)]))]
  const [only] = meant
  if (only && meant.length === 1) return answer(only)
  if (!only) return refuse(unknownNodeRole(world, text))
  const message = `${text} may be any of ${meant.length} node-roles: ${some(meant.map(({ id }) => id))}`
  return refuse({ code: 'unknownNodeRole', message })
}

/** Who says `node/role`, or the role alone, is told the nearest of these. */
export function unknownNodeRole(world: World, id: string): Refusal {
  const parts = id.split('/').length
  const called = new Map<string, string>()
  for (const whole of world.nodeRoles.keys()) called.set(whole.split('/').slice(-parts).join('/'), whole)
  const meant = called.get(nearest(id, called.keys()) ?? '')
  return {
    code: 'unknownNodeRole',
    message: `there is no node-role ${id}`,
    ...(meant === undefined ? {} : { nearest: meant }),
  }
}

/** Whether a scope still means anything; what leaves counts until it is gone. */
export function isThere(world: World, scope: Scope): boolean {
  switch (scope.kind) {
    case 'site':
      return true
    case 'deployment':
      return world.plan.deployments.has(scope.deployment) || leavingGroups(world, scope).length > 0
    case 'group': {
      const id = groupId(scope.deployment, scope.role)
      return world.plan.groups.has(id) || leavingGroups(world, scope).length > 0
    }
    case 'node':
      return world.nodes.has(scope.node)
    case 'nodeRole':
      return world.nodeRoles.has(scope.nodeRole)
    default:
      return unreachable(scope)
  }
}

export function* nodeRolesIn(world: World, scope: Scope): Generator<NodeRole> {
  switch (scope.kind) {
    case 'site':
      return yield* world.nodeRoles.values()
    case 'deployment':
      for (const group of world.plan.groups.values())
        if (group.deployment === scope.deployment) yield* group.members.values()
      return yield* leavingMembers(world, scope)
    case 'group':
      yield* world.plan.groups.get(groupId(scope.deployment, scope.role))?.members.values() ?? []
      return yield* leavingMembers(world, scope)
    case 'node':
      return yield* world.nodes.get(scope.node)?.nodeRoles ?? []
    case 'nodeRole': {
      const nodeRole = world.nodeRoles.get(scope.nodeRole)
      if (nodeRole) yield nodeRole
      return
    }
    default:
      return unreachable(scope)
  }
}

function* leavingMembers(world: World, scope: Extract<Scope, { deployment: string }>): Generator<NodeRole> {
  for (const group of leavingGroups(world, scope)) yield* world.leaving.get(group)?.values() ?? []
}

function leavingGroups(world: World, scope: Extract<Scope, { deployment: string }>): Group[] {
  return [...world.leaving.keys()].filter(
    ({ deployment, role }) =>
      deployment === scope.deployment && (scope.kind === 'deployment' || role.name === scope.role),
  )
}

/** All that a text may mean; more than one is for the reader to tell apart. */
function scopesCalled(world: World, text: string): Scope[] {
  const only = /^(node|deployment):/.exec(text)?.[1]
  const name = only === undefined ? text : text.slice(only.length + 1)
  const parts = name.split('/')
  const [first = '', second = ''] = parts
  if (parts.length === 1)
    return only === undefined ? calledSingly(world, name) : there(world, [scopeOf(only, name)])
  if (parts.length === 3 && only === undefined) return there(world, [{ kind: 'nodeRole', nodeRole: name }])
  if (parts.length !== 2) return []
  const group: Scope = { kind: 'group', deployment: first, role: second }
  const asGroup = only === 'node' ? [] : there(world, [group])
  return only === 'deployment' ? asGroup : [...asGroup, ...onNode(world, first, second)]
}

/** A role alone is meant where neither a node nor a deployment has its name. */
function calledSingly(world: World, name: string): Scope[] {
  const found = there(world, [scopeOf('node', name), scopeOf('deployment', name)])
  if (found.length > 0) return found
  const groups = [...world.plan.groups.values(), ...world.leaving.keys()].filter(
    ({ role }) => role.name === name,
  )
  const ids = new Map(groups.map(({ id, deployment, role }) => [id, { deployment, role: role.name }]))
  return [...ids.values()].map((group): Scope => ({ kind: 'group', ...group }))
}

function scopeOf(kind: string, name: string): Scope {
  return kind === 'node' ? { kind: 'node', node: name } : { kind: 'deployment', deployment: name }
}

function onNode(world: World, node: string, role: string): Scope[] {
  const here = node === NO_NODE ? world.nodeRoles.values() : (world.nodes.get(node)?.nodeRoles ?? [])
  return [...here]
    .filter((nodeRole) => nodeRole.nodeName === node && nodeRole.group.role.name === role)
    .map(({ id }): Scope => ({ kind: 'nodeRole', nodeRole: id }))
    .sort((a, b) => (scopeName(a) < scopeName(b) ? -1 : 1))
}

function there(world: World, scopes: Scope[]): Scope[] {
  return scopes.filter((scope) => isThere(world, scope))
}

export function unknownTarget(world: World, text: string): Refusal {
  const meant = nearest(text, namesLike(world, text))
  const message = `there is no node, deployment, role or node-role ${text}`
  return { code: 'unknownTarget', message, ...(meant === undefined ? {} : { nearest: meant }) }
}

/** Names with as many parts as the text has. */
function namesLike(world: World, text: string): string[] {
  const groups = [...world.plan.groups.values()]
  switch (text.split('/').length) {
    case 1:
      return [...world.nodes.keys(), ...world.plan.deployments.keys(), ...groups.map(({ role }) => role.name)]
    case 2:
      return [
        ...groups.map(({ id }) => id),
        ...[...world.nodeRoles.values()].map(({ nodeName, group }) => `${nodeName}/${group.role.name}`),
      ]
    default:
      return [...world.nodeRoles.keys()]
  }
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`
}
