// The scheduler: claims ready work by rank as far as locks allow. Inputs are bound at this moment and no earlier.
import type { Binding } from '../model/binding.ts'
import type { Event } from '../model/event.ts'
import type { Cause } from '../model/reason.ts'
import { inputsOfSuccess } from './asleep.ts'
import { bindingOf } from './bind.ts'
import { attemptsBefore } from './running.ts'
import { judge, nextAction } from './judge.ts'
import { nextWaiter } from './locks.ts'
import { hasNothingToRemove } from './removal.ts'
import { look } from './ripple.ts'
import { sensitiveAmong } from './sensitive.ts'
import type { NodeRole, World } from './world.ts'

/**
 * The next to take off the books that has nothing to remove. All of them go before anything is claimed, so that nobody
 * starts with what one of them had said.
 */
export function clearNext(world: World): Event | undefined {
  for (const nodeRole of world.cleared) {
    world.cleared.delete(nodeRole)
    if (isCleared(world, nodeRole))
      return { kind: nodeRole.leaving ? 'nodeRoleRemoved' : 'nodeRoleRinsed', nodeRole: nodeRole.id }
  }
  return undefined
}

/** The next thing to start, or undefined when nothing may start now. */
export function claimNext(world: World): Event | undefined {
  for (;;) {
    pullWaiters(world)
    const nodeRole = world.ready.pop()
    if (!nodeRole) return undefined
    nodeRole.queued = false
    if (nodeRole.pulledBy) world.freed.add(nodeRole.pulledBy)
    nodeRole.pulledBy = undefined
    if (nodeRole.isGone) continue
    const { reason } = judge(world, nodeRole)
    if (reason.kind === 'waits' && reason.wait.kind === 'turn' && !hasNothingToRemove(nodeRole))
      return claim(world, nodeRole, reason.cause)
    // What was claimed before it has taken its lock, or something else that it needs.
    look(world, nodeRole)
  }
}

function isCleared(world: World, nodeRole: NodeRole): boolean {
  if (nodeRole.isGone || !hasNothingToRemove(nodeRole)) return false
  const { reason } = judge(world, nodeRole)
  return reason.kind === 'waits' && reason.wait.kind === 'turn'
}

/** Puts the best of those that wait for a freed lock beside what is ready, so that rank decides among all. */
function pullWaiters(world: World): void {
  for (let next = nextWaiter(world); next; next = nextWaiter(world)) {
    const { waiter, lock } = next
    look(world, waiter)
    if (waiter.queued) waiter.pulledBy = lock
    else world.freed.add(lock)
  }
}

function claim(world: World, nodeRole: NodeRole, cause: Cause): Event {
  const { id } = nodeRole
  world.called = { id, nodeRole }
  const number = world.runsStarted + 1
  const action = nextAction(nodeRole)
  const binding = action === 'remove' ? lastBinding(world, nodeRole) : bindingOf(nodeRole)
  const { digest, inputs, origins } = binding
  const event: Extract<Event, { kind: 'runStarted' }> = {
    kind: 'runStarted',
    run: `run-${number}`,
    token: number,
    nodeRole: id,
    action,
    digest,
    inputs,
    origins,
    cause,
    attempt: attemptsBefore(nodeRole, digest) + 1,
  }
  const { sensitive } = sensitiveAmong('inputs', nodeRole.group.role, inputs)
  if (sensitive) event.sensitive = sensitive
  return event
}

/** Removal undoes what was done: with the inputs of the last success, or of the last try where there was none. */
function lastBinding(world: World, nodeRole: NodeRole): Binding {
  const { success, lastRun } = nodeRole
  if (success) return { digest: success.digest, inputs: inputsOfSuccess(nodeRole) ?? {}, origins: {} }
  const last = lastRun === undefined ? undefined : world.runs.get(lastRun)
  return { digest: last?.digest ?? '', inputs: last?.inputs ?? {}, origins: {} }
}
