// Placement: from a site as its files say it to a target, with every selection of nodes answered and every required
// role brought in; or the reasons why that cannot be.
import { nearest } from '../base/nearest.ts'
import type { Language } from '../model/language.ts'
import { NO_NODE, nodeRoleId } from '../model/names.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Requirement, Role } from '../model/role.ts'
import type { DeploymentTarget, PlacementTarget, Site, Target } from '../model/site.ts'
import { areInConflict, choosePlaces, type OpenChoice } from './choose-places.ts'
import type { Fleet } from './fleet.ts'
import { membersIn } from './members.ts'
import { policyOf, policyOfSite } from './policies.ts'

export function place(site: Site, language: Language, fleet: Fleet): Answer<Target> {
  const members = membersIn(site, language, fleet)
  const target: Target = {
    site: site.name,
    nodes: site.nodes,
    deployments: {},
    roles: site.roles,
    defaults: site.defaults,
    ...(policyOfSite(site, 'fourEyes') && { fourEyes: true }),
  }
  const open: OpenChoice[] = []
  for (const [name, spec] of Object.entries(site.deployments)) {
    const own = members.of(name)
    target.deployments[name] = {
      ...(spec.parent === undefined ? {} : { parent: spec.parent }),
      members: own,
      ...(spec.choice && { count: spec.choice.count }),
      values: spec.values,
      groups: spec.groups.map((group) => ({ members: members.select(group.nodes), values: group.values })),
      overrides: spec.overrides,
      adopt: spec.adopt,
      ...(spec.windows === undefined ? {} : { windows: spec.windows }),
      ...(spec.drift === undefined ? {} : { drift: spec.drift }),
      ...(policyOf(site, name, 'fourEyes') && { fourEyes: true }),
      placements: spec.placements.map(({ nodes, choice, ...placement }): PlacementTarget => {
        if (site.roles[placement.role]?.per === 'deployment') return { ...placement, members: [NO_NODE] }
        const narrow = nodes && new Set(members.select(nodes))
        const selected = narrow ? own.filter((node) => narrow.has(node)) : own
        if (!choice) return { ...placement, members: selected }
        const placed: PlacementTarget = { ...placement, members: [], count: choice.count }
        const chooser = members.among(name, choice, selected, placement.role)
        open.push({ deployment: name, placement: placed, chooser })
        return placed
      }),
    }
  }
  const lacking = nameless(target)
  if (lacking === undefined) choosePlaces(target, open)
  const asked = members.undecided()
  if (asked.length > 0) target.undecided = asked
  const mistake = lacking ?? bringIn(target)
  if (mistake !== undefined) return refuse({ code: 'invalidSite', message: mistake, faults: [] })
  return conflictsIn(target) ?? answer(target)
}

/** What is spoken of and is not there. Content says the same with line and column; this holds for any caller. */
function nameless(target: Target): string | undefined {
  for (const [name, { parent, members, placements }] of Object.entries(target.deployments)) {
    if (parent !== undefined && !Object.hasOwn(target.deployments, parent))
      return `deployment ${name} has the parent ${parent}, which is not there`
    const ancestors = ancestry(target, name)
    if (ancestors.length > new Set(ancestors).size) return `deployment ${name} is its own ancestor`
    const stranger = members.find((node) => !Object.hasOwn(target.nodes, node))
    if (stranger !== undefined) return `deployment ${name} has the member ${stranger}, which is no node`
    const lacking = placements.find(({ role }) => !Object.hasOwn(target.roles, role))
    if (lacking) return `deployment ${name} places ${lacking.role}, which no package has`
    const twice = placements.find(({ role }, at) => placements.findIndex((one) => one.role === role) !== at)
    if (twice) return `deployment ${name} places ${twice.role} twice`
  }
  return undefined
}

/** With its ancestors, nearest first; ends with a name for the second time where the parents go in a circle. */
function ancestry(target: Target, deployment: string): string[] {
  const names: string[] = []
  for (let at: string | undefined = deployment; at !== undefined; at = target.deployments[at]?.parent) {
    const again = names.includes(at)
    names.push(at)
    if (again) break
  }
  return names
}

/** Where each role stands, by its own name and those that it provides: deployment -> name -> nodes. */
type Standing = Map<string, Map<string, Set<string>>>

