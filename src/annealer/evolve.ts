// Evolve: writes one event into the world and marks what reads it. Never refuses: what happened has happened.
import { assert, unreachable } from '../base/assert.ts'
import { canonical } from '../base/canonical.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Event } from '../model/event.ts'
import { NO_NODE, type NodeRoleId, nodeRoleId } from '../model/names.ts'
import type { Role } from '../model/role.ts'
import { NODE_FAULTS, type NodeFault, type RunAction, type RunId, type RunOutcome } from '../model/run.ts'
import type { NodeSpec, Target } from '../model/site.ts'
import { buildPlan, type Group, rankGroups } from './graph.ts'
import { locksOf, releaseLocks, takeLocks } from './locks.ts'
import { countRun, disturb } from './oscillation.ts'
import { addLeaving, dropLeaving } from './removal.ts'
import { touch, touchBinding, touchNode, touchReaders } from './touch.ts'
import { type NodeRecord, type NodeRole, RUNS_KEPT, type RunRecord, type World } from './world.ts'

export function evolve(world: World, event: Event): void {
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
        target: event.target,
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
      node.facts = event.facts
      disturb(world)
      return touchNode(world, node, true)
    }
    case 'nodeReached':
      return reachNode(world, nodeCalled(world, event.node))
    case 'nodeLost':
      return loseNode(world, event)
    case 'connectionLost': {
      const node = nodeCalled(world, event.node)
      node.reachedIn = 0
      return touchNode(world, node, false)
    }
    case 'runStarted':
      return startRun(world, event)
    case 'runFinished':
      return finishRun(world, event)
    case 'runLost':
      return loseRun(world, event)
    case 'nodeRoleRemoved':
      return dropNodeRole(world, nodeRoleCalled(world, event.nodeRole))
    case 'rerunAsked': {
      const nodeRole = nodeRoleCalled(world, event.nodeRole)
      nodeRole.asked = { by: event.by }
      if (event.why !== undefined) nodeRole.asked.why = event.why
      if (nodeRole.flight) nodeRole.asked.during = nodeRole.flight.run
      nodeRole.attempts = undefined
      nodeRole.lost = undefined
      disturb(world)
      return touch(world, nodeRole)
    }
    case 'availabilityChanged': {
      const node = nodeCalled(world, event.node)
      const by = event.why === undefined ? { by: event.by } : { by: event.by, why: event.why }
      node.unavailable = event.available ? undefined : by
      disturb(world)
      return touchNode(world, node, false)
    }
    case 'nodeForgotten':
      return forgetNode(world, nodeCalled(world, event.node))
    case 'claimingStopped': {
      world.stoppedBy = event.by
      return touchTodo(world)
    }
    default:
      return unreachable(event)
  }
}

/** Where nothing was learnt yet. */
const UNKNOWN_DURATION_MS = 1_000

export function expectedMs(world: World): (role: Role) => number {
  return (role) => (role.apply ? (world.durations.get(role.name) ?? UNKNOWN_DURATION_MS) : 0)
}

function startSession(world: World, event: Extract<Event, { kind: 'sessionStarted' }>): void {
  world.session = event.session
  world.sessionBy = event.by
  if (world.stoppedBy !== undefined) touchTodo(world)
  world.stoppedBy = undefined
  // What was learnt of durations counts from here on, in a world made again as in this one.
  const queued: NodeRole[] = []
  for (let next = world.ready.pop(); next; next = world.ready.pop()) queued.push(next)
  rankGroups(world.plan, expectedMs(world))
  for (const nodeRole of queued) world.ready.push(nodeRole)
  for (const node of world.nodes.values()) {
    if (node.alive) continue
    node.tries = 0
    node.contactAt = 0
    world.contactsWanted.add(node)
  }
}

function touchTodo(world: World): void {
  for (const nodeRole of world.nodeRoles.values()) if (nodeRole.state === 'todo') touch(world, nodeRole)
}

function commit(world: World, event: Extract<Event, { kind: 'revisionCommitted' }>): void {
  const revision = world.revisions.get(event.revision)
  assert(revision, `revision ${event.revision} was committed without being proposed`)
  const before = world.revisions.get(world.head)
  if (before) before.status = 'superseded'
  revision.status = 'committed'
  revision.message = event.message
  revision.author = event.author
  world.head = event.revision
  disturb(world)
  placeTarget(world, revision.target)
}

