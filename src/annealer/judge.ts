// Judging: the state of a node-role and the reason for it. Rules are walked in order and the first that speaks decides;
// what the scheduler obeys and what `why` prints is the same answer.
import { assert } from '../base/assert.ts'
import type { Json } from '../base/json.ts'
import type { Cause, Reason, State, Wait } from '../model/reason.ts'
import type { RunAction } from '../model/run.ts'
import { oneSource } from './bind.ts'
import { type Group, ordersRuns, waitOf } from './graph.ts'
import { busyLock } from './locks.ts'
import { isMoving, movingIn } from './touch.ts'
import { valueOf } from './value.ts'
import type { NodeRole, World } from './world.ts'

export interface Verdict {
  state: State
  reason: Reason
}

export function judge(world: World, nodeRole: NodeRole): Verdict {
  for (const rule of nodeRole.leaving ? LEAVING : PLACED) {
    const verdict = rule(world, nodeRole)
    if (verdict) return verdict
  }
  return {
    state: 'todo',
    reason: { kind: 'waits', wait: waitFor(world, nodeRole), cause: causeOf(nodeRole) },
  }
}

/** What a run of it would do now. */
export function nextAction(nodeRole: NodeRole): RunAction {
  const { group, success, lost, asked } = nodeRole
  if (nodeRole.leaving) return 'remove'
  const unchecked = group.role.check && nodeRole.checkedNo !== nodeRole.digest
  if (unchecked && group.role.once && lost) return 'check'
  if (unchecked && group.adopt && !success && !asked) return 'check'
  return 'apply'
}

type Rule = (world: World, nodeRole: NodeRole) => Verdict | undefined

/** DESIGN 6: the first row that fits. */
const PLACED: readonly Rule[] = [inFlight, unreachable, spent, current, unbound, unrequired]
const LEAVING: readonly Rule[] = [inFlight, unreachable, spent]

function inFlight(_: World, { flight }: NodeRole): Verdict | undefined {
  if (!flight) return undefined
  const { run, action, startedAt: since, cause } = flight
  return { state: 'transition', reason: { kind: 'running', run, action, since, cause } }
}

function unreachable(_: World, nodeRole: NodeRole): Verdict | undefined {
  const { node } = nodeRole
  if (!node || hasNothingToUndo(nodeRole)) return undefined
  if (node.unavailable) {
    return { state: 'blocked', reason: { kind: 'notAvailable', node: node.name, ...node.unavailable } }
  }
  if (node.alive) return undefined
  if (!node.fault) return { state: 'blocked', reason: { kind: 'neverReached', node: node.name } }
  return {
    state: 'blocked',
    reason: { kind: 'notAlive', node: node.name, fault: node.fault, since: node.since },
  }
}

function spent(_: World, nodeRole: NodeRole): Verdict | undefined {
  const { attempts, lost, group, leaving } = nodeRole
  if (attempts?.spent && sameBinding(nodeRole)) {
    const { lastRun: run, count, message, tail } = attempts
    return { state: 'error', reason: { kind: 'failed', run, attempts: count, message, tail } }
  }
  if (lost && group.role.once && (leaving || !group.role.check)) {
    return { state: 'error', reason: { kind: 'unknownResult', run: lost.run } }
  }
  return undefined
}

function current(_: World, nodeRole: NodeRole): Verdict | undefined {
  const { success, digest, group, asked, lost, attempts } = nodeRole
  // A run after the last success that failed may have left anything behind.
  if (!success || asked || lost || attempts) return undefined
  if (digest === undefined && nodeRole.unbound) {
    const input = group.inputs[nodeRole.unbound.input]?.name ?? ''
    return { state: 'active', reason: { kind: 'stale', input, unbound: nodeRole.unbound.why } }
  }
  if (success.digest !== digest) return undefined
  return { state: 'active', reason: restsOn(nodeRole) ?? { kind: 'current' } }
}

function unbound(_: World, nodeRole: NodeRole): Verdict | undefined {
  if (!nodeRole.unbound) return undefined
  const input = nodeRole.group.inputs[nodeRole.unbound.input]?.name ?? ''
  return { state: 'blocked', reason: { kind: 'inputUnbound', input, unbound: nodeRole.unbound.why } }
}

function unrequired(_: World, nodeRole: NodeRole): Verdict | undefined {
  const { group } = nodeRole
  for (const { role, required } of requirementsOf(nodeRole)) {
    if (required.length === 0) return { state: 'blocked', reason: { kind: 'requirementMissing', role } }
    const waiting = required.filter((one) => one.state !== 'active')
    const first = waiting[0]
    if (!first) continue
    const state = first.state ?? 'todo'
    return {
      state: 'blocked',
      reason: { kind: 'requirement', nodeRole: first.id, state, others: waiting.length - 1 },
    }
  }
  return group.role.apply
    ? undefined
    : { state: 'active', reason: restsOn(nodeRole) ?? { kind: 'milestone' } }
}

/** The node-roles behind each requirement; none where it is missing. */
export function requirementsOf(nodeRole: NodeRole): { role: string; required: NodeRole[] }[] {
  return nodeRole.group.requires.map(({ role, of, candidates }) => {
    if (of === 'deployment') {
      const nearest = candidates.find((group) => group.members.size > 0)
      return { role, required: nearest ? [...nearest.members.values()] : [] }
    }
    for (const group of candidates) {
      const here = group.members.get(nodeRole.nodeName)
      if (here) return { role, required: [here] }
    }
    return { role, required: [] }
  })
}

function restsOn(nodeRole: NodeRole): Reason | undefined {
  for (const { required } of requirementsOf(nodeRole)) {
    const failed = required.find((one) => one.state === 'error')
    if (failed) return { kind: 'restsOnFailed', nodeRole: failed.id, state: 'error' }
  }
  return undefined
}

