// Rows: what events told of one node-role, as the few words that tell it apart from one that simply succeeded.
import { assert } from '../base/assert.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { inputsOf } from './bind.ts'
import { runNumber } from './cycles.ts'
import { type Packed, Packer, unpack } from './packing.ts'
import type { RunId } from '../model/run.ts'
import type { NodeRole, Success, World } from './world.ts'

/**
 * `[]`: nothing was told. `[run, digest, at, disturbance, outputs]`: its last run succeeded, with today's role and today's
 * inputs, which are made again from what they read. What is otherwise stands behind that, or alone.
 */
export type Row = Json[]

/** What is told by events, besides its last success. */
const TOLD = [
  'revision',
  'leaving',
  'attempts',
  'lost',
  'cancelled',
  'asked',
  'rinse',
  'checkedNo',
  'drift',
  'repairs',
  'checkedAt',
  'foundWellAt',
  'touched',
  'ran',
  'unlike',
  'lastRun',
] as const
type Told = Partial<Pick<NodeRole, (typeof TOLD)[number]>> & { success?: ToldOfSuccess }
type ToldOfSuccess = Partial<Pick<Success, 'roleDigest' | 'saidBy'>> & { inputs?: Packed }

/** `head` is that of the snapshot. */
export function rowOf(head: number, nodeRole: NodeRole, packer: Packer): Row {
  const { success } = nodeRole
  const row: Row = []
  if (success) {
    const { run, digest, at, disturbance, outputs } = success
    const number = runNumber(run)
    row.push(run === `run-${number}` ? number : run, digest, at, disturbance, outputs)
  }
  const told = otherwise(head, nodeRole, packer)
  if (told) row.push(JSON.parse(JSON.stringify(told)) as Json)
  return row
}

function otherwise(head: number, nodeRole: NodeRole, packer: Packer): Told | undefined {
  const told: Record<string, unknown> = {}
  let isAny = false
  for (const field of TOLD) {
    const value = nodeRole[field]
    if (value === usual(head, nodeRole, field)) continue
    told[field] = value
    isAny = true
  }
  const success = nodeRole.success && otherwiseOfSuccess(nodeRole, nodeRole.success, packer)
  return success ? { ...told, success } : isAny ? told : undefined
}

function usual(
  head: number,
  { success, leaving, revision }: NodeRole,
  field: (typeof TOLD)[number],
): unknown {
  switch (field) {
    case 'revision':
      // Of one that is placed, it is the head.
      return leaving ? head : revision
    case 'touched':
      return success !== undefined
    case 'lastRun':
      return success?.run
    case 'leaving':
      return false
    case 'repairs':
    case 'checkedAt':
    case 'foundWellAt':
      return 0
    default:
      return undefined
  }
}

function otherwiseOfSuccess(
  nodeRole: NodeRole,
  { digest, roleDigest, inputs, saidBy }: Success,
  packer: Packer,
): ToldOfSuccess | undefined {
  const told: ToldOfSuccess = {}
  if (roleDigest !== nodeRole.group.role.digest) told.roleDigest = roleDigest
  if (saidBy) told.saidBy = saidBy
  // Equal digests are equal inputs: of a fleet at rest none is written.
  if (nodeRole.leaving || digest !== nodeRole.digest) told.inputs = packer.pack(inputs)
  return Object.keys(told).length === 0 ? undefined : told
}

/** Tells a node-role that was just placed its past. Inputs of today are put in by `recallInputs` when it is bound. */
export function recall(world: World, nodeRole: NodeRole, row: Row, large: readonly Json[]): void {
  const hasSucceeded = row.length > 1
  const { success: of, ...told } = (row.length % 5 === 1 ? row.at(-1) : {}) as Told
  if (hasSucceeded) nodeRole.success = successOf(nodeRole, row, of, large)
  nodeRole.revision = world.head
  nodeRole.touched = hasSucceeded
  nodeRole.lastRun = nodeRole.success?.run
  Object.assign(nodeRole, told)
}

function successOf(
  nodeRole: NodeRole,
  [run, digest, at, disturbance, outputs]: Row,
  of: ToldOfSuccess | undefined,
  large: readonly Json[],
): Success {
  const success: Success = {
    run: typeof run === 'number' ? `run-${run}` : (run as RunId),
    digest: digest as string,
    roleDigest: of?.roleDigest ?? nodeRole.group.role.digest,
    inputs: of?.inputs ? unpack(of.inputs, large) : AS_BOUND,
    outputs: outputs as JsonObject,
    disturbance: Number(disturbance),
    at: Number(at),
  }
  if (of?.saidBy) success.saidBy = of.saidBy
  return success
}

const AS_BOUND: JsonObject = {}

/** Expressions gave another value in the version that wrote the snapshot: what a node-role ran with is in the journal alone. */
export class Misfit extends Error {
  override name = 'Misfit'
}

export function recallInputs(nodeRole: NodeRole): void {
  const { success, digest } = nodeRole
  if (success?.inputs !== AS_BOUND) return
  assert(!nodeRole.leaving, `${nodeRole.id} leaves and has no inputs`)
  if (digest !== success.digest) throw new Misfit(`${nodeRole.id} is bound otherwise than it was`)
  success.inputs = inputsOf(nodeRole)
}