/** Makes the world's nodes, groups and node-roles those of the target. `recall` may tell a node-role its past first. */
export function placeTarget(world: World, target: Target, recall?: (nodeRole: NodeRole) => void): void {
  world.target = target
  for (const [name, spec] of Object.entries(target.nodes)) placeNode(world, name, spec)
  world.ready.clear()
  world.plan = buildPlan(target, world.language, expectedMs(world))
  const placed = new Set<NodeRoleId>()
  for (const group of world.plan.groups.values()) {
    for (const node of group.memberNames) {
      const nodeRole = placeNodeRole(world, group, node)
      recall?.(nodeRole)
      placed.add(nodeRole.id)
    }
  }
  for (const nodeRole of world.nodeRoles.values()) {
    if (placed.has(nodeRole.id)) continue
    if (nodeRole.leaving || wasTried(nodeRole)) leave(world, nodeRole)
    else dropNodeRole(world, nodeRole)
  }
  for (const node of world.nodes.values()) dropNodeWhenDone(world, node)
}

function placeNode(world: World, name: string, spec: NodeSpec): void {
  const known = world.nodes.get(name)
  if (!known) {
    const node: NodeRecord = {
      name,
      spec,
      facts: undefined,
      alive: undefined,
      fault: undefined,
      since: world.now,
      reachedIn: 0,
      tries: 0,
      contactAt: 0,
      unavailable: spec.available ? undefined : { by: 'the site file' },
      nodeRoles: new Set(),
    }
    world.nodes.set(name, node)
    world.contactsWanted.add(node)
    return
  }
  if (known.spec.available !== spec.available)
    known.unavailable = spec.available ? undefined : { by: 'the site file' }
  if (canonical(known.spec.transport) !== canonical(spec.transport)) {
    // Another address may be another machine: it must be looked at before anything is said of it.
    known.alive = undefined
    known.fault = undefined
    known.reachedIn = 0
    known.tries = 0
    known.contactAt = 0
    world.contactsWanted.add(known)
  }
  known.spec = spec
}

function placeNodeRole(world: World, group: Group, nodeName: string): NodeRole {
  const id = nodeRoleId({ deployment: group.deployment, node: nodeName, role: group.role.name })
  const known = world.nodeRoles.get(id)
  const nodeRole = known ?? newNodeRole(world, id, group, nodeName)
  if (nodeRole.leaving) comeBack(world, nodeRole)
  nodeRole.group = group
  nodeRole.revision = world.head
  nodeRole.queued = false
  group.members.set(nodeName, nodeRole)
  if (nodeRole.state) group.counts[nodeRole.state]++
  if (nodeRole.moving) group.moving++
  touchBinding(world, nodeRole)
  return nodeRole
}

export function newNodeRole(world: World, id: NodeRoleId, group: Group, nodeName: string): NodeRole {
  const node = nodeName === NO_NODE ? undefined : nodeCalled(world, nodeName)
  const nodeRole: NodeRole = {
    id,
    deployment: group.deployment,
    nodeName,
    node,
    group,
    revision: world.head,
    leaving: false,
    success: undefined,
    attempts: undefined,
    lost: undefined,
    asked: undefined,
    checkedNo: undefined,
    ran: undefined,
    lastRun: undefined,
    flight: undefined,
    stale: true,
    inputs: [],
    unbound: undefined,
    digest: undefined,
    early: new Map(),
    circling: undefined,
    state: undefined,
    reasonKind: '',
    moving: false,
    queued: false,
    holds: [],
  }
  world.nodeRoles.set(id, nodeRole)
  node?.nodeRoles.add(nodeRole)
  return nodeRole
}

/** What its removal has begun to undo must be done again. */
function comeBack(world: World, nodeRole: NodeRole): void {
  dropLeaving(world, nodeRole)
  nodeRole.leaving = false
  if (nodeRole.flight?.action === 'remove' || nodeRole.attempts || nodeRole.lost) forgetSuccess(nodeRole)
}

function forgetSuccess(nodeRole: NodeRole): void {
  nodeRole.success = undefined
  nodeRole.ran = undefined
  nodeRole.attempts = undefined
  nodeRole.lost = undefined
  nodeRole.checkedNo = undefined
}

/** Whether something of it may be on the node. */
function wasTried(nodeRole: NodeRole): boolean {
  return Boolean(nodeRole.success || nodeRole.attempts || nodeRole.lost || nodeRole.flight)
}

/** It keeps its old group, which the new plan does not know, for its role and its place in the order of removal. */
function leave(world: World, nodeRole: NodeRole): void {
  if (!nodeRole.leaving) {
    // What went before was about `apply`; from here on these tell of its removal.
    nodeRole.attempts = undefined
    nodeRole.lost = undefined
    nodeRole.asked = undefined
  }
  nodeRole.leaving = true
  nodeRole.queued = false
  nodeRole.moving = false
  addLeaving(world, nodeRole)
  touch(world, nodeRole)
}

