// Running: what the start and the end of a run write into the world.
import { assert } from '../base/assert.ts'
import type { Event } from '../model/event.ts'
import { NODE_FAULTS, type NodeFault, type RunId, type RunOutcome } from '../model/run.ts'
import { scheduleAfterSuccess } from './check-schedule.ts'
import { learnDuration } from './expected.ts'
import { runThatSaid } from './hubs.ts'
import { locksOf, releaseLocks, takeLocks } from './locks.ts'
import { countRun, disturbanceOf } from './oscillation.ts'
import { isToBeRemoved } from './removal.ts'
import { leaveRinse } from './rinse.ts'
import { compareRuns, saysSame } from './repeatable.ts'
import { noteBegun, usePass } from './rollout.ts'
import { touch, touchReaders } from './touch.ts'
import {
  type Attempts,
  type NodeRole,
  nodeRoleCalled,
  RUNS_KEPT,
  type RunRecord,
  type World,
} from './world.ts'

export function startRun(world: World, event: Extract<Event, { kind: 'runStarted' }>): void {
  const nodeRole = nodeRoleCalled(world, event.nodeRole)
  const record: RunRecord = {
    run: event.run,
    token: event.token,
    nodeRole: event.nodeRole,
    action: event.action,
    digest: event.digest,
    inputs: event.inputs,
    origins: event.origins,
    cause: event.cause,
    attempt: event.attempt,
    roleDigest: nodeRole.group.role.digest,
    startedAt: world.now,
    session: world.session,
    revision: world.head,
    locks: locksOf(nodeRole),
    result: 'running',
  }
  world.runsStarted++
  world.runs.set(record.run, record)
  world.inFlight.add(record)
  nodeRole.flight = record
  nodeRole.lastRun = record.run
  takeLocks(world, nodeRole, record.locks)
  trimRuns(world)
  touch(world, nodeRole)
}

export function finishRun(world: World, event: Extract<Event, { kind: 'runFinished' }>): void {
  const { record, nodeRole } = flightOf(world, event.run)
  const { outcome } = event
  record.result = outcome.result
  record.durationMs = outcome.durationMs
  if (outcome.result === 'failed') record.message = outcome.message
  if (outcome.result === 'fault') record.message = outcome.fault.message
  endRun(world, nodeRole, record)
  // Before whatever reads it, so that these are looked at when its state is known, and once.
  touch(world, nodeRole)
  const neverBegan = outcome.result === 'fault' && !NODE_FAULTS[outcome.fault.code].mayHaveRun
  if (!neverBegan) keepTouched(world, nodeRole, record)
  if (outcome.result === 'ok') succeed(world, nodeRole, record, outcome)
  else if (isAbout(record, nodeRole)) {
    if (record.cancelAsked) cancel(nodeRole, record, record.cancelAsked)
    else if (outcome.result === 'fault') interrupt(world, nodeRole, record, outcome.fault)
    else if (record.action === 'check') {
      nodeRole.checkedNo = record.digest
      nodeRole.lost = undefined
    } else fail(world, nodeRole, record, { message: outcome.message, tail: outcome.tail }, outcome.retry)
  }
}

/** A commit or a rinse may have turned a node-role round while a run was in flight; how the old way ended does not count. */
function isAbout(record: RunRecord, nodeRole: NodeRole): boolean {
  return (record.action === 'remove') === isToBeRemoved(nodeRole)
}

/** The world did not let it finish. */
function interrupt(world: World, nodeRole: NodeRole, record: RunRecord, fault: NodeFault): void {
  const { nodeLost, mayHaveRun } = NODE_FAULTS[fault.code]
  if (fault.code === 'notHandedOut') return
  if (
    fault.code === 'connectionLost' ||
    fault.code === 'runnerLost' ||
    (mayHaveRun && nodeRole.group.role.once)
  ) {
    forgetResult(world, nodeRole, record)
  } else if (fault.code === 'cancelled') {
    // We ended it ourselves, maybe half-way: no try in vain, but what it left must be run over or removed.
    doubt(nodeRole, record, attemptsBefore(nodeRole, record.digest))
  } else if (!nodeLost) {
    fail(world, nodeRole, record, { message: fault.message, tail: '', fault }, true)
  }
}

