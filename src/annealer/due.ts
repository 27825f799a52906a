// What is owed to the outside, as a question put to the state: a lost message cannot lose a run.
import { assert } from '../base/assert.ts'
import type { CheckOrder, CheckPart } from '../model/drift.ts'
import type { Role } from '../model/role.ts'
import type { NodeAddress, RunOrder } from '../model/run.ts'
import { inputsOfSuccess } from './asleep.ts'
import { isChosen } from './holds.ts'
import { referencesIn, sensitiveInputs } from './sensitive.ts'
import { lacksRunner } from './runners.ts'
import { nextCheckTimer, wantsCheck } from './check-schedule.ts'
import { findNodeRole, type NodeRecord, type NodeRole, type RunRecord, type World } from './world.ts'

export interface Due {
  /** Runs in flight of this session; the engine knows which of them it has handed over. */
  runs: Iterable<RunRecord>
  /** Nodes with a check in flight, of this session. */
  checks: Iterable<NodeRecord>
  contacts: NodeRecord[]
  /** When time alone makes something due, in milliseconds since the epoch. */
  wakeAt: number | undefined
}

/** `underWay`: nodes that are being contacted already, which need not be told again. */
export function whatIsDue(world: World, underWay?: ReadonlySet<string>): Due {
  const { contacts, wakeAt } = contactsDue(world, underWay)
  const wake = earliest(timersDue(world), wakeAt)
  return { runs: world.inFlight, checks: world.checking, contacts, wakeAt: wake }
}

/** When time alone makes something of what waits; contacts are told of apart. */
export function timersDue(world: World): number | undefined {
  const timers = earliest(nextTimer(world, world.timers), nextTimer(world, world.alarms))
  return earliest(timers, nextCheckTimer(world))
}

/** Looks at every node that is wanted: a fleet that is met for the first time is wanted as a whole. */
export function contactsDue(world: World, underWay?: ReadonlySet<string>): Pick<Due, 'contacts' | 'wakeAt'> {
  const contacts: NodeRecord[] = []
  let wakeAt: number | undefined
  for (const node of contactsWanted(world)) {
    if (world.stoppedBy !== undefined) break
    if (underWay?.has(node.name)) continue
    if (node.contactAt <= world.now) contacts.push(node)
    else wakeAt = earliest(wakeAt, node.contactAt)
  }
  contacts.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { contacts, wakeAt }
}

/** Nothing runs and nothing but the return of dead nodes or an operator's word would make something run. */
export function isAtRest(world: World): boolean {
  if (world.inFlight.size > 0 || world.checking.size > 0) return false
  if (world.stoppedBy !== undefined) return true
  if (mayStart(world) || nextTimer(world, world.timers) !== undefined) return false
  for (const node of contactsWanted(world)) {
    // A look for drift that nobody asked for comes by the clock, also to a fleet at rest.
    if (node.alive && !isWaitedFor(node) && !node.checkAsked) continue
    // It is looked at in each session; once more where that may tell something else.
    if (node.alive !== false || node.tries === 0 || node.fault?.passing) return false
  }
  return true
}

/** Whether anything would move by itself, looks at nodes that are known to be dead aside. */
export function mayWork(world: World): boolean {
  if (world.inFlight.size > 0) return true
  if (world.stoppedBy !== undefined) return false
  if (mayStart(world) || nextTimer(world, world.timers) !== undefined) return true
  // A node that is only to be looked at for drift is no work.
  for (const node of contactsWanted(world))
    if (node.alive ? isWaitedFor(node) : node.alive !== false) return true
  return false
}

export function orderOf(world: World, record: RunRecord): RunOrder {
  const nodeRole = findNodeRole(world, record.nodeRole)
  assert(nodeRole, `no order for ${record.run}: ${record.nodeRole} is gone`)
  const role = roleOfRun(world, record) ?? nodeRole.group.role
  const order: RunOrder = {
    run: record.run,
    token: record.token,
    nodeRole: record.nodeRole,
    action: record.action,
    role,
    inputs: record.inputs,
    sensitive: sensitiveInputs(role),
    references: referencesIn(role, record.inputs),
    deadlineMs: role.deadlineMs,
  }
  if (nodeRole.node) order.node = addressOf(nodeRole.node)
  return order
}

