// Judging: the state of a node-role and the reason for it. Rules are walked in order and the first that speaks decides;
// what the scheduler obeys and what `why` prints is the same answer.
import { assert } from '../base/assert.ts'
import type { Json } from '../base/json.ts'
import type { Cause, Reason, State, Wait } from '../model/reason.ts'
import type { RunAction } from '../model/run.ts'
import { inputsOfSuccess } from './asleep.ts'
import { oneSource, whyUnbound } from './bind.ts'
import { asksRepair, driftReason, whatDiffers } from './drift.ts'
import { type Group, memberBeside, ordersRuns, waitOf } from './graph.ts'
import { keptBy } from './holds.ts'
import { failuresWait } from './failures.ts'
import { busyLock } from './locks.ts'
import { roundReason } from './oscillation.ts'
import { hasNothingToRemove, isToBeRemoved, removedBefore, rivalOf } from './removal.ts'
import { unlikeReason } from './repeatable.ts'
import { causeOfRinse, rinseAwaited } from './rinse.ts'
import { lacksRunner, noRunner } from './runners.ts'
import { stepWait } from './steps.ts'
import { valueOf } from './value.ts'
import { windowWait } from './windows.ts'
import type { NodeRole, World } from './world.ts'

export interface Verdict {
  state: State
  reason: Reason
}

export function judge(world: World, nodeRole: NodeRole): Verdict {
  return ruled(world, nodeRole) ?? waits(world, nodeRole, waitFor(world, nodeRole))
}

/** What a run of it would do now. */
export function nextAction(nodeRole: NodeRole): RunAction {
  const { group, success, lost, asked, rinse } = nodeRole
  if (isToBeRemoved(nodeRole)) return 'remove'
  const unchecked = group.role.check && nodeRole.checkedNo !== nodeRole.digest
  if (unchecked && group.role.once && lost) return 'check'
  if (unchecked && group.adopt && !success && !asked && !rinse) return 'check'
  return 'apply'
}

/** DESIGN 6: the first row that fits. Called one by one and not from a list, which would keep each from being compiled into this. */
function ruled(world: World, nodeRole: NodeRole): Verdict | undefined {
  const first = inFlight(nodeRole) ?? unreachable(world, nodeRole) ?? spent(world, nodeRole)
  if (first) return first
  if (isToBeRemoved(nodeRole)) return unserved(world, nodeRole)
  const own = nodeRole.rinse ? othersToRemove(world, nodeRole) : current(nodeRole)
  return own ?? unbound(nodeRole) ?? unrequired(nodeRole) ?? unserved(world, nodeRole)
}

function waits(world: World, nodeRole: NodeRole, wait: Wait): Verdict {
  return { state: 'todo', reason: { kind: 'waits', wait, cause: causeOf(world, nodeRole) } }
}

function inFlight({ flight }: NodeRole): Verdict | undefined {
  if (!flight) return undefined
  const { run, action, startedAt: since, cause, cancelAsked } = flight
  const reason: Reason = { kind: 'running', run, action, since, cause }
  return { state: 'transition', reason: cancelAsked ? { ...reason, cancelledBy: cancelAsked.by } : reason }
}

function unreachable(world: World, nodeRole: NodeRole): Verdict | undefined {
  const { node } = nodeRole
  if (!node || (node.alive && !node.unavailable) || hasNothingToRemove(nodeRole)) return undefined
  if (node.unavailable) {
    return { state: 'blocked', reason: { kind: 'notAvailable', node: node.name, ...node.unavailable } }
  }
  if (node.alive) return undefined
  if (lacksRunner(world, node)) return { state: 'blocked', reason: noRunner(world, node) }
  if (!node.fault) return { state: 'blocked', reason: { kind: 'neverReached', node: node.name } }
  return {
    state: 'blocked',
    reason: { kind: 'notAlive', node: node.name, fault: node.fault, since: node.since },
  }
}

/** What is as asked stays so while the runner of its node is away; what is to run waits for one. */
function unserved(world: World, nodeRole: NodeRole): Verdict | undefined {
  const { node } = nodeRole
  if (!node || hasNothingToRemove(nodeRole) || !lacksRunner(world, node)) return undefined
  return { state: 'blocked', reason: noRunner(world, node) }
}

function spent(world: World, nodeRole: NodeRole): Verdict | undefined {
  if (nodeRole.isPlain) return undefined
  const { attempts, lost, cancelled, group } = nodeRole
  if (cancelled) return { state: 'error', reason: { kind: 'cancelled', ...cancelled } }
  const removed = isToBeRemoved(nodeRole)
  // What is destructive is not tried again because something else is asked for by now.
  if (attempts?.spent && (group.role.once || sameBinding(nodeRole))) {
    const { lastRun: run, count, message, tail, fault } = attempts
    const reason: Reason = { kind: 'failed', run, attempts: count, message, tail }
    return { state: 'error', reason: fault ? { ...reason, fault } : reason }
  }
  const round = removed ? undefined : roundReason(world, nodeRole)
  if (round) return { state: 'error', reason: round }
  if (lost && group.role.once && (removed || !group.role.check)) {
    return { state: 'error', reason: { kind: 'unknownResult', run: lost.run } }
  }
  return undefined
}

