// The world: all that the annealer knows. What events told stands apart from what is derived and can be made again.
import { assert } from '../base/assert.ts'
import { Heap } from '../base/heap.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { Queue } from '../base/queue.ts'
import type { TokenView } from '../model/access.ts'
import type { Origin } from '../model/binding.ts'
import type { ExecId, ExecOutcome, ExecView } from '../model/exec.ts'
import type { Language } from '../model/language.ts'
import type { CheckId } from '../model/drift.ts'
import type { SessionLimit } from '../model/event.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Cause, Reason, State } from '../model/reason.ts'
import type { RinseId } from '../model/rinse.ts'
import type { RevisionCause } from '../model/revision-cause.ts'
import type { NodeFault, RunAction, RunId } from '../model/run.ts'
import type { RunnerLabels } from '../model/runner.ts'
import type { Scope } from '../model/scope.ts'
import type { NodeSpec, Target } from '../model/site.ts'
import { byName } from './by-name.ts'
import type { CycleRecord, Stir } from './cycles.ts'
import type { Measured } from './expected.ts'
import type { Group, Plan } from './graph.ts'
import type { LockClaim } from './locks.ts'
import type { NodeRole } from './node-role.ts'
import { NodeRoles } from './node-roles.ts'
import type { Rollout } from './rollout.ts'
import type { Taking } from './taking.ts'
import type { Value } from './value.ts'

export type { NodeRole } from './node-role.ts'

export interface World {
  readonly language: Language

  // Told by events.
  now: number
  /** Counts what came from outside: commits, changed facts, an operator's word. */
  disturbance: number
  /** The last that reached everything, and since then those that reached only some, by group. */
  disturbedAll: number
  disturbed: Map<string, number>
  session: number
  sessionBy: string
  /** The session goes on after rest, and looks for drift on schedule. */
  stays: boolean
  only: SessionLimit | undefined
  stoppedBy: string | undefined
  /** The last ones, oldest first. */
  execs: Map<ExecId, ExecRecord>
  execsStarted: number
  /** By the key of their scope. */
  holds: Map<string, Hold>
  /** What the session is for, where it is not for all. */
  chosen: { only: Scope[]; by: string } | undefined
  /** Number of the last committed revision; 0 before the first. */
  head: number
  target: Target | undefined
  revisions: Map<number, RevisionRecord>
  nodes: Map<string, NodeRecord>
  nodeRoles: NodeRoles
  /** By its id; gone when the last of its node-roles has been applied afresh or is gone. */
  rinses: Map<RinseId, Rinse>
  rinsesAsked: number
  runsStarted: number
  checksStarted: number
  /** The last runs, oldest first; those in flight are always among them. */
  runs: Map<RunId, RunRecord>
  inFlight: Set<RunRecord>
  /** By group, in the order in which they began. */
  rollouts: Map<string, Rollout>
  rolloutsBegun: number
  /** By group: the revision of its role that may go on although it failed on so many. */
  allowed: Map<string, string>
  /** How long what succeeds takes; under which names, says `expected.ts`. */
  durations: Map<string, Measured>
  /** The last ones, oldest first; the one that goes on, if one does, is the last. */
  cycles: CycleRecord[]
  /** What a person did last. */
  lastTouch: { what: string; at: number } | undefined
  /** By name; of one name the latest. */
  tokens: Map<string, TokenRecord>
  runners: Map<string, RunnerRecord>

  // Derived.
  /** By `findNodeRole`, the last. */
  called: { id: NodeRoleId; nodeRole: NodeRole } | undefined
  plan: Plan
  /** To be looked at, each once, first marked first. */
  dirty: Queue<NodeRole>
  /** Those of the dirty ones whose early outputs may say something else. */
  unsaid: Queue<NodeRole>
  /** Claimable as far as is known, best rank first; entries are checked again when they are taken. */
  ready: Heap<NodeRole>
  /** To be removed, with nothing to run for it. */
  cleared: Set<NodeRole>
  timers: Heap<Timer>
  /** Timers so far away, it may be days, that a fleet is at rest all the same. */
  alarms: Heap<Timer>
  /** Groups whose rollouts must be looked at, and who is to become part of them. */
  stepsDue: Set<string>
  joining: Map<string, Set<NodeRole>>
  /** All but those of nodes, which stand with their node. */
  locks: Map<string, Lock>
  /** Locks that may have room for some of those that wait for them. */
  freed: Set<Lock>
  /** Those in error because they go round in circles. */
  oscillating: Set<NodeRole>
  /** By the group with which they were placed last, and by node. */
  leaving: Map<Group, Map<string, NodeRole>>
  /** Those of a rinse that are yet to be removed; by group and by node, too. */
  rinsing: Map<Group, Map<string, NodeRole>>
  /** Nodes that somebody waits for, or that must be looked at. */
  contactsWanted: Set<NodeRecord>
  /** Nodes that are being looked at for drift. */
  checking: Set<NodeRecord>
  /** Of which a check may be to start: looked at when runs have been claimed. */
  checksWanted: Set<NodeRecord>
  checkTimers: Heap<{ at: number; node: NodeRecord }>
  counts: Record<State, number>
  /** What may have ended the rest, in this turn. */
  stir: Stir
  /** Whose state or kind of reason changed since the last look, with the state before. */
  changed: Map<NodeRole, State | undefined>
  /** A snapshot that is being taken: it is told what is about to change. */
  taking: Taking | undefined
}

