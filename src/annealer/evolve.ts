// Evolve: writes one event into the world and marks what reads it. Never refuses: what happened has happened.
import { assert, unreachable } from '../base/assert.ts'
import type { Event } from '../model/event.ts'
import { scopeKey } from '../model/scope.ts'
import { wakeNode } from './asleep.ts'
import { cancelRinse } from './cancel-rinse.ts'
import { beginCycle, countEvent, endCycle, noteTemperature } from './cycles.ts'
import { markForCheck, scheduleChecks } from './check-schedule.ts'
import { askCheck, finishCheck, loseCheck, startCheck } from './checking.ts'
import { expectedMs, learnContact } from './expected.ts'
import { touchWaiting } from './failures.ts'
import { endExec, keepExec } from './execs.ts'
import { dropHolds, touchKept } from './holds.ts'
import { vainlyLookedAt } from './gate.ts'
import { keepBefore } from './keep-before.ts'
import { clearWaiting } from './locks.ts'
import { rankNodeRoles } from './node-ranks.ts'
import { disturb, disturbAll, disturbNode } from './oscillation.ts'
import { dropNodeRole, forgetNode, placeTarget } from './placing.ts'
import { askRinse, endRemoval } from './rinse.ts'
import { approveStep, endRollout, openStep, planRollout } from './rollout.ts'
import { evolveRunner } from './runners.ts'
import { keepToken, revokeToken } from './tokens.ts'
import { askToCancel, finishRun, loseRun, startRun } from './running.ts'
import { shareLists } from './shared-lists.ts'
import { touch, touchNode } from './touch.ts'
import { nodeCalled, type NodeRecord, nodeRoleCalled, type World } from './world.ts'

export function evolve(world: World, event: Event): void {
  if (world.taking) keepBefore(world, world.taking, event)
  countEvent(world, event)
  switch (event.kind) {
    case 'sessionStarted':
      return startSession(world, event)
    case 'revisionProposed':
      return void world.revisions.set(event.revision, {
        revision: event.revision,
        onto: event.onto,
        status: 'proposed',
        author: event.author,
        message: event.message,
        at: world.now,
        target: shareLists(event.target, world.target),
        ...(event.cause && { cause: event.cause }),
      })
    case 'revisionCommitted':
      return commit(world, event)
    case 'revisionDiscarded': {
      const revision = world.revisions.get(event.revision)
      if (revision) revision.status = 'discarded'
      return
    }
    case 'factsChanged': {
      const node = nodeCalled(world, event.node)
      wakeNode(node)
      node.facts = event.facts
      disturbNode(world, node)
      return touchNode(world, node, true)
    }
    case 'nodeReached':
      return reachNode(world, nodeCalled(world, event.node), event.durationMs)
    case 'nodeLost':
      return loseNode(world, event)
    case 'connectionLost': {
      const node = nodeCalled(world, event.node)
      node.reachedIn = 0
      markForCheck(world, node)
      return touchNode(world, node, false)
    }
    case 'runStarted':
      return startRun(world, event)
    case 'runFinished':
      return finishRun(world, event)
    case 'runLost':
      return loseRun(world, event)
    case 'nodeRoleRemoved':
      dropNodeRole(world, nodeRoleCalled(world, event.nodeRole))
      return dropHolds(world)
    case 'rinseAsked':
      return askRinse(world, event)
    case 'rinseCancelled':
      return cancelRinse(world, event)
    case 'nodeRoleRinsed':
      return endRemoval(world, nodeRoleCalled(world, event.nodeRole))
    case 'rerunAsked': {
      const nodeRole = nodeRoleCalled(world, event.nodeRole)
      nodeRole.asked = { by: event.by }
      if (event.why !== undefined) nodeRole.asked.why = event.why
      if (event.approved) nodeRole.asked.approved = true
      if (nodeRole.flight) nodeRole.asked.during = nodeRole.flight.run
      // The later word counts.
      if (nodeRole.flight) delete nodeRole.flight.cancelAsked
      nodeRole.attempts = undefined
      nodeRole.lost = undefined
      nodeRole.cancelled = undefined
      disturb(world, [nodeRole.group])
      return touch(world, nodeRole)
    }
    case 'checkAsked':
      return askCheck(world, event)
    case 'checkStarted':
      return startCheck(world, event)
    case 'checkFinished':
      return finishCheck(world, event)
    case 'checkLost':
      return loseCheck(world, event)
    case 'availabilityChanged': {
      const node = nodeCalled(world, event.node)
      const by = event.why === undefined ? { by: event.by } : { by: event.by, why: event.why }
      node.unavailable = event.available ? undefined : by
      markForCheck(world, node)
      disturbNode(world, node)
      return touchNode(world, node, false)
    }
    case 'nodeForgotten':
      forgetNode(world, nodeCalled(world, event.node))
      return dropHolds(world)
    case 'held': {
      const { kind: _, ...told } = event
      world.holds.set(scopeKey(event.scope), { ...told, since: world.now })
      return touchKept(world, event.scope)
    }
    case 'released':
      world.holds.delete(scopeKey(event.scope))
      return touchKept(world, event.scope)
    case 'onlyChosen':
      world.chosen = { only: event.only, by: event.by }
      return touchTodo(world)
    case 'runCancelAsked':
      return askToCancel(world, event)
    case 'execStarted':
      return keepExec(world, event)
    case 'execFinished':
      return endExec(world, event)
    case 'claimingStopped': {
      world.stoppedBy = event.by
      return touchTodo(world)
    }
    case 'cycleBegan':
      return beginCycle(world, event)
    case 'temperatureChanged':
      return noteTemperature(world, event.temperature)
    case 'cycleEnded':
      return endCycle(world, event)
    case 'rolloutPlanned':
      return planRollout(world, event)
    case 'stepOpened':
      return openStep(world, event)
    case 'stepApproved':
      disturbGroup(world, event.group)
      return approveStep(world, event)
    case 'rolloutEnded':
      return endRollout(world, event)
    case 'failuresAllowed': {
      world.allowed.set(event.group, event.roleDigest)
      disturbGroup(world, event.group)
      const group = world.plan.groups.get(event.group)
      return group && touchWaiting(world, group)
    }
    case 'tokenIssued':
      return keepToken(world, event)
    case 'tokenUsed': {
      const token = world.tokens.get(event.token)
      if (token) token.usedAt = world.now
      return
    }
    case 'tokenRevoked':
      return revokeToken(world, event)
    case 'runnerInvited':
    case 'runnerEnrolled':
    case 'runnerArrived':
    case 'runnerLeft':
    case 'runnerDrained':
    case 'runnerResumed':
    case 'runnerRevoked':
      return evolveRunner(world, event)
    case 'requestAudited':
      return
    default:
      return unreachable(event)
  }
}