function waitFor(world: World, nodeRole: NodeRole): Wait {
  const { node, attempts } = nodeRole
  if (nodeRole.leaving) {
    const dependants = leavingDependants(world, nodeRole)
    const [first] = dependants
    if (first) return { kind: 'dependants', nodeRole: first.id, others: dependants.length - 1 }
    if (hasNothingToUndo(nodeRole)) return { kind: 'turn' }
  } else {
    const approval = needsApproval(nodeRole)
    if (approval) return { kind: 'approval', why: approval }
    const upstream = movingUpstream(nodeRole)
    if (upstream) return { kind: 'upstream', nodeRole: upstream.id }
  }
  if (attempts && attempts.nextAt > world.now && sameBinding(nodeRole)) {
    const { nextAt: until, count: attempt, message } = attempts
    return { kind: 'backoff', until, attempt, attempts: nodeRole.group.role.retry.attempts, message }
  }
  if (world.stoppedBy !== undefined) return { kind: 'stopped', by: world.stoppedBy }
  if (node && node.reachedIn !== world.session) return { kind: 'contact', node: node.name }
  const busy = busyLock(world, nodeRole)
  if (!busy) return { kind: 'turn' }
  const { lock, capacity } = busy
  return { kind: 'lock', lock: lock.key, capacity, holders: [...lock.holders.keys()].map(({ id }) => id) }
}

/** It leaves, and its role has no `remove`: nothing runs and no node is needed. */
export function hasNothingToUndo(nodeRole: NodeRole): boolean {
  return nodeRole.leaving && !nodeRole.group.role.remove
}

function sameBinding(nodeRole: NodeRole): boolean {
  return nodeRole.leaving || nodeRole.attempts?.digest === nodeRole.digest
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
    if (first && first !== nodeRole && willRun(first)) return first
  }
  for (const input of nodeRole.group.inputs) {
    const source = input.spec.source
    if (source?.kind !== 'output' || source.wait !== 'all') continue
    if (source.take === 'one') {
      const one = oneSource(nodeRole, input.sources)
      if (one && !Array.isArray(one) && ordersRuns(one.group, source.output, waitOf(input)) && willRun(one))
        return one
      continue
    }
    const group = input.sources.find((each) => each.members.size > 0)
    if (!group || movingIn(group) === 0 || !ordersRuns(group, source.output, waitOf(input))) continue
    for (const member of group.members.values()) if (willRun(member)) return member
  }
  return undefined
}

function memberHere(candidates: readonly Group[], nodeRole: NodeRole): NodeRole | undefined {
  for (const group of candidates) {
    const here = group.members.get(nodeRole.nodeName)
    if (here) return here
  }
  return undefined
}

function willRun(nodeRole: NodeRole): boolean {
  return isMoving(nodeRole.state) && needsApproval(nodeRole) === undefined
}

/** Those that also leave and need this one until they are gone. */
function leavingDependants(world: World, nodeRole: NodeRole): NodeRole[] {
  const dependants: NodeRole[] = []
  for (const other of world.leaving) if (other !== nodeRole && rests(other, nodeRole)) dependants.push(other)
  return dependants
}

function rests(other: NodeRole, on: NodeRole): boolean {
  const sameNode = other.nodeName === on.nodeName
  const answers = (role: string): boolean =>
    role === on.group.role.name || on.group.role.provides.includes(role)
  return (
    requiresRole(other.group, answers, sameNode, new Set()) ||
    other.group.inputs.some(({ spec: { source } }) => {
      if (source?.kind !== 'output' || !answers(source.role) || other.group.role === on.group.role)
        return false
      return sameNode && source.wait !== 'known' && on.group.role.outputs[source.output]?.value === undefined
    })
  )
}

/** Directly or through others, milestones among them, which are gone at once. */
function requiresRole(
  group: Group,
  answers: (role: string) => boolean,
  sameNode: boolean,
  seen: Set<Group>,
): boolean {
  seen.add(group)
  return group.requires.some(({ role, of, candidates }) => {
    if (of === 'node' && !sameNode) return false
    return (
      answers(role) ||
      candidates.some((next) => !seen.has(next) && requiresRole(next, answers, sameNode, seen))
    )
  })
}

function causeOf(nodeRole: NodeRole): Cause {
  const { leaving, asked, lost, attempts, success, group } = nodeRole
  if (leaving) return { kind: 'removal' }
  if (lost) return { kind: 'lost', run: lost.run }
  if (attempts && attempts.digest === nodeRole.digest) return { kind: 'retry', after: attempts.lastRun }
  if (asked) {
    const { by, why } = asked
    return why === undefined ? { kind: 'asked', by } : { kind: 'asked', by, why }
  }
  if (!success) return { kind: 'new' }
  const inputs = changedInputs(nodeRole)
  if (inputs.length > 0) return { kind: 'inputsChanged', inputs }
  if (success.roleDigest !== group.role.digest) return { kind: 'roleChanged' }
  assert(attempts, `${nodeRole.id} is to run without a cause`)
  return { kind: 'retry', after: attempts.lastRun }
}

/** Inputs whose value is not the one of the last success. */
export function changedInputs(nodeRole: NodeRole): string[] {
  const before = nodeRole.success?.inputs ?? {}
  return nodeRole.group.inputs.flatMap((input) => {
    const now = nodeRole.inputs[input.index]?.value
    const then = Object.hasOwn(before, input.name) ? valueOf(before[input.name] as Json) : undefined
    return now?.digest === then?.digest ? [] : [input.name]
  })
}