export function loseRun(world: World, event: Extract<Event, { kind: 'runLost' }>): void {
  const { record, nodeRole } = flightOf(world, event.run)
  record.result = 'lost'
  record.message = event.why
  record.durationMs = world.now - record.startedAt
  endRun(world, nodeRole, record)
  keepTouched(world, nodeRole, record)
  // Anneal itself ended, or the node was let go: that says nothing of the run, so it is no try in vain.
  if (isAbout(record, nodeRole)) {
    if (record.cancelAsked) cancel(nodeRole, record, record.cancelAsked)
    else doubt(nodeRole, record, attemptsBefore(nodeRole, record.digest))
  }
  touch(world, nodeRole)
}

export function askToCancel(world: World, event: Extract<Event, { kind: 'runCancelAsked' }>): void {
  const { record, nodeRole } = flightOf(world, event.run)
  record.cancelAsked = event.why === undefined ? { by: event.by } : { by: event.by, why: event.why }
  touch(world, nodeRole)
}

/** However it ended, short of success: whoever asked wants no other try. */
function cancel(nodeRole: NodeRole, record: RunRecord, asked: { by: string; why?: string }): void {
  doubt(nodeRole, record, 0)
  nodeRole.lost = undefined
  nodeRole.cancelled = { run: record.run, ...asked }
}

function keepTouched(world: World, nodeRole: NodeRole, { action }: RunRecord): void {
  if (action === 'check') return
  nodeRole.touched = true
  noteBegun(world, nodeRole)
}

function endRun(world: World, nodeRole: NodeRole, record: RunRecord): void {
  record.endedAt = world.now
  world.inFlight.delete(record)
  nodeRole.flight = undefined
  releaseLocks(world, nodeRole, record.locks)
}

function succeed(
  world: World,
  nodeRole: NodeRole,
  record: RunRecord,
  outcome: Extract<RunOutcome, { result: 'ok' }>,
): void {
  if (outcome.changed !== undefined) record.changed = outcome.changed
  learnDuration(world, nodeRole, record.action, outcome.durationMs)
  if (record.action === 'remove') {
    // Placed again meanwhile: nothing is left of what was.
    nodeRole.touched = false
    if (!isToBeRemoved(nodeRole)) nodeRole.lost = undefined
    return
  }
  if (nodeRole.rinse?.removed) leaveRinse(world, nodeRole)
  usePass(world, nodeRole, record)
  nodeRole.attempts = undefined
  nodeRole.lost = undefined
  nodeRole.drift = undefined
  nodeRole.repairs = record.cause.kind === 'drift' ? nodeRole.repairs + 1 : 0
  // Asked for while it ran: the run in flight is not the one that was meant.
  if (nodeRole.asked?.during === record.run) delete nodeRole.asked.during
  else nodeRole.asked = undefined
  const before = nodeRole.success
  const { run, digest, roleDigest } = record
  const ranWith = isBoundTo(nodeRole, digest) ? undefined : record.inputs
  const { outputs } = outcome
  const { now: at } = world
  const disturbance = disturbanceOf(world, nodeRole.group)
  nodeRole.success = { run, digest, roleDigest, ranWith, outputs, disturbance, at }
  countRun(nodeRole, before, nodeRole.success)
  compareRuns(world, nodeRole, before, nodeRole.success)
  scheduleAfterSuccess(world, nodeRole)
  for (const output of nodeRole.group.lateOutputs) {
    const same = before !== undefined && saysSame(before.outputs, outputs, output)
    if (same) (nodeRole.success.saidBy ??= {})[output] = runThatSaid(before, output)
    if (!same) touchReaders(world, nodeRole, output)
  }
}

/** Whether its inputs are those of that digest, and nothing that they read has changed since. */
function isBoundTo(nodeRole: NodeRole, digest: string): boolean {
  return !nodeRole.stale && nodeRole.staleInput === undefined && nodeRole.digest === digest
}

