// Oscillation: node-roles that make each other run again and again, found by what they have run with since anything
// came from outside. Without it a fleet might never come to rest.
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Reason } from '../model/reason.ts'
import { inputsOfSuccess } from './asleep.ts'
import { boundOf } from './bind.ts'
import type { Group, InputPlan } from './graph.ts'
import { touch } from './touch.ts'
import { shortText, valueOf } from './value.ts'
import { circleOf } from './way-round.ts'
import type { Circling, NodeRecord, NodeRole, Success, World } from './world.ts'

/** So often a binding may come back inside one cycle. */
const RETURNS_MOST = 2
/** A circle that counts up never comes back: so many runs of one node-role inside one cycle are enough. */
const RUNS_MOST = 1_000

/**
 * Something came from outside, by an operator's hand or a node's, to members of these groups: what goes round there, or
 * reads what they say over however many others, may settle now. All else goes on being counted.
 */
export function disturb(world: World, groups: Iterable<Group>): void {
  world.disturbance++
  const reached = new Set(groups)
  // It grows while it is walked.
  for (const group of reached) {
    world.disturbed.set(group.id, world.disturbance)
    for (const { reader } of group.readers) reached.add(reader)
  }
  tryAgain(world, ({ group }) => disturbanceOf(world, group) === world.disturbance)
}

export function disturbNode(world: World, { nodeRoles }: NodeRecord): void {
  disturb(world, new Set([...nodeRoles].map(({ group }) => group)))
}

/** Another target: who reads whom may be another, too. */
export function disturbAll(world: World): void {
  world.disturbance++
  world.disturbedAll = world.disturbance
  world.disturbed.clear()
  tryAgain(world, () => true)
}

/** The last one that reached it: what goes round is counted within one. */
export function disturbanceOf({ disturbed, disturbedAll }: World, { id }: Group): number {
  return disturbed.get(id) ?? disturbedAll
}

function tryAgain(world: World, is: (nodeRole: NodeRole) => boolean): void {
  for (const nodeRole of world.oscillating) {
    if (!is(nodeRole)) continue
    world.oscillating.delete(nodeRole)
    touch(world, nodeRole)
  }
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
  const { ran, success, asked } = nodeRole
  const circling = firstCircling(nodeRole)
  if (circling) return { kind: 'oscillates', ...circling, circle: earlyCircle(world, nodeRole, circling) }
  if (!ran || !success || asked) return undefined
  const { digest } = nodeRole
  if (digest === undefined || digest === success.digest) return undefined
  if (success.disturbance !== disturbanceOf(world, nodeRole.group)) return undefined
  const runs = Object.values(ran).reduce((sum, times) => sum + times, 0)
  if ((ran[digest] ?? 0) <= RETURNS_MOST && runs < RUNS_MOST) return undefined
  return { kind: 'oscillates', ...wayRound(world, nodeRole) }
}

/** In the order of its role, so that it does not matter which circle was told first. */
function firstCircling({ circling, group }: NodeRole): Circling | undefined {
  if (!circling?.size) return undefined
  const first = group.early.find(({ name }) => circling.has(name))
  return first && circling.get(first.name)
}

function wayRound(world: World, nodeRole: NodeRole): Omit<Extract<Reason, { kind: 'oscillates' }>, 'kind'> {
  const others = nodeRole.group.inputs.filter((one) => isOther(nodeRole, one))
  const [input] = others
  if (!input) return { nodeRole: nodeRole.id, input: '', values: [], circle: [] }
  const before = inputsOfSuccess(nodeRole)?.[input.name]
  const after = nodeRole.inputs[input.index]?.json
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

function isOther(nodeRole: NodeRole, input: InputPlan): boolean {
  const inputs = inputsOfSuccess(nodeRole) ?? {}
  const before = Object.hasOwn(inputs, input.name) ? inputs[input.name] : undefined
  const after = nodeRole.inputs[input.index]?.digest
  return (before === undefined ? undefined : valueOf(before as Json).digest) !== after
}

/** Whom the input comes from; itself when nobody else can be named. */
function sourceOf(nodeRole: NodeRole, input: InputPlan): NodeRoleId {
  const origin = boundOf(nodeRole, input)?.origin
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
