// When drift is looked for: each node-role so often as is said of it, all of one node together, nodes spread over time.
import { digestOfBytes } from '../base/digest.ts'
import type { Event } from '../model/event.ts'
import { hasSomethingToCheck, isAsLeft } from './drift.ts'
import { lacksRunner } from './runners.ts'
import type { NodeRecord, NodeRole, World } from './world.ts'

/** To be looked at when runs have been claimed: whether a check of it may start. */
export function markForCheck(world: World, node: NodeRecord): void {
  if (!node.checkAsked && !world.stays) return
  world.checksWanted.add(node)
  if (node.reachedIn !== world.session) world.contactsWanted.add(node)
}

/** Sets the timer for a node; checks by schedule are of sessions that stay. */
export function scheduleCheck(world: World, node: NodeRecord): void {
  if (!world.stays) return
  const at = nextCheckAt(node)
  node.checkAt = at
  if (at !== undefined) world.checkTimers.push({ at, node })
}

export function scheduleChecks(world: World): void {
  world.checkTimers.clear()
  for (const node of world.nodes.values()) scheduleCheck(world, node)
}

/** A success is as good as a check: it may bring a first moment, or none. */
export function scheduleAfterSuccess(world: World, nodeRole: NodeRole): void {
  const { node } = nodeRole
  if (!world.stays || !node || !isOnSchedule(nodeRole)) return
  const at = checkDueAt(nodeRole)
  if (node.checkAt !== undefined && node.checkAt <= at) return
  node.checkAt = at
  world.checkTimers.push({ at, node })
}

/** Marks those whose time has come. */
export function wakeChecks(world: World): void {
  for (
    let timer = world.checkTimers.peek();
    timer && timer.at <= world.now;
    timer = world.checkTimers.peek()
  ) {
    world.checkTimers.pop()
    const { node, at } = timer
    if (node.checkAt !== at || world.nodes.get(node.name) !== node) continue
    const due = nextCheckAt(node)
    if (due !== undefined && due > world.now) scheduleCheck(world, node)
    else markForCheck(world, node)
  }
}

/** When time alone makes a check due. What is overdue waits for something else, which looks at it again. */
export function nextCheckTimer(world: World): number | undefined {
  if (!world.stays || world.stoppedBy !== undefined) return undefined
  for (let timer = world.checkTimers.peek(); timer; timer = world.checkTimers.peek()) {
    const { node, at } = timer
    const isGone = node.checkAt !== at || world.nodes.get(node.name) !== node
    const due = isGone ? undefined : nextCheckAt(node)
    if (due === at && at > world.now) return at
    world.checkTimers.pop()
    if (due !== undefined && due > world.now) scheduleCheck(world, node)
    else if (!isGone) markForCheck(world, node)
  }
  return undefined
}

/** Whether a check of it would be started now, were it reached and idle. */
export function wantsCheck(world: World, node: NodeRecord): boolean {
  return wantedOf(world, node).length > 0
}

/** The next check to start: of a node that is there, on which nothing runs. */
export function claimCheck(world: World): Event | undefined {
  for (const node of world.checksWanted) {
    world.checksWanted.delete(node)
    if (world.stoppedBy !== undefined || world.nodes.get(node.name) !== node) continue
    if (!node.alive || node.unavailable || node.reachedIn !== world.session || node.check) continue
    if ([...node.nodeRoles].some(({ flight }) => flight)) continue
    if (lacksRunner(world, node)) continue
    const wanted = wantedOf(world, node)
    if (wanted.length === 0) continue
    const number = world.checksStarted + 1
    const nodeRoles = wanted.map(({ id }) => id).sort()
    return { kind: 'checkStarted', check: `check-${number}`, token: number, node: node.name, nodeRoles }
  }
  return undefined
}

/** Who is asked about; else who is due, with those who would soon be. */
function wantedOf(world: World, node: NodeRecord): NodeRole[] {
  const { checkAsked } = node
  if (checkAsked) {
    const { only } = checkAsked
    return [...node.nodeRoles].filter((one) => mayBeChecked(one) && (!only || only.includes(one.id)))
  }
  if (!world.stays || node.checkAt === undefined || node.checkAt > world.now) return []
  const all = [...node.nodeRoles].filter(mayBeChecked)
  if (!all.some((one) => checkDueAt(one) <= world.now)) return []
  return all.filter((one) => lookedAt(one) + one.group.drift.everyMs / 2 <= world.now)
}

export function mayBeChecked(nodeRole: NodeRole): boolean {
  return isOnSchedule(nodeRole) && isAsLeft(nodeRole)
}

function isOnSchedule(nodeRole: NodeRole): boolean {
  return nodeRole.hasSucceeded && nodeRole.group.drift.policy !== 'off' && hasSomethingToCheck(nodeRole)
}

function nextCheckAt(node: NodeRecord): number | undefined {
  let next: number | undefined
  for (const nodeRole of node.nodeRoles) {
    if (!isOnSchedule(nodeRole)) continue
    const at = checkDueAt(nodeRole)
    if (next === undefined || at < next) next = at
  }
  return next
}

/** Never later than is said; up to a quarter earlier, by the node's name, so that a fleet is not asked all at once. */
function checkDueAt(nodeRole: NodeRole): number {
  return Math.ceil(lookedAt(nodeRole) + nodeRole.group.drift.everyMs * (1 - jitterOf(nodeRole.nodeName) / 4))
}

function lookedAt({ success, checkedAt }: NodeRole): number {
  return Math.max(success?.at ?? 0, checkedAt)
}

/** From 0 to 1, the same for a node each time. */
function jitterOf(node: string): number {
  return Number.parseInt(digestOfBytes(node).slice(0, 8), 16) / 2 ** 32
}