function dropNodeRole(world: World, nodeRole: NodeRole): void {
  assert(!nodeRole.flight, `${nodeRole.id} goes while ${nodeRole.lastRun} is in flight`)
  if (nodeRole.state) world.counts[nodeRole.state]--
  if (!world.changed.has(nodeRole)) world.changed.set(nodeRole, nodeRole.state)
  nodeRole.state = undefined
  world.nodeRoles.delete(nodeRole.id)
  dropLeaving(world, nodeRole)
  if (nodeRole.node) {
    nodeRole.node.nodeRoles.delete(nodeRole)
    dropNodeWhenDone(world, nodeRole.node)
  }
}

function dropNodeWhenDone(world: World, node: NodeRecord): void {
  if (node.nodeRoles.size > 0 || (world.target && Object.hasOwn(world.target.nodes, node.name))) return
  world.nodes.delete(node.name)
  world.contactsWanted.delete(node)
}

function reachNode(world: World, node: NodeRecord): void {
  if (!node.alive) node.since = world.now
  node.alive = true
  node.fault = undefined
  node.reachedIn = world.session
  node.tries = 0
  world.contactsWanted.delete(node)
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

function forgetNode(world: World, node: NodeRecord): void {
  for (const nodeRole of node.nodeRoles) {
    if (nodeRole.leaving) dropNodeRole(world, nodeRole)
  }
  dropNodeWhenDone(world, node)
}

function startRun(world: World, event: Extract<Event, { kind: 'runStarted' }>): void {
  const nodeRole = nodeRoleCalled(world, event.nodeRole)
  const { kind: _, ...told } = event
  const record: RunRecord = {
    ...told,
    roleDigest: nodeRole.group.role.digest,
    startedAt: world.now,
    session: world.session,
    revision: world.head,
    locks: locksOf(nodeRole),
    result: 'running',
  }
  world.runsStarted++
  world.runs.set(record.run, record)
  world.inFlight.add(record)
  nodeRole.flight = record
  nodeRole.lastRun = record.run
  takeLocks(world, nodeRole, record.locks)
  trimRuns(world)
  touch(world, nodeRole)
}

function finishRun(world: World, event: Extract<Event, { kind: 'runFinished' }>): void {
  const { record, nodeRole } = flightOf(world, event.run)
  const { outcome } = event
  record.result = outcome.result
  record.durationMs = outcome.durationMs
  if (outcome.result === 'failed') record.message = outcome.message
  if (outcome.result === 'fault') record.message = outcome.fault.message
  endRun(world, record)
  if (outcome.result === 'ok') succeed(world, nodeRole, record, outcome)
  else if (isAbout(record, nodeRole)) {
    if (outcome.result === 'fault') interrupt(world, nodeRole, record, outcome.fault)
    else if (record.action === 'check') {
      nodeRole.checkedNo = record.digest
      nodeRole.lost = undefined
    } else fail(world, nodeRole, record, outcome.message, outcome.tail, outcome.retry)
  }
  touch(world, nodeRole)
}

/** A commit may have turned a node-role round while a run was in flight; how the old way ended does not count. */
function isAbout(record: RunRecord, nodeRole: NodeRole): boolean {
  return (record.action === 'remove') === nodeRole.leaving
}

/** The world did not let it finish. */
function interrupt(world: World, nodeRole: NodeRole, record: RunRecord, fault: NodeFault): void {
  const { nodeLost, mayHaveRun } = NODE_FAULTS[fault.code]
  if (fault.code === 'connectionLost' || (mayHaveRun && nodeRole.group.role.once)) {
    forgetResult(world, nodeRole, record)
  } else if (!nodeLost && fault.code !== 'cancelled') fail(world, nodeRole, record, fault.message, '', true)
}

function loseRun(world: World, event: Extract<Event, { kind: 'runLost' }>): void {
  const { record, nodeRole } = flightOf(world, event.run)
  record.result = 'lost'
  record.message = event.why
  record.durationMs = world.now - record.startedAt
  endRun(world, record)
  if (isAbout(record, nodeRole)) forgetResult(world, nodeRole, record)
  touch(world, nodeRole)
}

function endRun(world: World, record: RunRecord): void {
  const nodeRole = nodeRoleCalled(world, record.nodeRole)
  world.inFlight.delete(record)
  nodeRole.flight = undefined
  releaseLocks(world, nodeRole)
}

function succeed(
  world: World,
  nodeRole: NodeRole,
  record: RunRecord,
  outcome: Extract<RunOutcome, { result: 'ok' }>,
): void {
  if (outcome.changed !== undefined) record.changed = outcome.changed
  learnDuration(world, nodeRole, record.action, outcome.durationMs)
  if (record.action === 'remove') return
  nodeRole.attempts = undefined
  nodeRole.lost = undefined
  // Asked for while it ran: the run in flight is not the one that was meant.
  if (nodeRole.asked?.during === record.run) delete nodeRole.asked.during
  else nodeRole.asked = undefined
  const before = nodeRole.success
  const { run, digest, roleDigest, inputs } = record
  const { outputs } = outcome
  const { now: at, disturbance } = world
  nodeRole.success = { run, digest, roleDigest, inputs, outputs, saidBy: {}, disturbance, at }
  countRun(nodeRole, before, nodeRole.success)
  for (const output of nodeRole.group.lateOutputs) {
    const same = before !== undefined && saysSame(before.outputs, outputs, output)
    nodeRole.success.saidBy[output] = same ? (before.saidBy[output] ?? before.run) : run
    if (!same) touchReaders(world, nodeRole, output)
  }
}

/** Absent and null are two answers. */
function saysSame(before: JsonObject, after: JsonObject, output: string): boolean {
  if (!Object.hasOwn(before, output)) return !Object.hasOwn(after, output)
  return (
    Object.hasOwn(after, output) && canonical(before[output] as Json) === canonical(after[output] as Json)
  )
}

function fail(
  world: World,
  nodeRole: NodeRole,
  record: RunRecord,
  message: string,
  tail: string,
  retry: boolean,
): void {
  const count = attemptsBefore(nodeRole, record.digest) + 1
  nodeRole.lost = undefined
  const { attempts, backoffMs } = nodeRole.group.role.retry
  const allowed = nodeRole.group.role.once ? 1 : attempts
  nodeRole.attempts = {
    digest: record.digest,
    count,
    lastRun: record.run,
    message,
    tail,
    nextAt: world.now + backoffMs * 2 ** (count - 1),
    spent: !retry || count >= allowed,
  }
}

/** So often a run may be lost whatever its role says of attempts: that the world broke in is not its failure. */
const LOST_MOST = 3

/** It may have happened and it may not. Counts as an attempt, so that what ends its own connection is not run for ever. */
function forgetResult(world: World, nodeRole: NodeRole, record: RunRecord): void {
  const { run, digest, message = 'the connection ended' } = record
  const attempt = attemptsBefore(nodeRole, digest) + 1
  if (attempt >= Math.max(nodeRole.group.role.retry.attempts, LOST_MOST) && !nodeRole.group.role.once) {
    return fail(world, nodeRole, record, message, '', false)
  }
  nodeRole.attempts = undefined
  nodeRole.lost = { run, digest, attempt }
  // What `check` found before it says nothing any more.
  if (record.action === 'apply') nodeRole.checkedNo = undefined
}

/** How often this digest was tried in vain since it was last asked for. */
export function attemptsBefore({ attempts, lost }: NodeRole, digest: string | undefined): number {
  if (attempts?.digest === digest && attempts) return attempts.count
  return lost && lost.digest === digest ? lost.attempt : 0
}

/** New measurements of `apply` weigh a third. */
function learnDuration(world: World, nodeRole: NodeRole, action: RunAction, durationMs: number): void {
  if (action !== 'apply') return
  const { name } = nodeRole.group.role
  const before = world.durations.get(name)
  world.durations.set(name, before === undefined ? durationMs : Math.round((2 * before + durationMs) / 3))
}

/** Now and then, so that it costs little; at fixed numbers of runs, so that a replay keeps the same ones. */
const TRIM_EVERY = 500

function trimRuns(world: World): void {
  if (world.runsStarted % TRIM_EVERY !== 0) return
  let spare = world.runs.size - RUNS_KEPT
  for (const [id, record] of world.runs) {
    if (spare-- <= 0) return
    if (!isNeeded(world, record)) world.runs.delete(id)
  }
}

/** What was tried and never succeeded is undone with the inputs of the try. */
function isNeeded(world: World, record: RunRecord): boolean {
  const nodeRole = world.nodeRoles.get(record.nodeRole)
  return world.inFlight.has(record) || (nodeRole?.lastRun === record.run && !nodeRole.success)
}

function nodeCalled(world: World, name: string): NodeRecord {
  const node = world.nodes.get(name)
  assert(node, `an event speaks of node ${name}, which is not there`)
  return node
}

function nodeRoleCalled(world: World, id: NodeRoleId): NodeRole {
  const nodeRole = world.nodeRoles.get(id)
  assert(nodeRole, `an event speaks of node-role ${id}, which is not there`)
  return nodeRole
}

function flightOf(world: World, run: RunId): { record: RunRecord; nodeRole: NodeRole } {
  const record = world.runs.get(run)
  assert(record?.result === 'running', `an event ends ${run}, which is not in flight`)
  return { record, nodeRole: nodeRoleCalled(world, record.nodeRole) }
}
