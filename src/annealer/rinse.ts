// Rinse: its node-roles are removed in reverse order, wait for each other, and are then applied afresh as new ones.
import { assert } from '../base/assert.ts'
import type { Event } from '../model/event.ts'
import type { Cause, Wait } from '../model/reason.ts'
import { byName } from './by-name.ts'
import { disturb } from './oscillation.ts'
import { addRemoving, dropRemoving } from './removal.ts'
import { touch, touchReaders } from './touch.ts'
import { type NodeRole, nodeRoleCalled, type Rinse, type World } from './world.ts'

export function askRinse(world: World, event: Extract<Event, { kind: 'rinseAsked' }>): void {
  const { rinse: id, once, by, why } = event
  const rinse: Rinse = { rinse: id, by, once, members: new Set(), toRemove: new Set() }
  if (why !== undefined) rinse.why = why
  world.rinses.set(id, rinse)
  world.rinsesAsked++
  for (const name of event.nodeRoles) {
    const nodeRole = nodeRoleCalled(world, name)
    leaveRinse(world, nodeRole)
    nodeRole.rinse = { rinse: id, removed: false }
    // What went before was about `apply`; until it is removed these tell of its removal.
    nodeRole.attempts = undefined
    nodeRole.lost = undefined
    nodeRole.cancelled = undefined
    nodeRole.asked = undefined
    resumeRinse(world, nodeRole)
    touch(world, nodeRole)
  }
  disturb(
    world,
    event.nodeRoles.map((name) => nodeRoleCalled(world, name).group),
  )
}

/** Puts it into the books of its rinse, where it has one; also after it was placed anew. */
export function resumeRinse(world: World, nodeRole: NodeRole): void {
  const rinse = rinseOf(world, nodeRole)
  if (!rinse) return
  rinse.members.add(nodeRole)
  if (nodeRole.rinse?.removed) return
  rinse.toRemove.add(nodeRole)
  delete rinse.first
  addRemoving(world, nodeRole)
}

/** It was removed: what it said is not known any more, and what it did is not there. */
export function endRemoval(world: World, nodeRole: NodeRole): void {
  const rinse = rinseOf(world, nodeRole)
  assert(rinse && nodeRole.rinse, `${nodeRole.id} is rinsed by nobody`)
  dropRemoving(world, nodeRole)
  nodeRole.rinse = { ...nodeRole.rinse, removed: true }
  nodeRole.success = undefined
  nodeRole.attempts = undefined
  nodeRole.lost = undefined
  nodeRole.cancelled = undefined
  nodeRole.asked = undefined
  nodeRole.checkedNo = undefined
  nodeRole.drift = undefined
  nodeRole.touched = false
  nodeRole.ran = undefined
  for (const output of nodeRole.group.lateOutputs) touchReaders(world, nodeRole, output)
  touch(world, nodeRole)
  endWaiting(world, rinse, nodeRole)
}

/** It was applied afresh, or is not part of the rinse any more: a commit took it away, or another rinse has it. */
export function leaveRinse(world: World, nodeRole: NodeRole): void {
  const rinse = rinseOf(world, nodeRole)
  if (!rinse) return
  if (!nodeRole.leaving) dropRemoving(world, nodeRole)
  nodeRole.rinse = undefined
  rinse.members.delete(nodeRole)
  endWaiting(world, rinse, nodeRole)
  if (rinse.members.size === 0) world.rinses.delete(rinse.rinse)
}

function endWaiting(world: World, rinse: Rinse, nodeRole: NodeRole): void {
  if (!rinse.toRemove.delete(nodeRole)) return
  delete rinse.first
  if (rinse.toRemove.size === 0) for (const member of rinse.members) touch(world, member)
}

/** What one that is removed waits for: until all of its rinse are. */
export function rinseAwaited(world: World, nodeRole: NodeRole): Extract<Wait, { kind: 'rinse' }> | undefined {
  const rinse = rinseOf(world, nodeRole)
  if (!rinse || rinse.toRemove.size === 0) return undefined
  for (const one of rinse.first ? [] : rinse.toRemove)
    if (!rinse.first || byName(one, rinse.first) < 0) rinse.first = one
  assert(rinse.first, `${rinse.rinse} is held by nobody`)
  return { kind: 'rinse', rinse: rinse.rinse, nodeRole: rinse.first.id, others: rinse.toRemove.size - 1 }
}

export function causeOfRinse(world: World, nodeRole: NodeRole): Cause | undefined {
  const rinse = rinseOf(world, nodeRole)
  if (!rinse) return undefined
  const { rinse: id, by, why } = rinse
  return why === undefined ? { kind: 'rinse', rinse: id, by } : { kind: 'rinse', rinse: id, by, why }
}

function rinseOf(world: World, { rinse }: NodeRole): Rinse | undefined {
  return rinse && world.rinses.get(rinse.rinse)
}
