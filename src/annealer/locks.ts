// Locks: which ones a run of a node-role holds, and who holds them now.
import { Heap } from '../base/heap.ts'
import type { LockSpec } from '../model/role.ts'
import { touch } from './touch.ts'
import { byRank, type Lock, type NodeRecord, type NodeRole, type World } from './world.ts'

/** Where several say how many may hold a lock, the least of them counts. */
export interface LockClaim {
  key: string
  capacity: number
}

/** The first lock without room, with its capacity, or undefined when all may be taken. */
export function busyLock(world: World, nodeRole: NodeRole): { lock: Lock; capacity: number } | undefined {
  for (const { key, capacity } of locksOf(nodeRole)) {
    const lock = lockCalled(world, nodeRole, key)
    if (lock && !hasRoom(lock, capacity)) return { lock, capacity: leastOf(lock, capacity) }
  }
  return undefined
}

/** What a run that starts now will hold, to be kept with the run: its role may change while it is in flight. */
export function locksOf(nodeRole: NodeRole): readonly LockClaim[] {
  const { role } = nodeRole.group
  const { node } = nodeRole
  if (role.locks.length === 0 && node && !role.parallel) return claimsOn(node)
  const own = role.locks.map((lock) => ({ key: keyOf(lock, nodeRole), capacity: lock.capacity }))
  return role.parallel || !nodeRole.node ? own : [...claimsOn(nodeRole.node), ...own]
}

/** The lock of the node itself, as no other is called. */
function claimsOn(node: NodeRecord): readonly LockClaim[] {
  return (node.claims ??= [{ key: `node ${node.name}`, capacity: 1 }])
}

function isNodesOwn(node: NodeRecord, key: string): boolean {
  return claimsOn(node)[0]?.key === key
}

/** Undefined while nobody holds it or waits for it; each run on a node takes that of its node, which is kept for the next. */
function lockCalled(world: World, { node }: NodeRole, key: string): Lock | undefined {
  return node && isNodesOwn(node, key) ? node.lock : world.locks.get(key)
}

function lockMade(world: World, { node }: NodeRole, key: string): Lock {
  const ofNode = node !== undefined && isNodesOwn(node, key)
  const lock: Lock = { key, ofNode, holders: NOBODY, waiting: undefined }
  if (ofNode) node.lock = lock
  else world.locks.set(key, lock)
  return lock
}

const NOBODY: Lock['holders'] = []

export function takeLocks(world: World, nodeRole: NodeRole, claims: readonly LockClaim[]): void {
  for (const { key, capacity } of claims) {
    const lock = lockCalled(world, nodeRole, key) ?? lockMade(world, nodeRole, key)
    const holder = { nodeRole, capacity }
    lock.holders = lock.holders.length === 0 ? [holder] : [...lock.holders, holder]
  }
}

/** All that its run took, whatever its role says by now. */
export function releaseLocks(world: World, nodeRole: NodeRole, claims: readonly LockClaim[]): void {
  for (const { key } of claims) {
    const lock = lockCalled(world, nodeRole, key)
    if (!lock) continue
    const others = lock.holders.length === 1 && lock.holders[0]?.nodeRole === nodeRole
    lock.holders = others ? NOBODY : lock.holders.filter((holder) => holder.nodeRole !== nodeRole)
    if (lock.waiting?.size) world.freed.add(lock)
    else dropIdle(world, lock)
  }
}

export function waitForLock(world: World, nodeRole: NodeRole, key: string): void {
  const lock = lockCalled(world, nodeRole, key)
  if (!lock || nodeRole.waitsFor === lock) return
  nodeRole.waitsFor = lock
  const capacity = locksOf(nodeRole).find((claim) => claim.key === key)?.capacity ?? 1
  lock.waiting ??= new Map()
  const queue = lock.waiting.get(capacity) ?? new Heap(byRank)
  lock.waiting.set(capacity, queue)
  queue.push(nodeRole)
}

/**
 * One that waits for a lock which has room now: the best for each, as a thousand that wait for one lock need not all be
 * looked at whenever it is free. When it does not take the lock after all, say so by putting the lock back among `freed`.
 */
export function nextWaiter(world: World): { waiter: NodeRole; lock: Lock } | undefined {
  for (const lock of world.freed) {
    world.freed.delete(lock)
    const waiter = bestWaiter(lock)
    if (waiter) return { waiter, lock }
    dropIdle(world, lock)
  }
  return undefined
}

function dropIdle(world: World, lock: Lock): void {
  if (lock.ofNode || lock.holders.length > 0) return
  // Another one may have been made since then.
  if (world.locks.get(lock.key) === lock) world.locks.delete(lock.key)
}

function bestWaiter(lock: Lock): NodeRole | undefined {
  let best: Heap<NodeRole> | undefined
  for (const [capacity, queue] of lock.waiting ?? []) {
    dropGone(lock, queue)
    const first = queue.peek()
    const known = best?.peek()
    if (!first) lock.waiting?.delete(capacity)
    else if (hasRoom(lock, capacity) && (!known || byRank(first, known) < 0)) best = queue
  }
  const waiter = best?.pop()
  if (waiter) waiter.waitsFor = undefined
  return waiter
}

/** Entries are left in a queue when their node-role comes to wait for something else. */
function dropGone(lock: Lock, queue: Heap<NodeRole>): void {
  for (let first = queue.peek(); first; first = queue.peek()) {
    if (first.waitsFor === lock && !first.isGone) return
    queue.pop()
  }
}

function hasRoom(lock: Lock, capacity: number): boolean {
  if (lock.holders.length === 0) return capacity > 0
  return lock.holders.length < leastOf(lock, capacity)
}

/** The least that anybody knows counts. */
function leastOf({ holders }: Lock, capacity: number): number {
  let least = capacity
  for (const holder of holders) least = Math.min(least, holder.capacity)
  return least
}

/** Ranks are about to change: who waits is looked at again. */
export function clearWaiting(world: World): void {
  for (const lock of world.locks.values()) clearLine(world, lock)
  for (const { lock } of world.nodes.values()) if (lock) clearLine(world, lock)
}

function clearLine(world: World, lock: Lock): void {
  for (const queue of lock.waiting?.values() ?? []) {
    for (let next = queue.pop(); next; next = queue.pop()) {
      next.waitsFor = undefined
      touch(world, next)
    }
  }
  lock.waiting = undefined
}

function keyOf(lock: LockSpec, nodeRole: NodeRole): string {
  switch (lock.of) {
    case 'node':
      return `${lock.name} on ${nodeRole.nodeName}`
    case 'deployment':
      return `${lock.name} in ${nodeRole.deployment}`
    case 'site':
      return `${lock.name} of the site`
  }
}