function current(nodeRole: NodeRole): Verdict | undefined {
  const { success, asked, lost, attempts } = nodeRole
  // A run after the last success that failed may have left anything behind.
  if (!success || asked || lost || attempts || asksRepair(nodeRole)) return undefined
  const drifted = driftReason(nodeRole)
  const unbound = whyUnbound(nodeRole)
  if (unbound) return { state: 'active', reason: drifted ?? { kind: 'stale', ...unbound } }
  if (success.digest !== nodeRole.digest) return undefined
  const calm = unlikeReason(nodeRole) ?? { kind: 'current' }
  return { state: 'active', reason: drifted ?? restsOn(nodeRole) ?? calm }
}

/** A rinse applies nothing before all of it is removed. */
function othersToRemove(world: World, nodeRole: NodeRole): Verdict | undefined {
  const wait = rinseAwaited(world, nodeRole)
  return wait && waits(world, nodeRole, wait)
}

function unbound(nodeRole: NodeRole): Verdict | undefined {
  const why = whyUnbound(nodeRole)
  return why && { state: 'blocked', reason: { kind: 'inputUnbound', ...why } }
}

function unrequired(nodeRole: NodeRole): Verdict | undefined {
  const { group } = nodeRole
  for (const requirement of group.requires) {
    const meant = meantBy(nodeRole, requirement)
    if (!meant.one && !meant.all)
      return { state: 'blocked', reason: { kind: 'requirementMissing', role: requirement.role } }
    const waiting = unmet(meant)
    if (!waiting) continue
    const { first, others } = waiting
    const state = first.state ?? 'todo'
    return { state: 'blocked', reason: { kind: 'requirement', nodeRole: first.id, state, others } }
  }
  return group.role.apply
    ? undefined
    : { state: 'active', reason: restsOn(nodeRole) ?? { kind: 'milestone' } }
}

/** What one requirement means for one node-role: a node-role on its node, or all of a group; neither where it is missing. */
interface Meant {
  one?: NodeRole
  all?: Group
}

function meantBy(nodeRole: NodeRole, { of, candidates }: Group['requires'][number]): Meant {
  for (const group of candidates) {
    if (of === 'deployment' || group.role.per === 'deployment') {
      if (group.members.size > 0) return { all: group }
      continue
    }
    const one = memberBeside(group, nodeRole)
    if (one) return { one }
  }
  return {}
}

/** The first that is not active, and how many more there are. */
function unmet({ one, all }: Meant): { first: NodeRole; others: number } | undefined {
  if (one) return one.state === 'active' ? undefined : { first: one, others: 0 }
  const count = all ? all.members.size - all.counts.active : 0
  const first = count > 0 ? firstMember(all, (member) => member.state !== 'active') : undefined
  return first && { first, others: count - 1 }
}

function restsOn(nodeRole: NodeRole): Reason | undefined {
  for (const requirement of nodeRole.group.requires) {
    const { one, all } = meantBy(nodeRole, requirement)
    const failed = one ?? (all && all.counts.error > 0 ? firstMember(all, isInError) : undefined)
    if (failed && isInError(failed)) return { kind: 'restsOnFailed', nodeRole: failed.id, state: 'error' }
  }
  return undefined
}

function firstMember(group: Group | undefined, is: (member: NodeRole) => boolean): NodeRole | undefined {
  for (const member of group?.members.values() ?? []) if (is(member)) return member
  return undefined
}

function isInError({ state }: NodeRole): boolean {
  return state === 'error'
}

function waitFor(world: World, nodeRole: NodeRole): Wait {
  const { node, attempts } = nodeRole
  if (isToBeRemoved(nodeRole)) {
    const dependants = removedBefore(world, nodeRole)
    if (dependants) {
      const { first, others } = dependants
      return { kind: 'dependants', nodeRole: first.id, others }
    }
    if (hasNothingToRemove(nodeRole)) return { kind: 'turn' }
  }
  const kept = keptBy(world, nodeRole)
  if (kept) return kept
  if (!isToBeRemoved(nodeRole)) {
    const rival = rivalOf(world, nodeRole)
    if (rival) return { kind: 'rival', nodeRole: rival.id }
    const approval = needsApproval(nodeRole)
    if (approval) return { kind: 'approval', why: approval }
    const upstream = movingUpstream(nodeRole)
    if (upstream) return { kind: 'upstream', nodeRole: upstream.id }
    const held = stepWait(world, nodeRole) ?? failuresWait(world, nodeRole)
    if (held) return held
  }
  const window = windowWait(world, nodeRole, nextAction(nodeRole))
  if (window) return window
  if (world.stoppedBy !== undefined) return { kind: 'stopped', by: world.stoppedBy }
  if (attempts && attempts.nextAt > world.now && sameBinding(nodeRole)) {
    const { nextAt: until, count, message } = attempts
    const { retry } = nodeRole.group.role
    return { kind: 'backoff', until, attempt: count + 1, attempts: retry.attempts, message }
  }
  if (node && node.reachedIn !== world.session) return { kind: 'contact', node: node.name }
  if (node?.check) return { kind: 'checking', node: node.name, check: node.check.check }
  const busy = busyLock(world, nodeRole)
  if (!busy) return { kind: 'turn' }
  const { lock, capacity } = busy
  return { kind: 'lock', lock: lock.key, capacity, holders: lock.holders.map((holder) => holder.nodeRole.id) }
}

