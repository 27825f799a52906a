// Oscillation: node-roles that make each other run again and again, found by what they have run with since anything
// came from outside. Without it a fleet might never come to rest.
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Reason } from '../model/reason.ts'
import type { InputPlan } from './graph.ts'
import { touch } from './touch.ts'
import { shortText, valueOf } from './value.ts'
import { circleOf } from './way-round.ts'
import type { Circling, NodeRole, Success, World } from './world.ts'

/** So often a binding may come back inside one cycle. */
const RETURNS_MOST = 2
/** A circle that counts up never comes back: so many runs of one node-role inside one cycle are enough. */
const RUNS_MOST = 1_000

/** Something came from outside, by an operator's hand or a node's: what went round before may settle now. */
export function disturb(world: World): void {
  world.disturbance++
  for (const nodeRole of world.oscillating) touch(world, nodeRole)
  world.oscillating.clear()
}

/** Call it after a success has taken the place of the one before. */
export function countRun(nodeRole: NodeRole, before: Success | undefined, success: Success): void {
  const { disturbance } = success
  if (before?.disturbance !== disturbance) {
    nodeRole.ran = undefined
    return
  }
  // Most run once in a cycle, and need no record of it.
  nodeRole.ran ??= { [before.digest]: 1 }
  nodeRole.ran[success.digest] = (nodeRole.ran[success.digest] ?? 0) + 1
}

export function roundReason(world: World, nodeRole: NodeRole): Reason | undefined {
  const { ran, success, digest, asked } = nodeRole
  const circling = firstCircling(nodeRole)
  if (circling) return { kind: 'oscillates', ...circling, circle: earlyCircle(world, nodeRole, circling) }
  if (!ran || !success || asked || digest === undefined || digest === success.digest) return undefined
  if (success.disturbance !== world.disturbance) return undefined
  const runs = Object.values(ran).reduce((sum, times) => sum + times, 0)
  if ((ran[digest] ?? 0) <= RETURNS_MOST && runs < RUNS_MOST) return undefined
  return { kind: 'oscillates', ...wayRound(world, nodeRole, success) }
}

/** In the order of its role, so that it does not matter which circle was told first. */
function firstCircling({ circling, group }: NodeRole): Circling | undefined {
  if (!circling?.size) return undefined
  const first = group.early.find(({ name }) => circling.has(name))
  return first && circling.get(first.name)
}

function wayRound(
  world: World,
  nodeRole: NodeRole,
  success: Success,
): Omit<Extract<Reason, { kind: 'oscillates' }>, 'kind'> {
  const others = nodeRole.group.inputs.filter((one) => isOther(nodeRole, one, success))
  const [input] = others
  if (!input) return { nodeRole: nodeRole.id, input: '', values: [], circle: [] }
  const before = success.inputs[input.name]
  const after = nodeRole.inputs[input.index]?.value.json
  const values = input.spec.sensitive ? ['(sensitive)'] : [before, after, before].map(shortText)
  const circle = circleOf(world, nodeRole, others)
  return { nodeRole: sourceOf(nodeRole, input), input: input.name, values, circle }
}

function earlyCircle(world: World, nodeRole: NodeRole, { input }: Circling): NodeRoleId[] {
  return circleOf(
    world,
    nodeRole,
    nodeRole.group.inputs.filter(({ name }) => name === input),
  )
}

function isOther(nodeRole: NodeRole, input: InputPlan, success: Success): boolean {
  const before = Object.hasOwn(success.inputs, input.name) ? success.inputs[input.name] : undefined
  const after = nodeRole.inputs[input.index]?.value.digest
  return (before === undefined ? undefined : valueOf(before as Json).digest) !== after
}

/** Whom the input comes from; itself when nobody else can be named. */
function sourceOf(nodeRole: NodeRole, input: InputPlan): NodeRoleId {
  const origin = nodeRole.inputs[input.index]?.origin
  if (origin?.kind === 'output') return origin.nodeRole
  if (origin?.kind === 'expression') {
    const read = input.reads
      .map((index) => nodeRole.group.inputs[index])
      .find((one) => one?.spec.source?.kind === 'output')
    return read ? sourceOf(nodeRole, read) : nodeRole.id
  }
  for (const group of input.sources) {
    for (const member of group.members.values()) if (member !== nodeRole) return member.id
  }
  return nodeRole.id
}
