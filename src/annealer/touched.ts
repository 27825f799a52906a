// Touched: which deployments a target says otherwise than another one; for who may commit it and whose word it needs.
import type { Json } from '../base/json.ts'
import { isSameJson } from '../base/same-json.ts'
import type { Target } from '../model/site.ts'

export interface Touched {
  /** By name. */
  deployments: string[]
  /** Something of the site that belongs to none of them: a node of nobody, a role that is placed nowhere. */
  site: boolean
}

/** By what is said: its own words, the values that it has from above, the roles that it places, the nodes that it stands on. */
export function touchedBetween(before: Target | undefined, after: Target): Touched {
  const names = new Set([...Object.keys(before?.deployments ?? {}), ...Object.keys(after.deployments)])
  const differs = (name: string): boolean => !isSameJson(partOf(before, name), partOf(after, name))
  return { deployments: [...names].filter(differs).sort(), site: !isSameJson(restOf(before), restOf(after)) }
}

function partOf(target: Target | undefined, name: string): Json | undefined {
  const own = target && valueOf(target.deployments, name)
  if (!target || !own) return undefined
  const roles = own.placements.map(({ role }) => valueOf(target.roles, role))
  const packages = [...new Set(roles.flatMap((role) => role?.package ?? []))]
  return asJson([
    own,
    above(target, own.parent).map(({ values, groups, overrides }) => [values, groups, overrides]),
    nodesOf(own).map((node) => [node, valueOf(target.nodes, node)]),
    roles.map((role) => role?.digest),
    packages.map((one) => valueOf(target.defaults, one)),
  ])
}

type DeploymentTarget = Target['deployments'][string]

function above(target: Target, parent: string | undefined): DeploymentTarget[] {
  const found = new Map<string, DeploymentTarget>()
  for (let at = parent; at !== undefined && !found.has(at); at = found.get(at)?.parent) {
    const one = valueOf(target.deployments, at)
    if (!one) break
    found.set(at, one)
  }
  return [...found.values()]
}

function nodesOf({ members, placements }: DeploymentTarget): string[] {
  return [...new Set([...members, ...placements.flatMap((one) => one.members)])].sort()
}

/** What stands in no deployment's part. */
function restOf(target: Target | undefined): Json | undefined {
  if (!target) return undefined
  const deployments = Object.values(target.deployments)
  const placed = new Set(deployments.flatMap(({ placements }) => placements.map(({ role }) => role)))
  const stoodOn = new Set(deployments.flatMap(nodesOf))
  return asJson([
    target.site,
    target.fourEyes ?? false,
    Object.entries(target.nodes).filter(([node]) => !stoodOn.has(node)),
    Object.values(target.roles).flatMap(({ name, digest }) => (placed.has(name) ? [] : [[name, digest]])),
  ])
}

function valueOf<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** What is undefined in it counts as absent where it is compared. */
function asJson(value: unknown): Json {
  return value as Json
}
