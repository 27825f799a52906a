// Locks: which ones a run of a node-role holds, and who holds them now.
import type { LockSpec } from '../model/role.ts'
import { touchWaiting } from './touch.ts'
import type { Lock, NodeRole, World } from './world.ts'

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
    const capacity = Math.min(claim.capacity, ...lock.holders.values())
    if (lock.holders.size >= capacity) return { lock, capacity }
  }
  return undefined
}

/** What a run that starts now will hold, to be kept with the run: its role may change while it is in flight. */
export function locksOf(nodeRole: NodeRole): LockClaim[] {
  const { role } = nodeRole.group
  const own = role.locks.map((lock) => ({ key: keyOf(lock, nodeRole), capacity: lock.capacity }))
  return role.parallel || !nodeRole.node ? own : [{ key: `node ${nodeRole.nodeName}`, capacity: 1 }, ...own]
}

export function takeLocks(world: World, nodeRole: NodeRole, claims: readonly LockClaim[]): void {
  for (const { key, capacity } of claims) {
    let lock = world.locks.get(key)
    if (!lock) {
      lock = { key, holders: new Map(), waiting: new Set() }
      world.locks.set(key, lock)
    }
    lock.holders.set(nodeRole, capacity)
    nodeRole.holds.push(lock)
  }
}

/** All that it holds, whatever its role says by now. */
export function releaseLocks(world: World, nodeRole: NodeRole): void {
  for (const lock of nodeRole.holds) {
    lock.holders.delete(nodeRole)
    touchWaiting(world, lock)
    if (lock.holders.size === 0) world.locks.delete(lock.key)
  }
  nodeRole.holds = []
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