/** Doubling has an end; a role that says more itself gets what it says. */
const BACKOFF_MOST_MS = 600_000

function fail(
  world: World,
  nodeRole: NodeRole,
  record: RunRecord,
  why: Pick<Attempts, 'message' | 'tail' | 'fault'>,
  retry: boolean,
): void {
  const count = attemptsBefore(nodeRole, record.digest) + 1
  nodeRole.lost = undefined
  const { attempts, backoffMs } = nodeRole.group.role.retry
  const allowed = nodeRole.group.role.once ? 1 : attempts
  nodeRole.attempts = {
    digest: record.digest,
    count,
    lastRun: record.run,
    ...why,
    nextAt: world.now + Math.min(backoffMs * 2 ** (count - 1), Math.max(backoffMs, BACKOFF_MOST_MS)),
    spent: !retry || count >= allowed,
  }
}

/** So often a run may be lost whatever its role says of attempts: that the world broke in is not its failure. */
const LOST_MOST = 3

/** It may have happened and it may not. Counts as an attempt, so that what ends its own connection is not run for ever. */
function forgetResult(world: World, nodeRole: NodeRole, record: RunRecord): void {
  const { digest, message = 'the connection ended' } = record
  const attempt = attemptsBefore(nodeRole, digest) + 1
  if (attempt >= Math.max(nodeRole.group.role.retry.attempts, LOST_MOST) && !nodeRole.group.role.once) {
    return fail(world, nodeRole, record, { message, tail: '' }, false)
  }
  doubt(nodeRole, record, attempt)
}

/** A rinse had it and lets it go as it was: how its last run ended, of which was said nothing meanwhile, counts again. */
export function recallLastRun(world: World, nodeRole: NodeRole): void {
  const record = nodeRole.lastRun === undefined ? undefined : world.runs.get(nodeRole.lastRun)
  if (!record || record.result === 'ok' || record.result === 'running') return
  if (record.result === 'failed' && record.action !== 'check')
    fail(world, nodeRole, record, { message: record.message ?? '', tail: '' }, true)
  else doubt(nodeRole, record, 0)
}

function doubt(nodeRole: NodeRole, { run, digest, action }: RunRecord, attempt: number): void {
  nodeRole.attempts = undefined
  nodeRole.lost = { run, digest, attempt }
  // What `check` found before it says nothing any more.
  if (action === 'apply') nodeRole.checkedNo = undefined
}

/** How often this digest was tried in vain since it was last asked for. */
export function attemptsBefore({ attempts, lost }: NodeRole, digest: string | undefined): number {
  if (attempts?.digest === digest && attempts) return attempts.count
  return lost && lost.digest === digest ? lost.attempt : 0
}

/** Now and then, so that it costs little; at fixed numbers of runs, so that a replay keeps the same ones. */
const TRIM_EVERY = 500

/** More seldom by powers of two where many are in flight and cannot go: each looks at all of them. */
function trimRuns(world: World): void {
  if (world.runsStarted % TRIM_EVERY !== 0) return
  const seldom = 2 ** Math.max(0, Math.floor(Math.log2(world.runs.size / RUNS_KEPT)))
  if (world.runsStarted % (TRIM_EVERY * seldom) !== 0) return
  let spare = world.runs.size - RUNS_KEPT
  for (const [id, record] of world.runs) {
    if (spare-- <= 0) return
    if (!isNeeded(world, record)) world.runs.delete(id)
  }
}

/** What was tried and never succeeded is undone with the inputs of the try; what a rinse has yet to remove may be let off. */
function isNeeded(world: World, record: RunRecord): boolean {
  if (record.result === 'running') return true
  const nodeRole = world.nodeRoles.get(record.nodeRole)
  return nodeRole?.lastRun === record.run && (!nodeRole.success || nodeRole.rinse !== undefined)
}

function flightOf(world: World, run: RunId): { record: RunRecord; nodeRole: NodeRole } {
  const record = world.runs.get(run)
  assert(record?.result === 'running', `an event ends ${run}, which is not in flight`)
  return { record, nodeRole: nodeRoleCalled(world, record.nodeRole) }
}
