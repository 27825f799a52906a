// Locks: which ones a run of a node-role holds, and who holds them now.
import type { LockSpec } from '../model/role.ts'
import { touchWaiting } from './touch.ts'
import type { Lock, NodeRole, World } from './world.ts'

/** The first lock without room, or undefined when all may be taken. */
export function busyLock(world: World, nodeRole: NodeRole): Lock | undefined {
  for (const { key } of locksOf(nodeRole)) {
    const lock = world.locks.get(key)
    if (lock && lock.holders.size >= lock.capacity) return lock
  }
  return undefined
}

export function takeLocks(world: World, nodeRole: NodeRole): void {
  for (const { key, capacity } of locksOf(nodeRole)) {
    let lock = world.locks.get(key)
    if (!lock) {
      lock = { key, capacity, holders: new Set(), waiting: new Set() }
      world.locks.set(key, lock)
    }
    lock.capacity = capacity
    lock.holders.add(nodeRole)
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

function locksOf(nodeRole: NodeRole): { key: string; capacity: number }[] {
  const { role } = nodeRole.group
  const own = role.locks.map((lock) => ({ key: keyOf(lock, nodeRole), capacity: lock.capacity }))
  return role.parallel || !nodeRole.node ? own : [{ key: `node ${nodeRole.nodeName}`, capacity: 1 }, ...own]
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
