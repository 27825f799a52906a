// The timeline as doors show it: revisions, and what one says otherwise than the one that it was made onto.
import { canonical } from '../base/canonical.ts'
import { assert } from '../base/assert.ts'
import { at, isObject, type Json, objectFrom } from '../base/json.ts'
import type { Target } from '../model/site.ts'
import { type NodeRoleId, nodeRoleId } from '../model/names.ts'
import type { LockedRole, Moved, RevisionDetails, RevisionView, TargetDifference } from '../model/view.ts'
import type { RevisionRecord, World } from './world.ts'

export function viewTimeline(world: World): RevisionView[] {
  return [...world.revisions.values()].map((record) => viewRevision(world, record))
}

/** Proposals that Anneal made on top of the head and that wait for somebody. */
export function waitingProposals(world: World): RevisionRecord[] {
  return [...world.revisions.values()].filter(
    ({ status, onto, cause }) => status === 'proposed' && onto === world.head && cause !== undefined,
  )
}

export function viewRevision(world: World, { target, ...told }: RevisionRecord): RevisionView {
  const overtaken = told.status === 'proposed' && told.onto !== world.head
  const status = overtaken ? 'overtaken' : told.status
  return { ...told, status, nodes: Object.keys(target.nodes).length, roles: Object.keys(target.roles).length }
}

export function showRevision(world: World, record: RevisionRecord): RevisionDetails {
  const before = world.revisions.get(record.onto)?.target
  const found = differences([], before ? comparable(before) : {}, comparable(record.target))
  const secret = secretsOf(before ? [before, record.target] : [record.target])
  return {
    revision: viewRevision(world, record),
    differences: found.map((one) => hidden(one, secret)),
    content: contentLock(record.target),
  }
}

function contentLock({ roles }: Target): LockedRole[] {
  return Object.values(roles)
    .map(({ name, package: from, digest, apply, check, remove, files }): LockedRole => {
      const refs = [apply, check, remove, ...Object.values(files).map(({ content }) => content)]
      return { role: name, package: from, digest, files: refs.flatMap((ref) => ref ?? []) }
    })
    .sort((a, b) => (a.role < b.role ? -1 : 1))
}

/** So many of each are named; an answer stays readable however much was committed. */
const NAMED = 20

/** What came between a revision and the head: for whoever wanted to commit on top of it. */
export function whatMoved(world: World, since: number): Moved {
  const committed: RevisionRecord[] = []
  let record = world.revisions.get(world.head)
  while (record && record.revision !== since) {
    committed.unshift(record)
    record = world.revisions.get(record.onto)
  }
  const before = record?.target
  const after = world.target ?? before
  const targets = [...(before ? [before] : []), ...(after ? [after] : [])]
  const found = differences([], before ? comparable(before) : {}, after ? comparable(after) : {})
  const secret = secretsOf(targets)
  const nodeRoles = differingNodeRoles(before, after)
  return {
    committed: committed.map((one) => viewRevision(world, one)),
    differences: found.slice(0, NAMED).map((one) => hidden(one, secret)),
    differing: found.length,
    nodeRoles: nodeRoles.slice(0, NAMED),
    nodeRolesDiffering: nodeRoles.length,
  }
}

function differingNodeRoles(before: Target | undefined, after: Target | undefined): NodeRoleId[] {
  const [was, is] = [rolesPlaced(before), rolesPlaced(after)]
  return [...new Set([...was.keys(), ...is.keys()])].filter((id) => was.get(id) !== is.get(id)).sort()
}

/** Node-role -> digest of its role. */
function rolesPlaced(target: Target | undefined): Map<NodeRoleId, string | undefined> {
  const placed = new Map<NodeRoleId, string | undefined>()
  for (const [deployment, { placements }] of Object.entries(target?.deployments ?? {})) {
    for (const { role, members } of placements)
      for (const node of members)
        placed.set(nodeRoleId({ deployment, node, role }), target?.roles[role]?.digest)
  }
  return placed
}

/** Lists that are keyed by a name are compared by it; of a role its digest tells enough. */
function comparable(target: Target): Json {
  const deployments = Object.entries(target.deployments).map(([name, { placements, ...rest }]) => {
    const byRole = placements.map(({ role, ...placement }) => [role, placement])
    return [name, { ...rest, placements: Object.fromEntries(byRole) }]
  })
  const roles = Object.entries(target.roles).map(([name, role]) => [name, role.digest])
  return JSON.parse(
    JSON.stringify({
      nodes: target.nodes,
      deployments: Object.fromEntries(deployments),
      roles: Object.fromEntries(roles),
      defaults: target.defaults,
      ...(target.fourEyes && { policies: { four_eyes: true } }),
    }),
  ) as Json
}

/** Of two values, down to where one side is no object any more. */
export function differencesBetween(before: Json, after: Json): TargetDifference[] {
  return differences([], before, after)
}

/** Down to where one side is no object any more. */
function differences(path: string[], before: Json | undefined, after: Json | undefined): TargetDifference[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => differences([...path, key], own(before, key), own(after, key)))
  }
  if (before !== undefined && after !== undefined && canonical(before) === canonical(after)) return []
  const difference: TargetDifference = { path }
  if (before !== undefined) difference.before = before
  if (after !== undefined) difference.after = after
  return before === undefined && after === undefined ? [] : [difference]
}

/** What a target says at a path, sensitive values taken out; undefined where it says nothing. */
export function shownAt(target: Target, path: readonly string[]): Json | undefined {
  const found = at(comparableWhole(target), path)
  return found === undefined ? undefined : withoutSecrets(found, path, secretsOf([target]))
}

/** Placements by their role, as paths of differences have them; roles as they are, but for what is sensitive. */
function comparableWhole(target: Target): Json {
  const told = comparable(target)
  assert(isObject(told), 'a target is an object')
  const roles = Object.entries(target.roles).map(([name, role]) => {
    const inputs = Object.entries(role.inputs).map(([input, spec]) => {
      const hides = spec.sensitive && spec.default !== undefined
      return [input, hides ? { ...spec, default: '(sensitive)' } : spec]
    })
    return [name, { ...role, inputs: Object.fromEntries(inputs) }]
  })
  return { ...told, roles: JSON.parse(JSON.stringify(Object.fromEntries(roles))) as Json }
}

type IsSecret = (path: readonly string[]) => boolean

/** Values of sensitive inputs stand under the name of their role, in whatever part of a target. */
function secretsOf(targets: readonly Target[]): IsSecret {
  const isSensitive = (role = '', input = ''): boolean =>
    targets.some(({ roles }) => own(roles, role)?.inputs[input]?.sensitive === true)
  return (path) =>
    path.some((step, index) => {
      const role = step.split('/').at(-1)
      const next = path[index + 1]
      return isSensitive(role, next === 'values' ? path[index + 2] : next)
    })
}

function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function hidden({ path, before, after }: TargetDifference, secret: IsSecret): TargetDifference {
  const difference: TargetDifference = { path }
  if (before !== undefined) difference.before = withoutSecrets(before, path, secret)
  if (after !== undefined) difference.after = withoutSecrets(after, path, secret)
  return difference
}

function withoutSecrets(value: Json, path: readonly string[], secret: IsSecret): Json {
  if (secret(path)) return '(sensitive)'
  if (Array.isArray(value))
    return value.map((each, index) => withoutSecrets(each, [...path, String(index)], secret))
  if (!isObject(value)) return value
  return objectFrom(
    Object.entries(value).map(([key, each]) => [key, withoutSecrets(each, [...path, key], secret)]),
  )
}