/** Undefined where a commit has left nothing of it to look at. */
export function checkOrderOf(world: World, node: NodeRecord): CheckOrder | undefined {
  const { check } = node
  if (!check) return undefined
  const parts = Object.entries(check.of).flatMap(([id, run]): CheckPart[] => {
    const nodeRole = world.nodeRoles.get(id)
    return nodeRole?.success?.run === run ? [checkPart(nodeRole, inputsOfSuccess(nodeRole) ?? {})] : []
  })
  return { check: check.check, token: check.token, node: addressOf(node), shows: 'drift', parts }
}

export function addressOf({ name, spec: { transport, runner } }: NodeRecord): NodeAddress {
  return runner ? { name, transport, runner } : { name, transport }
}

export function checkPart({ id, group }: NodeRole, inputs: CheckPart['inputs']): CheckPart {
  const { role, drift } = group
  const { deadlineMs } = role
  const secrets = { sensitive: sensitiveInputs(role), references: referencesIn(role, inputs) }
  return { nodeRole: id, role, inputs, ...secrets, deadlineMs, allow: [...drift.allow] }
}

/** The role as it was when the run was claimed; a commit may have come before anybody could carry it out. */
export function roleOfRun(world: World, { nodeRole, roleDigest, revision }: RunRecord): Role | undefined {
  const now = findNodeRole(world, nodeRole)?.group.role
  if (!now || now.digest === roleDigest) return now
  const then = world.revisions.get(revision)?.target.roles[now.name]
  return then?.digest === roleDigest ? then : now
}

/** Who only follows events claims nothing: what has run meanwhile is dropped on the way. */
function mayStart(world: World): boolean {
  for (const { isGone, reasonKind } of world.cleared) if (reasonKind === 'turn' && !isGone) return true
  for (let next = world.ready.peek(); next; next = world.ready.peek()) {
    if (next.reasonKind === 'turn' && !next.isGone) return true
    world.ready.pop()
    next.queued = false
  }
  return false
}

/** A node that is alive is only wanted for work that waits for it: what wants it no more is dropped on the way. */
function* contactsWanted(world: World): Generator<NodeRecord> {
  for (const node of world.contactsWanted) {
    if (lacksRunner(world, node)) continue
    if (node.unavailable || (node.nodeRoles.length === 0 && !isUndecided(world, node))) continue
    if (world.chosen && ![...node.nodeRoles].some((one) => isChosen(world, one))) continue
    // Who came to look for drift does not wait for the dead whom nobody asks about.
    if (!node.alive && world.only !== undefined && !node.checkAsked) continue
    if (!node.alive || isAwaited(world, node)) yield node
    else world.contactsWanted.delete(node)
  }
}

/** Nothing is on it yet, and its facts may place something there. */
function isUndecided({ target }: World, { name, facts }: NodeRecord): boolean {
  return facts === undefined && target?.undecided !== undefined && asSet(target.undecided).has(name)
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

function asSet(names: readonly string[]): ReadonlySet<string> {
  const known = sets.get(names) ?? new Set(names)
  sets.set(names, known)
  return known
}

function isAwaited(world: World, node: NodeRecord): boolean {
  return isWaitedFor(node) || wantsCheck(world, node)
}

function isWaitedFor(node: NodeRecord): boolean {
  return [...node.nodeRoles].some(({ reasonKind }) => reasonKind === 'contact')
}

/** Timers whose reason has gone are dropped on the way. */
function nextTimer(world: World, timers: World['timers']): number | undefined {
  for (let timer = timers.peek(); timer; timer = timers.peek()) {
    const { wakesAt, closesAt, state } = timer.wakes
    const wanted = (wakesAt === timer.at || closesAt === timer.at) && state === 'todo'
    if (wanted && world.stoppedBy === undefined) return timer.at
    timers.pop()
  }
  return undefined
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}
