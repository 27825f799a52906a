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
  for (const claim of locksOf(nodeRole)) {
    const lock = world.locks.get(claim.key)
    if (!lock) continue
    if (!hasRoom(lock, claim.capacity))
      return { lock, capacity: Math.min(claim.capacity, ...lock.holders.values()) }
  }
  return undefined
}

/** What a run that starts now will hold, to be kept with the run: its role may change while it is in flight. */
export function locksOf(nodeRole: NodeRole): readonly LockClaim[] {
  const { role } = nodeRole.group
  const { node } = nodeRole
  if (role.locks.length === 0 && node && !role.parallel) return nodeLock(node)
  const own = role.locks.map((lock) => ({ key: keyOf(lock, nodeRole), capacity: lock.capacity }))
  return role.parallel || !nodeRole.node ? own : [...nodeLock(nodeRole.node), ...own]
}

function nodeLock(node: NodeRecord): readonly LockClaim[] {
  return (node.lock ??= [{ key: `node ${node.name}`, capacity: 1 }])
}

export function takeLocks(world: World, nodeRole: NodeRole, claims: readonly LockClaim[]): void {
  for (const { key, capacity } of claims) {
    let lock = world.locks.get(key)
    if (!lock) {
      lock = { key, holders: new Map(), waiting: new Map() }
      world.locks.set(key, lock)
    }
    lock.holders.set(nodeRole, capacity)
  }
}

/** All that its run took, whatever its role says by now. */
export function releaseLocks(world: World, nodeRole: NodeRole, claims: readonly LockClaim[]): void {
  for (const { key } of claims) {
    const lock = world.locks.get(key)
    if (!lock) continue
    lock.holders.delete(nodeRole)
    world.freed.add(lock)
  }
}

export function waitForLock(world: World, nodeRole: NodeRole, key: string): void {
  const lock = world.locks.get(key)
  if (!lock || nodeRole.waitsFor === lock) return
  nodeRole.waitsFor = lock
  const capacity = locksOf(nodeRole).find((claim) => claim.key === key)?.capacity ?? 1
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
    if (lock.holders.size === 0) world.locks.delete(lock.key)
  }
  return undefined
}

function bestWaiter(lock: Lock): NodeRole | undefined {
  let best: Heap<NodeRole> | undefined
  for (const [capacity, queue] of lock.waiting) {
    dropGone(lock, queue)
    const first = queue.peek()
    const known = best?.peek()
    if (!first) lock.waiting.delete(capacity)
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
  if (lock.holders.size === 0) return capacity > 0
  return lock.holders.size < Math.min(capacity, ...lock.holders.values())
}

/** Ranks are about to change: who waits is looked at again. */
export function clearWaiting(world: World): void {
  for (const lock of world.locks.values()) {
    for (const queue of lock.waiting.values()) {
      for (let next = queue.pop(); next; next = queue.pop()) {
        next.waitsFor = undefined
        touch(world, next)
      }
    }
    lock.waiting.clear()
  }
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
