// Placement: from a site as its files say it to a target, with every selection of nodes answered and every required
// role brought in; or the reasons why that cannot be.
import { nearest } from '../base/nearest.ts'
import type { JsonObject } from '../base/json.ts'
import type { Language } from '../model/language.ts'
import { NO_NODE, nodeRoleId } from '../model/names.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Requirement, Role } from '../model/role.ts'
import type { DeploymentTarget, NodeSelection, PlacementTarget, Site, Target } from '../model/site.ts'

export type FactsOf = (node: string) => JsonObject | undefined

export function place(site: Site, language: Language, factsOf: FactsOf): Answer<Target> {
  const select = (selection: NodeSelection): string[] => selected(site, selection, language, factsOf)
  const target: Target = {
    site: site.name,
    nodes: site.nodes,
    deployments: {},
    roles: site.roles,
    defaults: site.defaults,
  }
  for (const [name, spec] of Object.entries(site.deployments)) {
    const members = select(spec.nodes)
    target.deployments[name] = {
      ...(spec.parent === undefined ? {} : { parent: spec.parent }),
      members,
      values: spec.values,
      groups: spec.groups.map((group) => ({ members: select(group.nodes), values: group.values })),
      overrides: spec.overrides,
      adopt: spec.adopt,
      placements: spec.placements.map(({ nodes, ...placement }): PlacementTarget => {
        if (site.roles[placement.role]?.per === 'deployment') return { ...placement, members: [NO_NODE] }
        const own = nodes && new Set(select(nodes))
        return { ...placement, members: own ? members.filter((node) => own.has(node)) : members }
      }),
    }
  }
  const missing = bringIn(target)
  if (missing) return refuse({ code: 'invalidSite', message: missing, faults: [] })
  return conflictsIn(target) ?? answer(target)
}

function selected(site: Site, selection: NodeSelection, language: Language, factsOf: FactsOf): string[] {
  if ('names' in selection) return selection.names.toSorted()
  const expression = language.expression(selection.expression)
  return Object.entries(site.nodes)
    .filter(([name, spec]) => {
      const result = expression.evaluate({ node: { name, labels: spec.labels, facts: factsOf(name) ?? {} } })
      // An absent label or fact is no match and not a mistake: nodes differ.
      return result.ok && result.value === true
    })
    .map(([name]) => name)
    .sort()
}

/** Adds what is required on the same node and not there; answers what is required and cannot be brought in. */
function bringIn(target: Target): string | undefined {
  const open = Object.entries(target.deployments).flatMap(([name, deployment]) =>
    deployment.placements.map((placement) => ({ name, deployment, placement })),
  )
  for (let next = open.pop(); next; next = open.pop()) {
    const { name, deployment, placement } = next
    const role = target.roles[placement.role]
    if (!role) return `deployment ${name} places ${placement.role}, which no package has`
    for (const requirement of role.requires) {
      const lacking = placement.members.filter((node) => !isThere(target, name, node, requirement))
      if (lacking.length === 0) continue
      if (requirement.of === 'deployment') return nobodyHas(target, name, role, requirement)
      const added = addPlacement(deployment, requirement.role, lacking, role.name)
      open.push({ name, deployment, placement: added })
    }
  }
  return undefined
}

function isThere(target: Target, deployment: string, node: string, requirement: Requirement): boolean {
  for (let at: string | undefined = deployment; at !== undefined; at = target.deployments[at]?.parent) {
    for (const placement of target.deployments[at]?.placements ?? []) {
      const role = target.roles[placement.role]
      if (placement.role !== requirement.role && !role?.provides.includes(requirement.role)) continue
      if (requirement.of === 'deployment' ? placement.members.length > 0 : placement.members.includes(node))
        return true
    }
  }
  return false
}

function addPlacement(
  deployment: DeploymentTarget,
  role: string,
  nodes: string[],
  by: string,
): PlacementTarget {
  const known = deployment.placements.find((placement) => placement.role === role)
  if (known) {
    known.members = [...known.members, ...nodes].sort()
    return known
  }
  const added = { role, members: nodes.toSorted(), values: {}, broughtInBy: by }
  deployment.placements.push(added)
  return added
}

function nobodyHas(target: Target, deployment: string, role: Role, requirement: Requirement): string {
  const placed = Object.values(target.deployments).flatMap((each) => each.placements.map((one) => one.role))
  const meant = nearest(requirement.role, placed)
  const advice = meant ? `; did you mean ${meant}?` : ''
  return `${role.name} in ${deployment} requires ${requirement.role} of its deployment, which neither it nor a parent places${advice}`
}

function conflictsIn(target: Target): Answer<Target> | undefined {
  const onNode = new Map<string, { deployment: string; role: Role }[]>()
  for (const [deployment, spec] of Object.entries(target.deployments)) {
    for (const placement of spec.placements) {
      const role = target.roles[placement.role]
      if (!role) continue
      for (const node of placement.members) {
        const there = onNode.get(node) ?? []
        const enemy = there.find((other) => areInConflict(other.role, role))
        if (enemy) {
          const nodeRoles = [
            nodeRoleId({ deployment: enemy.deployment, node, role: enemy.role.name }),
            nodeRoleId({ deployment, node, role: role.name }),
          ]
          const message = `${role.name} and ${enemy.role.name} conflict, and both are placed on ${node}`
          return refuse({ code: 'conflict', message, nodeRoles })
        }
        onNode.set(node, [...there, { deployment, role }])
      }
    }
  }
  return undefined
}

function areInConflict(a: Role, b: Role): boolean {
  const names = (role: Role): string[] => [role.name, ...role.provides]
  return (
    a.name !== b.name &&
    (a.conflicts.some((name) => names(b).includes(name)) ||
      b.conflicts.some((name) => names(a).includes(name)))
  )
}