export interface ExecRecord extends Omit<ExecView, 'nodes'> {
  nodes: Map<string, ExecOutcome | undefined>
}

export interface Hold {
  scope: Scope
  by: string
  why?: string
  since: number
}

export interface RevisionRecord {
  revision: number
  onto: number
  /** A proposal that others overtook stays one; committing it is refused. */
  status: 'proposed' | 'committed' | 'superseded' | 'discarded'
  author: string
  /** Where somebody else committed it: the author is who did that. */
  proposer?: string
  message: string
  at: number
  target: Target
  /** Anneal proposed it by itself. */
  cause?: RevisionCause
}

export interface TokenRecord extends Omit<TokenView, 'state'> {
  hash: string
}

/** Of a runner elsewhere. */
export interface RunnerRecord {
  runner: string
  labels: RunnerLabels
  /** Its one-time token; gone once it was used. */
  invite?: { hash: string; endsAt: number; by: string; at: number } | undefined
  /** The labels that it has once it is used. */
  next?: RunnerLabels | undefined
  invitedBy?: string
  enrolledAt?: number
  /** The public key of its identity. */
  key?: string
  /** Of the session in which it came; of none once it went. */
  presence?: { session: number; since: number; slots: number; version: string; why?: string } | undefined
  drained?: { by: string; at: number; why?: string } | undefined
  revoked?: { by: string; at: number; why?: string } | undefined
}

export interface NodeRecord {
  name: string
  spec: NodeSpec
  facts: JsonObject | undefined
  /** Undefined: never reached. */
  alive: boolean | undefined
  fault: NodeFault | undefined
  since: number
  /** In which session the node was last reached; its connection is of that session. */
  reachedIn: number
  tries: number
  contactAt: number
  unavailable: { by: string; why?: string } | undefined
  /** The last cycle in which something ran on it. */
  ranIn: number
  /** Somebody wants it to be looked at for drift in this session, all of it or these. */
  checkAsked: { by: string; only?: NodeRoleId[] } | undefined
  /** In flight. */
  check: CheckRecord | undefined
  /** In the order in which they were placed. */
  nodeRoles: NodeRole[]
  /** Derived: no node-role of it is due earlier. */
  checkAt: number | undefined
  /** Derived: what a run on it holds whose role says of no other locks, and that lock; made when asked for. */
  claims: readonly LockClaim[] | undefined
  lock: Lock | undefined
  /** Derived: a number for the groups that it carries, by which ranks are told. */
  kind: number
}

export interface CheckRecord {
  check: CheckId
  token: number
  since: number
  session: number
  /** With the success that it is held against. */
  of: Record<NodeRoleId, RunId>
}

export interface Rinse {
  rinse: RinseId
  by: string
  why?: string
  /** Destructive roles, too, with the operator's approval. */
  once: boolean
  // Derived.
  members: Set<NodeRole>
  /** Those of them that are yet to be removed. */
  toRemove: Set<NodeRole>
  /** The first of these by name; made when asked for. */
  first?: NodeRole
}

export type Circling = Omit<Extract<Reason, { kind: 'oscillates' }>, 'kind' | 'circle'>

export interface Unlike extends Omit<Extract<Reason, { kind: 'notRepeatable' }>, 'kind'> {
  roleDigest: string
}

export interface Bound {
  value: Value
  origin: Origin
}

export interface Success {
  run: RunId
  digest: string
  roleDigest: string
  /** Its inputs; undefined as long as the node-role is bound to the same ones: `inputsOfSuccess` tells them. */
  ranWith: Record<string, Json> | undefined
  outputs: JsonObject
  /** The run that first gave an output the value which it has, of those that an earlier one than this gave. */
  saidBy?: Record<string, RunId>
  disturbance: number
  at: number
}

export interface Attempts {
  digest: string
  count: number
  lastRun: RunId
  message: string
  tail: string
  fault?: NodeFault
  nextAt: number
  spent: boolean
}

