// Words for completion that only the site knows: node names, node-roles, inputs, runs. Silent when there is no site.
import { ACCESS_ROLE_NAMES } from '../model/access.ts'
import type { Operations } from '../model/operations.ts'
import { nodeRoleName } from '../model/names.ts'
import { scopeName } from '../model/scope.ts'
import type { Context } from './command.ts'
import { findSite } from './find-site.ts'

export function nodes(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, nodeNames)
}

/** `node/role`, and the full name where that is not one only. */
export function nodeRoles(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, nodeRoleNames)
}

/** Nodes, deployments, roles in them, and node-roles. */
export function targets(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, targetNames)
}

export function runsAndTargets(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, async (operations) => [
    ...(await targetNames(operations)),
    ...(await runNames(operations)),
  ])
}

/** What somebody holds. */
export function held(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, async (operations) => {
    const found = await operations.status()
    const holds = found.ok ? found.value.holds : []
    return holds.flatMap(({ scope }) => (scope.kind === 'site' ? [] : [scopeName(scope)])).sort()
  })
}

/** Runs in flight. */
export function inFlight(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, async (operations) => {
    const found = await operations.runs({})
    return found.ok ? found.value.filter(({ result }) => result === 'running').map(({ run }) => run) : []
  })
}

/** Of the node-role that stands before it on the line. */
export function inputs(this: Context, partial: string): Promise<readonly string[]> {
  const nodeRole = this.words.filter((word) => word.includes('/')).at(-1)
  if (nodeRole === undefined) return Promise.resolve([])
  return proposed(this, partial, async (operations) => {
    const why = await operations.why(nodeRole)
    return why.ok ? why.value.inputs.map(({ input }) => input) : []
  })
}

export function accessRoles(this: Context, partial: string): readonly string[] {
  return ACCESS_ROLE_NAMES.filter((name) => name.startsWith(partial))
}

/** Valid ones. */
export function tokens(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, async ({ access }) => {
    const found = await access.tokens()
    return found.ok ? found.value.filter(({ state }) => state === 'valid').map(({ token }) => token) : []
  })
}

/** Not revoked. */
export function runners(this: Context, partial: string): Promise<readonly string[]> {
  return proposed(this, partial, async (operations) => {
    const found = await operations.runners.list()
    return found.ok ? found.value.filter(({ state }) => state !== 'revoked').map(({ runner }) => runner) : []
  })
}

export async function hosts(this: Context, partial: string): Promise<readonly string[]> {
  try {
    const lab = await this.door.world.lab()
    const names = (await lab.list('default')).map(({ name }) => name)
    return names.filter((name) => name.startsWith(partial))
  } catch {
    return [] // a shell that waits for words is no place for a complaint
  }
}

async function proposed(
  context: Context,
  partial: string,
  ask: (operations: Operations) => Promise<string[]>,
): Promise<readonly string[]> {
  const { door } = context
  const site = findSite(siteGiven(context.words) ?? door.siteGiven, door.world.cwd)
  if (!site.ok && door.serverGiven === undefined) return []
  const directory = site.ok ? site.directory : door.world.cwd
  const opened = await door.world.openOperations(directory, 'read', door.serverGiven)
  if (!opened.ok) return []
  try {
    return (await ask(opened.value)).filter((word) => word.startsWith(partial))
  } finally {
    await opened.value.close()
  }
}

async function nodeNames(operations: Operations): Promise<string[]> {
  const found = await operations.nodes()
  return found.ok ? found.value.map(({ name }) => name).sort() : []
}

async function targetNames(operations: Operations): Promise<string[]> {
  const found = await operations.status()
  const roles = found.ok ? found.value.roles : []
  const groups = roles.flatMap(({ deployment, role }) => [deployment, `${deployment}/${role}`])
  return [
    ...new Set([...(await nodeNames(operations)), ...groups, ...(await nodeRoleNames(operations))]),
  ].sort()
}

async function nodeRoleNames(operations: Operations): Promise<string[]> {
  const found = await operations.status()
  if (!found.ok) return []
  const times = new Map<string, number>()
  for (const { id } of found.value.nodeRoles) times.set(short(id), (times.get(short(id)) ?? 0) + 1)
  return found.value.nodeRoles.map(({ id }) => (times.get(short(id)) === 1 ? short(id) : id)).sort()
}

async function runNames(operations: Operations): Promise<string[]> {
  const found = await operations.runs({ limit: 50 })
  return found.ok ? found.value.map(({ run }) => run) : []
}

function short(id: string): string {
  const { node, role } = nodeRoleName(id)
  return `${node}/${role}`
}

function siteGiven(words: readonly string[]): string | undefined {
  const i = words.findIndex((word) => word === '-C' || word === '--site')
  return i < 0 ? undefined : words[i + 1]
}