function sameBinding(nodeRole: NodeRole): boolean {
  return isToBeRemoved(nodeRole) || nodeRole.attempts?.digest === nodeRole.digest
}

export function needsApproval(nodeRole: NodeRole): string | undefined {
  const { group, success, asked } = nodeRole
  if (!group.role.once || !success || asked) return undefined
  return `${group.role.name} is destructive (once) and has run already`
}

/** What will soon say anew what this one reads, or goes first by `after`: running before it would be running twice. */
function movingUpstream(nodeRole: NodeRole): NodeRole | undefined {
  for (const candidates of nodeRole.group.after) {
    const first = memberHere(candidates, nodeRole)
    if (first && first !== nodeRole && first.moving) return first
  }
  for (const input of nodeRole.group.inputs) {
    const source = input.spec.source
    if (source?.kind !== 'output' || source.wait !== 'all') continue
    if (source.take === 'one') {
      const one = oneSource(nodeRole, input.sources)
      if (one && !Array.isArray(one) && one.moving && ordersRuns(one.group, source.output, waitOf(input)))
        return one
      continue
    }
    const group = input.sources.find((each) => each.members.size > 0)
    if (!group || group.moving === 0 || !ordersRuns(group, source.output, waitOf(input))) continue
    for (const member of group.members.values()) if (member.moving) return member
  }
  return undefined
}

function memberHere(candidates: readonly Group[], nodeRole: NodeRole): NodeRole | undefined {
  for (const group of candidates) {
    const here = memberBeside(group, nodeRole)
    if (here) return here
  }
  return undefined
}

/** What may keep one waiting for longer than anybody should wait for what it will say. */
const LONG_WAITS = new Set<Wait['kind']>([
  'approval',
  'step',
  'failures',
  'window',
  'rival',
  'rinse',
  'held',
  'notChosen',
])

/** Whether it runs or soon will. */
export function isMoving(nodeRole: NodeRole, state: State, reason: Reason): boolean {
  // Its removal may come to a stop, and others with it: who reads it is not held up.
  if (isToBeRemoved(nodeRole)) return false
  return state === 'transition' || (reason.kind === 'waits' && !LONG_WAITS.has(reason.wait.kind))
}

function causeOf(world: World, nodeRole: NodeRole): Cause {
  const { leaving, asked, lost, attempts, success, group } = nodeRole
  if (leaving) return { kind: 'removal' }
  const rinsed = causeOfRinse(world, nodeRole)
  if (rinsed && isToBeRemoved(nodeRole)) return rinsed
  if (lost) return { kind: 'lost', run: lost.run }
  if (attempts && attempts.digest === nodeRole.digest) return { kind: 'retry', after: attempts.lastRun }
  // What was tried in vain since then was what they had asked for.
  if (asked && !attempts) {
    const { by, why } = asked
    return why === undefined ? { kind: 'asked', by } : { kind: 'asked', by, why }
  }
  if (!success) return attempts ? { kind: 'retry', after: attempts.lastRun } : (rinsed ?? { kind: 'new' })
  const inputs = changedInputs(nodeRole)
  if (inputs.length > 0) return { kind: 'inputsChanged', inputs }
  if (success.roleDigest !== group.role.digest) return { kind: 'roleChanged' }
  const { drift } = nodeRole
  if (drift && !attempts) return { kind: 'drift', check: drift.check, what: whatDiffers(drift.differences) }
  assert(attempts, `${nodeRole.id} is to run without a cause`)
  return { kind: 'retry', after: attempts.lastRun }
}

/** Inputs whose value is not the one of the last success. */
export function changedInputs(nodeRole: NodeRole): string[] {
  const before = inputsOfSuccess(nodeRole) ?? {}
  return nodeRole.group.inputs.flatMap((input) => {
    const now = nodeRole.inputs[input.index]
    const then = Object.hasOwn(before, input.name) ? valueOf(before[input.name] as Json) : undefined
    return now?.digest === then?.digest ? [] : [input.name]
  })
}
