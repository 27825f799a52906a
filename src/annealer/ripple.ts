// The ripple: binds and judges what was marked, and what that marks in turn, until nothing is left. It costs what is
// dirty and not what exists, and stops wherever a value or a state turns out as it was.
import type { Reason, State, Wait } from '../model/reason.ts'
import { rebind } from './bind.ts'
import { markForCheck } from './check-schedule.ts'
import { settleEarly } from './early.ts'
import { isMoving, judge, type Verdict } from './judge.ts'
import { waitForLock } from './locks.ts'
import { noteTrial } from './failures.ts'
import { hasNothingToRemove } from './removal.ts'
import { noteForSteps } from './rollout.ts'
import { waitForStep } from './steps.ts'
import { touchAwaiting, touchDependants, touchInWindow } from './touch.ts'
import { closingFor } from './windows.ts'
import type { NodeRole, World } from './world.ts'

/**
 * How many node-roles were looked at, visits counted; after about `most` of them the rest stays marked. Values come to rest first, then states; no state makes a value,
 * and no state rests on itself, so both ends are certain.
 */
export function ripple(world: World, most = Infinity): number {
  let visited = settleEarly(world)
  for (let nodeRole = world.dirty.shift(); nodeRole; nodeRole = world.dirty.shift()) {
    nodeRole.isDirty = false
    if (nodeRole.isGone) continue
    visited++
    if (nodeRole.stale || nodeRole.staleInput !== undefined) world.taking?.keepNodeRole(nodeRole)
    if (!nodeRole.leaving) rebind(nodeRole)
    nodeRole.stale = false
    nodeRole.staleInput = undefined
    look(world, nodeRole)
    if (visited >= most) break
  }
  return visited
}

/** Judges it, keeps what has changed of its state, and puts it where it will be found when its time comes. */
export function look(world: World, nodeRole: NodeRole): Verdict {
  const verdict = judge(world, nodeRole)
  const { state, reason } = verdict
  notice(world, nodeRole, state, reason)
  noteForSteps(world, nodeRole)
  noteTrial(world, nodeRole, state, reason)
  if (reason.kind !== 'waits' || reason.wait.kind !== 'lock') nodeRole.waitsFor = undefined
  nodeRole.wakesAt = undefined
  nodeRole.closesAt = undefined
  if (reason.kind === 'waits') {
    waitIn(world, nodeRole, reason.wait)
    if (reason.wait.kind !== 'window') lookAgainWhenClosed(world, nodeRole)
  }
  if (reason.kind === 'oscillates') world.oscillating.add(nodeRole)
  return verdict
}

function lookAgainWhenClosed(world: World, nodeRole: NodeRole): void {
  const at = closingFor(world, nodeRole)
  if (at === undefined) return
  nodeRole.closesAt = at
  world.alarms.push({ at, wakes: nodeRole })
}

function waitIn(world: World, nodeRole: NodeRole, wait: Wait): void {
  switch (wait.kind) {
    case 'turn':
      if (hasNothingToRemove(nodeRole)) return void world.cleared.add(nodeRole)
      if (!nodeRole.queued) world.ready.push(nodeRole)
      nodeRole.queued = true
      return
    case 'upstream':
      world.nodeRoles.get(wait.nodeRole)?.group.awaiting.add(nodeRole)
      return
    case 'lock':
      return waitForLock(world, nodeRole, wait.lock)
    case 'contact':
      if (nodeRole.node) world.contactsWanted.add(nodeRole.node)
      return
    case 'backoff':
      nodeRole.wakesAt = wait.until
      world.timers.push({ at: wait.until, wakes: nodeRole })
      return
    case 'window':
      nodeRole.wakesAt = wait.until
      world.alarms.push({ at: wait.until, wakes: nodeRole })
      return
    case 'step':
      return waitForStep(world, nodeRole)
    case 'failures':
    case 'dependants':
    case 'rival':
    case 'rinse':
    case 'approval':
    case 'checking':
    case 'stopped':
    case 'held':
    case 'notChosen':
      // What changes these touches this node-role again.
      return
  }
}

function notice(world: World, nodeRole: NodeRole, after: State, reason: Reason): void {
  const before = nodeRole.state
  const kind = reason.kind === 'waits' ? reason.wait.kind : reason.kind
  if (before === after && nodeRole.reasonKind === kind) return move(world, nodeRole, after, reason)
  if (!world.changed.has(nodeRole)) world.changed.set(nodeRole, before)
  nodeRole.reasonKind = kind
  if (before !== after) {
    nodeRole.state = after
    if (nodeRole.node && (before === 'transition' || after === 'active')) markForCheck(world, nodeRole.node)
    count(world, nodeRole, before, after)
    if (!nodeRole.leaving) touchDependants(world, nodeRole, before)
  }
  move(world, nodeRole, after, reason)
}

function count(world: World, nodeRole: NodeRole, before: State | undefined, after: State): void {
  if (before !== undefined) world.counts[before]--
  world.counts[after]++
  if (nodeRole.leaving) return
  const { counts } = nodeRole.group
  if (before !== undefined) counts[before]--
  counts[after]++
}

function move(world: World, nodeRole: NodeRole, state: State, reason: Reason): void {
  const moving = !nodeRole.leaving && isMoving(nodeRole, state, reason)
  if (moving === nodeRole.moving) return
  nodeRole.moving = moving
  nodeRole.group.moving += moving ? 1 : -1
  if (!moving) touchAwaiting(world, nodeRole)
  else touchInWindow(world, nodeRole)
}
