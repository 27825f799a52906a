// Who is meant: by a target's words alone, which node-roles a name of a role means for one of them, and which values people gave it.
import type { Json } from '../../src/base/json.ts'
import { NO_NODE, type NodeRoleId, nodeRoleId, nodeRoleName } from '../../src/model/names.ts'
import type { Role } from '../../src/model/role.ts'
import type { PlacementTarget, Target, Values } from '../../src/model/site.ts'

/** Members of one role in one deployment. */
export interface Members {
  role: Role
  ids: NodeRoleId[]
}

/** Nearest deployment first; in each, who bears the name before who only answers to it. */
export function membersCalled(target: Target, deployment: string, name: string): Members[] {
  return ancestry(target, deployment).flatMap((at) => {
    const placements = target.deployments[at]?.placements ?? []
    const own = placements.filter(({ role }) => role === name)
    const others = placements.filter(
      ({ role }) => role !== name && target.roles[role]?.provides.includes(name),
    )
    return [...own, ...others].map((placement) => membersOf(target, at, placement))
  })
}

/** Those that must be active before it runs; none where somebody is missing. */
export function requiredBy(
  target: Target,
  id: NodeRoleId,
  { role, of }: Role['requires'][number],
): NodeRoleId[] {
  const { deployment, node } = nodeRoleName(id)
  for (const { role: found, ids } of membersCalled(target, deployment, role)) {
    const isWide = of === 'deployment' || node === NO_NODE || found.per === 'deployment'
    const meant = isWide ? ids : ids.filter((one) => nodeRoleName(one).node === node)
    if (meant.length > 0) return meant
  }
  return []
}

/** The one on its node; else all that there are in the nearest deployment that has any: only one of one is meant. */
export function oneFor(id: NodeRoleId, among: readonly Members[]): NodeRoleId[] {
  const { node } = nodeRoleName(id)
  for (const { ids } of among) {
    const here = ids.find((one) => nodeRoleName(one).node === node)
    if (here !== undefined) return [here]
  }
  return among.find(({ ids }) => ids.length > 0)?.ids ?? []
}

/** Of all that people said of an input, what counts: the lowest level first, the last word wins. */
export function valueGiven(target: Target, id: NodeRoleId, input: string): Json | undefined {
  const { deployment, node, role } = nodeRoleName(id)
  const here = target.deployments[deployment]
  const levels: (Json | undefined)[] = [
    target.roles[role]?.inputs[input]?.default,
    ...Object.values(target.defaults).map((values) => valueIn(values, role, input)),
    ...ancestry(target, deployment)
      .toReversed()
      .map((at) => valueIn(target.deployments[at]?.values, role, input)),
    here?.placements.find((one) => one.role === role)?.values[input],
    ...(here?.groups ?? [])
      .filter(({ members }) => members.includes(node))
      .map(({ values }) => valueIn(values, role, input)),
    valueIn(target.nodes[node]?.hints, role, input),
    valueIn(here?.overrides, `${node}/${role}`, input),
  ]
  return levels.findLast((value) => value !== undefined)
}

/** Itself first. */
function ancestry(target: Target, deployment: string): string[] {
  const all: string[] = []
  for (let at: string | undefined = deployment; at && !all.includes(at); at = target.deployments[at]?.parent)
    all.push(at)
  return all
}

function membersOf(target: Target, deployment: string, { role, members }: PlacementTarget): Members {
  const spec = target.roles[role] as Role
  const nodes = spec.per === 'deployment' ? [NO_NODE] : members.toSorted()
  return { role: spec, ids: nodes.map((node) => nodeRoleId({ deployment, node, role })) }
}

function valueIn(values: Values | undefined, key: string, input: string): Json | undefined {
  return values?.[key]?.[input]
}
