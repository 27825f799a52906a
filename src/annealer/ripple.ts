// The ripple: binds and judges what was marked, and what that marks in turn, until nothing is left. It costs what is
// dirty and not what exists, and stops wherever a value or a state turns out as it was.
import type { State, Wait } from '../model/reason.ts'
import { rebind } from './bind.ts'
import { judge } from './judge.ts'
import { touchDependants, touchReaders } from './touch.ts'
import type { NodeRole, World } from './world.ts'

/** A circle of early outputs without a fixed point would turn for ever; this many visits in one ripple end it. */
const VISITS_MOST = 200

/** How many node-roles were looked at, visits counted. */
export function ripple(world: World): number {
  const visited: NodeRole[] = []
  for (const nodeRole of world.dirty) {
    world.dirty.delete(nodeRole)
    visited.push(nodeRole)
    nodeRole.visits++
    if (nodeRole.stale && nodeRole.visits <= VISITS_MOST && !nodeRole.leaving) {
      nodeRole.stale = false
      for (const output of rebind(nodeRole)) touchReaders(world, nodeRole, output)
    }
    const verdict = judge(world, nodeRole)
    setState(world, nodeRole, verdict.state)
    if (verdict.reason.kind === 'waits') waitIn(world, nodeRole, verdict.reason.wait)
  }
  for (const nodeRole of visited) nodeRole.visits = 0
  return visited.length
}

/** Puts a node-role where it will be found when what it waits for is there. */
export function waitIn(world: World, nodeRole: NodeRole, wait: Wait): void {
  switch (wait.kind) {
    case 'turn':
      if (!nodeRole.queued) world.ready.push(nodeRole)
      nodeRole.queued = true
      return
    case 'lock':
      world.locks.get(wait.lock)?.waiting.add(nodeRole)
      return
    case 'contact':
      if (nodeRole.node) world.contactsWanted.add(nodeRole.node)
      return
    case 'backoff':
      world.timers.push({ at: wait.until, wakes: nodeRole })
      return
    default:
      // What changes the others touches this node-role again.
      return
  }
}

function setState(world: World, nodeRole: NodeRole, after: State): void {
  const before = nodeRole.state
  if (before === after) {
    // The reason may be another one: a watcher wants to know.
    return
  }
  if (!world.changed.has(nodeRole)) world.changed.set(nodeRole, before)
  nodeRole.state = after
  const { counts } = nodeRole.group
  if (before !== undefined) world.counts[before]--
  world.counts[after]++
  if (!nodeRole.leaving) {
    if (before !== undefined) counts[before]--
    counts[after]++
  }
  touchDependants(world, nodeRole, before, after)
}
