// The way round: the circle of node-roles by which a value keeps coming back, each reading what the one before it says.
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from '../model/names.ts'
import { oneSource } from './bind.ts'
import type { Group, InputPlan } from './graph.ts'
import { valueOf } from './value.ts'
import type { NodeRole, RunRecord, World } from './world.ts'

/** What a node-role says, early or by its run. */
interface Point {
  nodeRole: NodeRole
  output: string | undefined
  /** What read it on the way from the start. */
  before?: Point
}

/** Circles of more than this are told in part, and nobody would follow them. */
const POINTS_MOST = 1_000

/**
 * The circle through this node-role, in the direction in which values go, begun with it; else the first one upstream that
 * drives it; empty where none is found. `inputs`: those of its inputs that keep changing.
 */
export function circleOf(world: World, nodeRole: NodeRole, inputs: readonly InputPlan[]): NodeRoleId[] {
  const upstream = walk(world, nodeRole, inputs)
  if (upstream.circle) return upstream.circle
  for (const { nodeRole: driver } of upstream.met) {
    const { circle } = walk(world, driver, changingInputs(world, driver))
    if (circle) return circle
  }
  return []
}

/** Breadth first, so that the shortest circle is found; all that was met on the way where there is none. */
function walk(
  world: World,
  start: NodeRole,
  inputs: readonly InputPlan[],
): { circle?: NodeRoleId[]; met: Point[] } {
  const met: Point[] = []
  const known = new Set<string>()
  const push = (reader: Point | undefined, read: readonly InputPlan[], of: NodeRole): Point | undefined => {
    for (const { nodeRole, output } of sourcesOf(of, read, start)) {
      const point: Point = { nodeRole, output, ...(reader ? { before: reader } : {}) }
      if (nodeRole === start) return point
      const key = `${nodeRole.id} ${output}`
      if (known.has(key) || met.length >= POINTS_MOST) continue
      known.add(key)
      met.push(point)
    }
    return undefined
  }
  let end = push(undefined, inputs, start)
  if (end) return { circle: pathTo(end), met }
  // It grows while it is walked.
  for (const point of met) {
    end = push(point, readBy(world, point), point.nodeRole)
    if (end) return { circle: pathTo(end), met }
  }
  return { met }
}

/** From the start, which says what the last one met reads, to the one that the start itself reads. */
function pathTo(end: Point): NodeRoleId[] {
  const path: NodeRoleId[] = []
  for (let point: Point | undefined = end; point; point = point.before) {
    if (path.at(-1) !== point.nodeRole.id) path.push(point.nodeRole.id)
  }
  return path
}

/** What an early output is made of; of what a run said, what keeps changing. */
function readBy(world: World, { nodeRole, output }: Point): readonly InputPlan[] {
  const { group } = nodeRole
  const early = group.early.find(({ name }) => name === output)
  if (early) return early.needs.flatMap((index) => group.inputs[index] ?? [])
  return changingInputs(world, nodeRole)
}

/** Inputs in which its last two runs differ; all of them where it has not run twice. */
function changingInputs(world: World, nodeRole: NodeRole): readonly InputPlan[] {
  const { inputs } = nodeRole.group
  const [before, last] = lastTwo(world, nodeRole)
  if (!before || !last) return inputs
  const digest = ({ inputs: had }: RunRecord, name: string): string | undefined =>
    Object.hasOwn(had, name) ? valueOf(had[name] as Json).digest : undefined
  return inputs.filter(({ name }) => digest(before, name) !== digest(last, name))
}

function lastTwo(world: World, { id }: NodeRole): (RunRecord | undefined)[] {
  let before: RunRecord | undefined
  let last: RunRecord | undefined
  for (const record of world.runs.values()) {
    if (record.nodeRole !== id || record.result !== 'ok' || record.action !== 'apply') continue
    before = last
    last = record
  }
  return [before, last]
}

/** Of a group that is read together the start, where it is one of them, and else one that keeps changing. */
function* sourcesOf(
  reader: NodeRole,
  inputs: readonly InputPlan[],
  start: NodeRole,
): Generator<{ nodeRole: NodeRole; output: string }> {
  for (const input of withWhatTheyRead(reader.group, inputs)) {
    const { source } = input.spec
    if (source?.kind !== 'output') continue
    const { output } = source
    if (source.take === 'one') {
      const one = oneSource(reader, input.sources)
      if (one && !Array.isArray(one)) yield { nodeRole: one, output }
      continue
    }
    const group = input.sources.find(({ members }) => members.size > 0)
    if (!group) continue
    if (group.members.get(start.nodeName) === start && start !== reader) yield { nodeRole: start, output }
    const other = oneThatChanges(group, reader)
    if (other) yield { nodeRole: other, output }
  }
}

function oneThatChanges(group: Group, reader: NodeRole): NodeRole | undefined {
  let any: NodeRole | undefined
  for (const member of group.members.values()) {
    if (member === reader) continue
    if (member.ran || member.circling?.size) return member
    any ??= member
  }
  return any ?? group.members.get(reader.nodeName)
}

function withWhatTheyRead(group: Group, inputs: readonly InputPlan[]): Set<InputPlan> {
  const all = new Set(inputs)
  // It grows while it is walked.
  for (const { reads } of all) for (const index of reads) all.add(group.inputs[index] as InputPlan)
  return all
}
