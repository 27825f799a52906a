// Levels: where operators may say a value, lowest to highest, and which one wins for one input of one node-role.
import type { Json } from '../base/json.ts'
import type { Candidate, Origin, ValueLevel } from '../model/binding.ts'
import type { DeploymentTarget, NodeSpec, Target, Values } from '../model/site.ts'
import type { Group } from './graph.ts'
import { valueOf } from './value.ts'
import type { Bound } from './world.ts'

/** A candidate that somebody gave. */
export interface Given extends Candidate {
  origin: Extract<Origin, { kind: 'level' }>
  value: Json
}

type Placed = Pick<Group, 'deployment' | 'role'>

/** All values given for an input, lowest level first; the last one wins. `node` undefined: what holds for any node. */
export function candidatesFor(
  target: Target,
  group: Placed,
  input: string,
  node: string | undefined,
): Given[] {
  const found: Given[] = []
  const add = (level: ValueLevel, where: string, value: Json | undefined): void => {
    if (value !== undefined) found.push({ origin: { kind: 'level', level, where }, value, wins: false })
  }
  const { role } = group
  add('role default', role.package, role.inputs[input]?.default)
  // A package may say something of roles of others, too: the last one named in the site wins.
  for (const [name, values] of Object.entries(target.defaults))
    add('package default', name, valueIn(values, role.name, input))
  for (const name of ancestorsOf(target, group.deployment).reverse()) {
    add('parent deployment', name, valueIn(target.deployments[name]?.values, role.name, input))
  }
  const deployment = target.deployments[group.deployment]
  add('deployment', group.deployment, valueIn(deployment?.values, role.name, input))
  const placement = deployment?.placements.find((one) => one.role === role.name)
  add('placement', `${group.deployment}: ${role.name}`, own(placement?.values, input))
  if (node !== undefined) addForNode(target, deployment, group, input, node, add)
  const winner = found.at(-1)
  if (winner) winner.wins = true
  return found
}

export function boundFromLevels(
  target: Target,
  group: Group,
  input: string,
  node: string | undefined,
): Bound | undefined {
  const winner = candidatesFor(target, group, input, node).at(-1)
  return winner && { value: valueOf(winner.value), origin: winner.origin }
}

/** Whether any level that knows nodes has a value for this input. */
export function hasValuesPerNode(target: Target, group: Group, input: string): boolean {
  const deployment = target.deployments[group.deployment]
  const role = group.role.name
  return (
    (deployment?.groups.some((one) => valueIn(one.values, role, input) !== undefined) ?? false) ||
    Object.entries(deployment?.overrides ?? {}).some(
      ([key, values]) => key.endsWith(`/${role}`) && own(values, input) !== undefined,
    ) ||
    hintedNodes(target).some(
      ([node, hints]) => valueIn(hints, role, input) !== undefined && isAmong(group.memberNames, node),
    )
  )
}

const hinted = new WeakMap<Target, (readonly [node: string, hints: Values])[]>()

/** Few have any, and each input of each group asks. */
function hintedNodes(target: Target): readonly (readonly [node: string, hints: Values])[] {
  const known = hinted.get(target) ?? []
  if (hinted.has(target)) return known
  for (const node of Object.keys(target.nodes)) {
    const { hints } = target.nodes[node] as NodeSpec
    if (Object.keys(hints).length > 0) known.push([node, hints])
  }
  hinted.set(target, known)
  return known
}

function addForNode(
  target: Target,
  deployment: DeploymentTarget | undefined,
  group: Placed,
  input: string,
  node: string,
  add: (level: ValueLevel, where: string, value: Json | undefined) => void,
): void {
  deployment?.groups.forEach((labelled, index) => {
    const value = valueIn(labelled.values, group.role.name, input)
    if (value === undefined || !isAmong(labelled.members, node)) return
    add('label group', `${group.deployment}.groups[${index}]`, value)
  })
  add('node hint', node, valueIn(target.nodes[node]?.hints, group.role.name, input))
  const key = `${node}/${group.role.name}`
  add('override', `${group.deployment}: ${key}`, valueIn(deployment?.overrides, key, input))
}

const membersAsSets = new WeakMap<readonly string[], ReadonlySet<string>>()

function isAmong(members: readonly string[], node: string): boolean {
  const known = membersAsSets.get(members) ?? new Set(members)
  membersAsSets.set(members, known)
  return known.has(node)
}

function ancestorsOf(target: Target, deployment: string): string[] {
  const ancestors: string[] = []
  let at = target.deployments[deployment]?.parent
  while (at !== undefined && !ancestors.includes(at)) {
    ancestors.push(at)
    at = target.deployments[at]?.parent
  }
  return ancestors
}

function valueIn(values: Values | undefined, first: string, input: string): Json | undefined {
  return own(own(values, first), input)
}

function own<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}
