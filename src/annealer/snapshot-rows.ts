// Rows: what events told of one node-role, as the few words that tell it apart from one that simply succeeded.
import type { Json, JsonObject } from '../base/json.ts'
import { inputsOfSuccess, Misfit } from './asleep.ts'
import { runNumber } from './cycles.ts'
import { type Packed, Packer, unpack } from './packing.ts'
import type { RunId } from '../model/run.ts'
import type { NodeRole, Success } from './world.ts'

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

/** Whether it tells a success and nothing else. */
export function isPlain({ length }: Row): boolean {
  return length === 5
}

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
  { digest, roleDigest, saidBy }: Success,
  packer: Packer,
): ToldOfSuccess | undefined {
  const told: ToldOfSuccess = {}
  if (roleDigest !== nodeRole.group.role.digest) told.roleDigest = roleDigest
  if (saidBy) told.saidBy = saidBy
  // Equal digests are equal inputs: of a fleet at rest none is written.
  if (nodeRole.leaving || digest !== nodeRole.digest)
    told.inputs = packer.pack(inputsOfSuccess(nodeRole) ?? {})
  return Object.keys(told).length === 0 ? undefined : told
}

/**
 * Tells a node-role that was just placed its past. Whoever is bound as at its last success may sleep, if nobody minds; of the others
 * `expectFit` when they are bound.
 */
export function recall(
  nodeRole: NodeRole,
  row: Row,
  large: readonly Json[],
  maySleep: boolean,
): 'awake' | 'asleep' | 'atRest' {
  const told = row.length % 5 === 1 ? (row.at(-1) as Told) : undefined
  const asleep = maySleep && row.length > 1 && !told?.success?.inputs
  if (row.length > 1) {
    const success = successOf(nodeRole, row, told?.success, large)
    nodeRole.recall(success, asleep)
    nodeRole.touched = true
    nodeRole.lastRun = success.run
  }
  if (!told) return asleep ? 'atRest' : 'awake'
  const { success: _, ...others } = told
  Object.assign(nodeRole, others)
  if (!asleep) return 'awake'
  return Object.keys(others).every((field) => Object.hasOwn(QUIET, field)) ? 'atRest' : 'asleep'
}

/** Of one that is bound as it was at its last success and for which nothing else is told, these ask for nothing. */
const QUIET: Partial<Record<(typeof TOLD)[number], true>> = {
  checkedAt: true,
  foundWellAt: true,
  repairs: true,
  ran: true,
}

export function successOf(
  nodeRole: NodeRole,
  [run, digest, at, disturbance, outputs]: Row,
  of: ToldOfSuccess | undefined,
  large: readonly Json[],
): Success {
  const success: Success = {
    run: typeof run === 'number' ? `run-${run}` : (run as RunId),
    digest: digest as string,
    roleDigest: of?.roleDigest ?? nodeRole.group.role.digest,
    ranWith: of?.inputs ? unpack(of.inputs, large) : undefined,
    outputs: outputs as JsonObject,
    disturbance: Number(disturbance),
    at: Number(at),
  }
  if (of?.saidBy) success.saidBy = of.saidBy
  return success
}

/** Of one that has just been bound: where nothing else was told, it is as at its last success. */
export function expectFit({ id, success, digest }: NodeRole): void {
  if (success && !success.ranWith && digest !== success.digest)
    throw new Misfit(`${id} is bound otherwise than it was`)
}
