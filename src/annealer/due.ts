// What is owed to the outside, as a question put to the state: a lost message cannot lose a run.
import { assert } from '../base/assert.ts'
import type { Role } from '../model/role.ts'
import type { RunOrder } from '../model/run.ts'
import { isChosen } from './holds.ts'
import type { NodeRecord, NodeRole, RunRecord, World } from './world.ts'

export interface Due {
  /** Runs in flight of this session; the engine knows which of them it has handed over. */
  runs: Iterable<RunRecord>
  contacts: NodeRecord[]
  /** When time alone makes something due, in milliseconds since the epoch. */
  wakeAt: number | undefined
}

/** Looks at a dead node before rest is called; the first failure may be a passing one. */
const TRIES_BEFORE_REST = 2

export function whatIsDue(world: World): Due {
  const contacts: NodeRecord[] = []
  let wakeAt = earliest(nextTimer(world, world.timers), nextTimer(world, world.alarms))
  for (const node of contactsWanted(world)) {
    if (world.stoppedBy !== undefined) break
    if (node.contactAt <= world.now) contacts.push(node)
    else wakeAt = earliest(wakeAt, node.contactAt)
  }
  contacts.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { runs: world.inFlight, contacts, wakeAt }
}

/** Nothing runs and nothing but the return of dead nodes or an operator's word would make something run. */
export function isAtRest(world: World): boolean {
  if (world.inFlight.size > 0) return false
  if (world.stoppedBy !== undefined) return true
  if (mayStart(world) || nextTimer(world, world.timers) !== undefined) return false
  for (const node of contactsWanted(world)) {
    if (node.alive !== false || node.tries < TRIES_BEFORE_REST) return false
  }
  return true
}

/** Whether anything would move by itself, looks at nodes that are known to be dead aside. */
export function mayWork(world: World): boolean {
  if (world.inFlight.size > 0) return true
  if (world.stoppedBy !== undefined) return false
  if (mayStart(world) || nextTimer(world, world.timers) !== undefined) return true
  for (const node of contactsWanted(world)) if (node.alive !== false) return true
  return false
}

export function orderOf(world: World, record: RunRecord): RunOrder {
  const nodeRole = world.nodeRoles.get(record.nodeRole)
  assert(nodeRole, `no order for ${record.run}: ${record.nodeRole} is gone`)
  const role = roleOf(world, nodeRole, record)
  const order: RunOrder = {
    run: record.run,
    token: record.token,
    nodeRole: record.nodeRole,
    action: record.action,
    role,
    inputs: record.inputs,
    sensitive: Object.keys(role.inputs).filter((input) => role.inputs[input]?.sensitive),
    deadlineMs: role.deadlineMs,
  }
  if (nodeRole.node) order.node = { name: nodeRole.node.name, transport: nodeRole.node.spec.transport }
  return order
}

/** The role as it was when the run was claimed; a commit may have come before anybody could carry it out. */
function roleOf(world: World, { group }: NodeRole, { roleDigest, revision }: RunRecord): Role {
  if (group.role.digest === roleDigest) return group.role
  const then = world.revisions.get(revision)?.target.roles[group.role.name]
  return then?.digest === roleDigest ? then : group.role
}

/** Who only follows events claims nothing: what has run meanwhile is dropped on the way. */
function mayStart(world: World): boolean {
  for (let next = world.ready.peek(); next; next = world.ready.peek()) {
    if (next.reasonKind === 'turn' && world.nodeRoles.get(next.id) === next) return true
    world.ready.pop()
    next.queued = false
  }
  return false
}

/** A node that is alive is only wanted for work that waits for it: what wants it no more is dropped on the way. */
function* contactsWanted(world: World): Generator<NodeRecord> {
  for (const node of world.contactsWanted) {
    if (node.unavailable || (node.nodeRoles.size === 0 && !isUndecided(world, node))) continue
    if (world.chosen && ![...node.nodeRoles].some((one) => isChosen(world, one))) continue
    if (!node.alive || [...node.nodeRoles].some(({ reasonKind }) => reasonKind === 'contact')) yield node
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

/** Timers whose reason has gone are dropped on the way. */
function nextTimer(world: World, timers: World['timers']): number | undefined {
  for (let timer = timers.peek(); timer; timer = timers.peek()) {
    const wanted = timer.wakes.wakesAt === timer.at && timer.wakes.state === 'todo'
    if (wanted && world.stoppedBy === undefined) return timer.at
    timers.pop()
  }
  return undefined
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}