function startSession(world: World, event: Extract<Event, { kind: 'sessionStarted' }>): void {
  world.session = event.session
  world.sessionBy = event.by
  world.stoppedBy = undefined
  world.chosen = undefined
  world.stays = event.stays ?? false
  world.only = event.only
  clearWaiting(world)
  touchTodo(world)
  for (const group of world.rollouts.keys()) world.stepsDue.add(group)
  // Whoever comes anew asks them once more.
  for (const nodeRole of vainlyLookedAt(world)) nodeRole.checkedAt = nodeRole.foundWellAt
  // What was learnt of durations counts from here on, in a world made again as in this one.
  const queued = world.ready.drain()
  rankNodeRoles(world.plan, expectedMs(world))
  for (const nodeRole of queued) world.ready.push(nodeRole)
  for (const node of world.nodes.values()) {
    node.checkAsked = undefined
    if (node.alive) continue
    node.tries = 0
    node.contactAt = 0
    world.contactsWanted.add(node)
  }
  scheduleChecks(world)
}

function touchTodo(world: World): void {
  for (const nodeRole of world.nodeRoles.values()) if (nodeRole.state === 'todo') touch(world, nodeRole)
}

function disturbGroup(world: World, id: string): void {
  const group = world.plan.groups.get(id)
  if (group) disturb(world, [group])
}

function commit(world: World, event: Extract<Event, { kind: 'revisionCommitted' }>): void {
  const revision = world.revisions.get(event.revision)
  assert(revision, `revision ${event.revision} was committed without being proposed`)
  const before = world.revisions.get(world.head)
  if (before) before.status = 'superseded'
  revision.status = 'committed'
  revision.message = event.message
  if (revision.author !== event.author) revision.proposer = revision.author
  revision.author = event.author
  world.head = event.revision
  disturbAll(world)
  placeTarget(world, revision.target)
  dropHolds(world)
}

function reachNode(world: World, node: NodeRecord, durationMs: number | undefined): void {
  if (durationMs !== undefined) learnContact(world, durationMs)
  if (!node.alive) node.since = world.now
  node.alive = true
  node.fault = undefined
  node.reachedIn = world.session
  node.tries = 0
  world.contactsWanted.delete(node)
  markForCheck(world, node)
  touchNode(world, node, false)
}

/** How long to leave a node alone after so many failed looks: 2 s, 4 s, ... one minute at most. */
const CONTACT_BACKOFF_MS = 2_000
const CONTACT_BACKOFF_MOST_MS = 60_000

function loseNode(world: World, event: Extract<Event, { kind: 'nodeLost' }>): void {
  const node = nodeCalled(world, event.node)
  if (node.alive !== false) node.since = world.now
  node.alive = false
  node.fault = event.fault
  node.reachedIn = 0
  node.tries = event.tries
  node.contactAt = world.now + Math.min(CONTACT_BACKOFF_MS * 2 ** (event.tries - 1), CONTACT_BACKOFF_MOST_MS)
  world.contactsWanted.add(node)
  touchNode(world, node, false)
}