/** Adds what is required on the same node and not there; answers what is required and cannot be brought in. */
function bringIn(target: Target): string | undefined {
  const standing: Standing = new Map()
  const open: { name: string; deployment: DeploymentTarget; placement: PlacementTarget }[] = []
  for (const [name, deployment] of Object.entries(target.deployments)) {
    for (const placement of deployment.placements) {
      open.push({ name, deployment, placement })
      stand(standing, name, target.roles[placement.role] as Role, placement.members)
    }
  }
  for (let next = open.pop(); next; next = open.pop()) {
    const { name, deployment, placement } = next
    const role = target.roles[placement.role] as Role
    for (const requirement of role.requires) {
      const lacking = lackingNodes(target, standing, name, placement.members, requirement)
      if (lacking.length === 0) continue
      const limited = deployment.placements.find(({ role: one, count }) => one === requirement.role && count)
      if (limited) return tooFew(name, role, limited, lacking)
      const required = Object.hasOwn(target.roles, requirement.role) && target.roles[requirement.role]
      if (!required || requirement.of === 'deployment' || role.per === 'deployment')
        return nobodyHas(target, name, role, requirement)
      const nodes = required.per === 'deployment' ? [NO_NODE] : lacking
      const added = addPlacement(deployment, requirement.role, nodes, role.name)
      stand(standing, name, required, nodes)
      open.push({ name, deployment, placement: added })
    }
  }
  return undefined
}

function stand(standing: Standing, deployment: string, role: Role, nodes: readonly string[]): void {
  const names = standing.get(deployment) ?? new Map<string, Set<string>>()
  standing.set(deployment, names)
  for (const name of [role.name, ...role.provides]) {
    const there = names.get(name) ?? new Set<string>()
    names.set(name, there)
    for (const node of nodes) there.add(node)
  }
}

function lackingNodes(
  target: Target,
  standing: Standing,
  deployment: string,
  nodes: readonly string[],
  { role, of }: Requirement,
): readonly string[] {
  const there = ancestry(target, deployment).flatMap((name) => standing.get(name)?.get(role) ?? [])
  // A role that stands once for a deployment stands for each of its nodes.
  const anywhere = of === 'deployment' || nodes.includes(NO_NODE)
  if (there.some((set) => (anywhere && set.size > 0) || set.has(NO_NODE))) return []
  if (of === 'deployment' && isChosenLater(target, deployment, role)) return []
  return nodes.filter((node) => !there.some((set) => set.has(node)))
}

/** There is no node for it yet; who requires it waits for one. */
function isChosenLater(target: Target, deployment: string, wanted: string): boolean {
  return ancestry(target, deployment).some((name) =>
    target.deployments[name]?.placements.some(
      ({ role, count }) =>
        count !== undefined && (role === wanted || target.roles[role]?.provides.includes(wanted)),
    ),
  )
}

function addPlacement(
  deployment: DeploymentTarget,
  role: string,
  nodes: readonly string[],
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

/** More of it than were asked for are not brought in: one of the two wishes has to give way, and that is for people. */
function tooFew(
  deployment: string,
  role: Role,
  { role: required, count = 0, members }: PlacementTarget,
  lacking: readonly string[],
): string {
  const where = members.length === 0 ? 'nowhere' : `on ${members.join(', ')}`
  return `${role.name} in ${deployment} requires ${required} on ${lacking.join(', ')}, but ${required} with count: ${count} is placed ${where}`
}

function nobodyHas(target: Target, deployment: string, role: Role, requirement: Requirement): string {
  if (requirement.of === 'node' && !Object.hasOwn(target.roles, requirement.role)) {
    const meant = nearest(requirement.role, Object.keys(target.roles))
    const advice = meant ? `; did you mean ${meant}?` : ''
    return `${role.name} in ${deployment} requires ${requirement.role}, which no package has${advice}`
  }
  const lacks = `${role.name} in ${deployment} requires ${requirement.role} of its deployment, which`
  const places = (name: string): boolean =>
    target.deployments[name]?.placements.some((one) => one.role === requirement.role) ?? false
  const empty = ancestry(target, deployment).find(places)
  if (empty !== undefined) return `${lacks} ${empty} places on no node`
  const others = Object.keys(target.deployments).filter(places)
  if (others.length > 0) return `${lacks} neither it nor a parent places; ${others.join(', ')} does`
  const placed = Object.values(target.deployments).flatMap((each) => each.placements.map((one) => one.role))
  const meant = nearest(requirement.role, placed)
  return `${lacks} neither it nor a parent places${meant ? `; did you mean ${meant}?` : ''}`
}

function conflictsIn(target: Target): Answer<Target> | undefined {
  const quarrelsome = Object.values(target.roles).some((role) => role.conflicts.length > 0)
  if (!quarrelsome) return undefined
  const onNode = new Map<string, { deployment: string; role: Role }[]>()
  for (const [deployment, spec] of Object.entries(target.deployments)) {
    for (const placement of spec.placements) {
      const role = target.roles[placement.role] as Role
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
        there.push({ deployment, role })
        onNode.set(node, there)
      }
    }
  }
  return undefined
}