export interface RunRecord {
  run: RunId
  token: number
  nodeRole: NodeRoleId
  action: RunAction
  digest: string
  roleDigest: string
  inputs: Record<string, Json>
  origins: Record<string, Origin>
  cause: Cause
  attempt: number
  startedAt: number
  session: number
  revision: number
  locks: readonly LockClaim[]
  result: 'running' | 'ok' | 'failed' | 'fault' | 'lost'
  cancelAsked?: { by: string; why?: string }
  /** When its end was heard of. */
  endedAt?: number
  changed?: boolean
  durationMs?: number
  message?: string
}

export interface Lock {
  key: string
  /** It stands with its node, for whoever runs there next; the others are made and let go. */
  ofNode: boolean
  /** In the order in which they took it: mostly one, or nobody. Only ever replaced. */
  holders: readonly Holder[]
  /** By the capacity that they know it by, best rank first; there once somebody has waited. */
  waiting: Map<number, Heap<NodeRole>> | undefined
}

export interface Holder {
  nodeRole: NodeRole
  /** By which it knows the lock. */
  capacity: number
}

export interface Timer {
  at: number
  wakes: NodeRole
}

export const RUNS_KEPT = 5_000

export function newWorld(language: Language): World {
  const nodes = new Map<string, NodeRecord>()
  return {
    language,
    now: 0,
    disturbance: 0,
    disturbedAll: 0,
    disturbed: new Map(),
    session: 0,
    sessionBy: '',
    stays: false,
    only: undefined,
    stoppedBy: undefined,
    execs: new Map(),
    execsStarted: 0,
    holds: new Map(),
    chosen: undefined,
    head: 0,
    target: undefined,
    revisions: new Map(),
    nodes,
    nodeRoles: new NodeRoles(nodes),
    rinses: new Map(),
    rinsesAsked: 0,
    runsStarted: 0,
    checksStarted: 0,
    runs: new Map(),
    inFlight: new Set(),
    rollouts: new Map(),
    rolloutsBegun: 0,
    allowed: new Map(),
    durations: new Map(),
    cycles: [],
    lastTouch: undefined,
    tokens: new Map(),
    runners: new Map(),
    called: undefined,
    plan: { groups: new Map(), deployments: new Map() },
    dirty: new Queue(),
    unsaid: new Queue(),
    ready: new Heap(byRank),
    cleared: new Set(),
    timers: new Heap((a, b) => a.at - b.at),
    alarms: new Heap((a, b) => a.at - b.at),
    stepsDue: new Set(),
    joining: new Map(),
    locks: new Map(),
    freed: new Set(),
    oscillating: new Set(),
    leaving: new Map(),
    rinsing: new Map(),
    contactsWanted: new Set(),
    checking: new Set(),
    checksWanted: new Set(),
    checkTimers: new Heap((a, b) => a.at - b.at),
    counts: { proposed: 0, transition: 0, blocked: 0, error: 0, active: 0, todo: 0 },
    stir: noStir(),
    changed: new Map(),
    taking: undefined,
  }
}

/**
 * Most behind it first; then those that have never succeeded, as others may run again for what these will say; then by name, so
 * that the same story is told each time.
 */
export function byRank(a: NodeRole, b: NodeRole): number {
  return rankOf(b) - rankOf(a) || againLast(a, b) || byName(a, b)
}

/** It changes with the end of a run, when nothing of a node-role is in a heap. */
export function rankOf({ hasSucceeded, rank, rankAtFirst }: NodeRole): number {
  return hasSucceeded ? rank : rankAtFirst
}

function againLast(a: NodeRole, b: NodeRole): number {
  return (a.hasSucceeded ? 1 : 0) - (b.hasSucceeded ? 1 : 0)
}

export function nodeCalled(world: World, name: string): NodeRecord {
  const node = world.nodes.get(name)
  assert(node, `an event speaks of node ${name}, which is not there`)
  return node
}

export function noStir(): Stir {
  return { cause: undefined, touches: 0, facts: 0 }
}

/** What happens to one is told in several places one after the other: the last that was asked for is at hand. */
export function findNodeRole(world: World, id: NodeRoleId): NodeRole | undefined {
  const { called } = world
  if (called?.id === id && !called.nodeRole.isGone) return called.nodeRole
  const found = world.nodeRoles.get(id)
  if (found) world.called = { id, nodeRole: found }
  return found
}

export function nodeRoleCalled(world: World, id: NodeRoleId): NodeRole {
  const nodeRole = findNodeRole(world, id)
  assert(nodeRole, `an event speaks of node-role ${id}, which is not there`)
  return nodeRole
}
