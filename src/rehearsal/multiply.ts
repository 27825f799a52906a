// Multiplying: a target with more nodes, each a copy of one that it has, a member wherever that one is.
import type { Json } from '../base/json.ts'
import type { DeploymentTarget, PlacementTarget, Target, Values } from '../model/site.ts'

/** By the name of a copy the node that it is a copy of. */
export type Copies = ReadonlyMap<string, string>

/** As many as make the nodes of the target so many in all, of each node in turn. */
export function copiesFor({ nodes }: Target, count: number): Copies {
  const originals = Object.keys(nodes).sort()
  const copies = new Map<string, string>()
  for (let number = 2; originals.length > 0 && originals.length + copies.size < count; number++) {
    for (const original of originals) {
      if (originals.length + copies.size === count) break
      copies.set(freeName(nodes, `${original}-${number}`), original)
    }
  }
  return copies
}

/** Copies of what the target does not have are left out. `kept`: placements, as deployment/role, that did not grow. */
export function multiply(target: Target, copies: Copies): { target: Target; kept: string[] } {
  const nodes = { ...target.nodes }
  for (const [copy, original] of copies) {
    const spec = target.nodes[original]
    if (spec) nodes[copy] = spec
  }
  const kept: string[] = []
  const grown = growing(copies)
  const deployments = Object.entries(target.deployments).map(([name, deployment]) => {
    return [name, multiplyDeployment(name, deployment)] as const
  })
  const undecided = target.undecided && { undecided: grown(target.undecided) }
  return { target: { ...target, nodes, deployments: Object.fromEntries(deployments), ...undecided }, kept }

  function multiplyDeployment(name: string, deployment: DeploymentTarget): DeploymentTarget {
    const { members, groups, overrides, placements } = deployment
    const stays = isChosen(deployment, Object.keys(target.nodes).length)
    if (stays) {
      kept.push(name)
      return deployment
    }
    return {
      ...deployment,
      members: grown(members),
      groups: groups.map((group) => ({ ...group, members: grown(group.members) })),
      overrides: { ...overrides, ...copiedOverrides(overrides, copies) },
      placements: placements.map((placement) => {
        const { role } = placement
        if (target.roles[role]?.per !== 'deployment' && isChosen(placement, members.length)) {
          kept.push(`${name}/${role}`)
          return placement
        }
        return { ...placement, members: grown(placement.members) }
      }),
    }
  }
}

/** One of several, or as many as somebody asked for: more nodes do not make more of these. */
function isChosen({ members, count }: Pick<PlacementTarget, 'members' | 'count'>, among: number): boolean {
  return count !== undefined || (members.length === 1 && among > 1)
}

function growing(copies: Copies): (members: readonly string[]) => string[] {
  const byOriginal = new Map<string, string[]>()
  for (const [copy, original] of copies) {
    const known = byOriginal.get(original)
    if (known) known.push(copy)
    else byOriginal.set(original, [copy])
  }
  return (members) => members.flatMap((member) => [member, ...(byOriginal.get(member) ?? [])]).sort()
}

function copiedOverrides(overrides: Values, copies: Copies): Values {
  const byNode = new Map<string, [role: string, values: Record<string, Json>][]>()
  for (const [key, values] of Object.entries(overrides)) {
    const [node = '', role = ''] = key.split('/')
    byNode.set(node, [...(byNode.get(node) ?? []), [role, values]])
  }
  const copied: Values = {}
  for (const [copy, original] of copies)
    for (const [role, values] of byNode.get(original) ?? []) copied[`${copy}/${role}`] = values
  return copied
}

function freeName(nodes: Target['nodes'], name: string): string {
  return Object.hasOwn(nodes, name) ? freeName(nodes, `${name}-x`) : name
}
