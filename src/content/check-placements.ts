// Checks what placed roles bring along and need: conflicts on a node, values that nobody gives, roles that nobody places.
import type { Role } from '../model/role.ts'
import type { DeploymentSpec, LabelGroup, PlacementSpec, Site } from '../model/site.ts'
import type { Everything } from './everything.ts'
import { wrongValue } from './findings.ts'
import { rolesNamed } from './names.ts'

/** The path of the role's name in a placement, short or long. */
export function placedAt({ document }: Everything, path: string[]): string[] {
  let here: unknown = document.value
  for (const word of path) here = (here as Record<string, unknown>)[word]
  return typeof here === 'string' ? path : [...path, 'role']
}

interface Brought {
  role: Role
  /** From the placed role down to this one. */
  by: string[]
}

/** The placed role and all that it brings onto the same node. */
function broughtBy(everything: Everything, name: string): Brought[] {
  const found = new Map<string, Brought>()
  visit(name, [])
  return [...found.values()]

  function visit(wanted: string, by: string[]): void {
    // What provides a name is not brought in for it: somebody has to choose and place it.
    const loaded = everything.roles.get(wanted)
    if (loaded === undefined || found.has(loaded.role.name)) return
    const { role } = loaded
    found.set(role.name, { role, by: [...by, role.name] })
    for (const required of role.requires) if (required.of === 'node') visit(required.role, [...by, role.name])
  }
}

/** Two placements that certainly meet on a node; what expressions decide is left to the annealer. */
export function checkConflicts(everything: Everything, name: string, deployment: DeploymentSpec): void {
  const { placements } = deployment
  for (const [index, placement] of placements.entries()) {
    for (const other of placements.slice(0, index + 1)) {
      if (!certainlyMeet(placement, other)) continue
      const pair = conflictBetween(broughtBy(everything, placement.role), broughtBy(everything, other.role))
      if (pair === undefined) continue
      const how = pair.map(({ by }) => by.join(' -> ')).filter((path) => path.includes(' '))
      const place = placedAt(everything, ['deployments', name, 'roles', String(index)])
      wrongValue(everything.findings, everything.document, place, {
        code: 'conflict',
        message: `${pair[0].role.name} and ${pair[1].role.name} conflict and are on the same nodes`,
        advice: how.length === 0 ? 'give them different nodes' : `required by ${how.join(' and ')}`,
      })
      break
    }
  }
}

function certainlyMeet(one: PlacementSpec, other: PlacementSpec): boolean {
  if (one.choice || other.choice) return false
  if (one.nodes === undefined || other.nodes === undefined) return true
  if ('names' in one.nodes && 'names' in other.nodes) {
    const { names } = other.nodes
    return one.nodes.names.some((name) => names.includes(name))
  }
  return (
    'expression' in one.nodes &&
    'expression' in other.nodes &&
    one.nodes.expression === other.nodes.expression
  )
}

function conflictBetween(some: Brought[], others: Brought[]): [Brought, Brought] | undefined {
  for (const one of some) {
    for (const other of others) {
      if (one.role.name === other.role.name) continue
      if (conflicts(one.role, other.role) || conflicts(other.role, one.role)) return [one, other]
    }
  }
  return undefined
}

function conflicts(one: Role, other: Role): boolean {
  return one.conflicts.some((name) => name === other.name || other.provides.includes(name))
}

/** Inputs that need a value and that no level gives one to, on any node. */
export function checkMissing(everything: Everything, site: Site, name: string): void {
  const { findings, document } = everything
  const lineage = lineageOf(site, name)
  const above = standing(everything, lineage.slice(1))
  const told = new Set<string>()
  for (const [index, placement] of (site.deployments[name] as DeploymentSpec).placements.entries()) {
    for (const { role, by } of broughtBy(everything, placement.role)) {
      // What a parent has already is not brought in again; the parent is told of what it lacks.
      if (by.length > 1 && above.some((other) => other.name === role.name)) continue
      for (const [input, spec] of Object.entries(role.inputs)) {
        const free = spec.source === undefined && spec.default === undefined && !spec.optional
        const id = `${role.name}.${input}`
        if (!free || told.has(id) || isGiven(site, lineage, placement, role.name, input)) continue
        told.add(id)
        wrongValue(findings, document, placedAt(everything, ['deployments', name, 'roles', String(index)]), {
          code: 'missingValue',
          message: `${role.name} needs a value for ${input}${by.length > 1 ? ` (${by.join(' requires ')})` : ''}`,
          advice: `say values: { ${role.name}: { ${input}: … } } in the deployment ${name}`,
        })
      }
    }
  }
}

/** What is required and cannot be brought in: a deployment, or one of its parents, has to place it. */
export function checkRequired(everything: Everything, site: Site, name: string): void {
  const { findings, document, roles, brokenRoles } = everything
  const there = standing(everything, lineageOf(site, name))
  const told = new Set<string>()
  for (const [index, placement] of (site.deployments[name] as DeploymentSpec).placements.entries()) {
    for (const { role, by } of broughtBy(everything, placement.role)) {
      for (const { role: wanted, of } of role.requires) {
        const broughtIn = of === 'node' && role.per === 'node' && roles.has(wanted)
        const known = rolesNamed(roles, wanted).length > 0 && !brokenRoles.has(wanted)
        const placed = there.some((other) => other.name === wanted || other.provides.includes(wanted))
        if (broughtIn || !known || placed || told.has(`${role.name} ${wanted}`)) continue
        told.add(`${role.name} ${wanted}`)
        wrongValue(findings, document, placedAt(everything, ['deployments', name, 'roles', String(index)]), {
          code: 'requiredNotPlaced',
          message: `${by.join(' requires ')} requires ${wanted}, which neither ${name} nor a parent of it places`,
          advice: `place ${rolesNamed(roles, wanted)
            .map((other) => other.role.name)
            .join(' or ')} in ${name} or in a parent`,
        })
      }
    }
  }
}

/** All roles that these deployments have, placed or brought in. */
function standing(everything: Everything, lineage: DeploymentSpec[]): Role[] {
  return lineage
    .flatMap(({ placements }) => placements)
    .flatMap((placement) => broughtBy(everything, placement.role))
    .map(({ role }) => role)
}

/** The deployment and its parents, nearest first. */
function lineageOf(site: Site, name: string): DeploymentSpec[] {
  const lineage: DeploymentSpec[] = []
  for (let here: string | undefined = name; here !== undefined && lineage.length <= 100; ) {
    const deployment: DeploymentSpec | undefined = site.deployments[here]
    if (deployment === undefined) break
    lineage.push(deployment)
    here = deployment.parent
  }
  return lineage
}

function isGiven(
  site: Site,
  lineage: DeploymentSpec[],
  placement: PlacementSpec,
  role: string,
  input: string,
): boolean {
  const has = (inputs: object | undefined) => inputs !== undefined && Object.hasOwn(inputs, input)
  const inGroups = (groups: LabelGroup[]) => groups.some(({ values }) => has(values[role]))
  return (
    (placement.role === role && has(placement.values)) ||
    lineage.some(
      ({ values, groups, overrides, placements }) =>
        has(values[role]) ||
        inGroups(groups) ||
        placements.some((one) => one.role === role && has(one.values)) ||
        Object.entries(overrides).some(([key, inputs]) => key.endsWith(`/${role}`) && has(inputs)),
    ) ||
    Object.values(site.nodes).some(({ hints }) => has(hints[role])) ||
    Object.values(site.defaults).some((values) => has(values[role]))
  )
}
