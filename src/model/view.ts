// Views: what is shown of a site, the same to CLI, API and page.
import type { Json, JsonObject } from '../base/json.ts'
import type { Candidate, Origin, Unbound } from './binding.ts'
import type { Digest } from '../base/digest.ts'
import type { Then } from './moment.ts'
import type { NodeRoleId } from './names.ts'
import type { Since, TraceStep } from './provenance.ts'
import type { Cause, Reason, RolloutId, State, StepHold } from './reason.ts'
import type { RevisionCause } from './revision-cause.ts'
import type { ContentRef } from './role.ts'
import type { RunnerLabels } from './runner.ts'
import type { Scope } from './scope.ts'
import type { NodeFault, RunAction, RunId } from './run.ts'
import type { TransportSpec, Values } from './site.ts'

export interface NodeRoleView {
  id: NodeRoleId
  deployment: string
  node: string
  role: string
  state: State
  reason: Reason
  /** A commit took it away; it is there until its `remove` has run. */
  leaving: boolean
  lastRun?: RunId
}

export interface StatusView {
  site: string
  /** Head of the timeline; 0 when nothing was ever committed. */
  revision: number
  atRest: boolean
  ready: boolean
  /** Share of node-roles that are not at rest, 0 to 1. */
  temperature: number
  /** Once at rest: what is left to do, and whose turn it is. */
  remains: Remains
  holds: HoldView[]
  counts: Record<State, number>
  /** Placed on fewer nodes than were asked for. */
  short?: ShortPlacement[]
  /** Proposals that Anneal made by itself and that policy leaves to people. */
  waiting?: RevisionView[]
  roles: RoleSummary[]
  rollouts: RolloutView[]
  nodeRoles: NodeRoleView[]
  /** Of a moment of the past. */
  past?: Then
  /** Where only so many notable ones were asked for: how many more of these there are. */
  hidden?: number
}

/** A change that is on its way in steps. */
export interface RolloutView {
  rollout: RolloutId
  deployment: string
  role: string
  variants: RolloutVariantView[]
}

export interface RolloutVariantView extends StepsView {
  /** How many have been let through. */
  reached: number
  /** What keeps the next step closed; absent when all have been let through. */
  hold?: StepHold
  /** One of those that wait. */
  waiting?: NodeRoleId
}

export interface StepsView {
  variant: string
  nodes: number
  /** How many have the change after each step. */
  steps: number[]
}

/** Of a role in a deployment, or of the deployment's members where no role is named. */
export interface ShortPlacement {
  deployment: string
  role?: string
  placed: number
  count: number
  /** So many nodes have a say in it by their facts, and were never reached. */
  awaits?: number
}

/** `word`: all that is left waits for an approval or a release. `notChosen`: all is done that the session was for. */
export type Remains = 'nothing' | 'notChosen' | 'word' | 'problems'

export interface HoldView {
  scope: Scope
  by: string
  why?: string
  since: number
}

export interface RoleSummary {
  deployment: string
  role: string
  counts: Record<State, number>
}

export interface NodeView {
  name: string
  address: string
  labels: JsonObject
  alive: 'yes' | 'no' | 'never reached'
  fault?: NodeFault
  available: boolean
  os?: string
  nodeRoles: number
}

/** One node with what stands on it, as far as whoever asks may see that. */
export interface NodeDetails {
  node: NodeView
  /** By name. */
  nodeRoles: NodeRoleView[]
  connection: {
    kind: TransportSpec['kind']
    user?: string
    host?: string
    port?: number
    config?: string
    /** Reached by a runner elsewhere that has these labels. */
    runner?: RunnerLabels
    /** Since when it answers, or does not. */
    since?: number
  }
  /** What is sensitive is left out of it. */
  hints: Values
  /** What it is of all that roles tell nodes apart by; those that tell none apart are in none. */
  variants: { variant: string; nodeRoles: NodeRoleId[] }[]
}

export interface RunView {
  run: RunId
  nodeRole: NodeRoleId
  action: RunAction
  result: 'running' | 'ok' | 'failed' | 'fault' | 'lost'
  changed?: boolean
  startedAt: number
  durationMs?: number
  attempt: number
  cause: Cause
  message?: string
  revision: number
}

export interface WhyView {
  nodeRole: NodeRoleView
  /** From what waits to what it waits for in the end. */
  chain: { nodeRole: NodeRoleId; state: State; reason: Reason }[]
  inputs: InputView[]
  outputs: OutputView[]
  /** In words, what its node is of all that its role tells nodes apart by; absent where it does not, or that may be secret. */
  variant?: string
  /** How the last runs differ: what made the last one run. */
  lastCause?: { run: RunId; cause: Cause; changes: InputChange[] }
}

export interface InputView {
  input: string
  sensitive: boolean
  value?: Json
  unbound?: Unbound
  origin?: Origin
  candidates: Candidate[]
  /** What the value was made from, down to its roots. */
  sources: SourceView[]
  /** What reads it and what comes of that; only where one input is asked for. */
  consumers?: TraceStep[]
}

export interface OutputView {
  output: string
  sensitive: boolean
  /** Told before any run, from what it reads. */
  early: boolean
  known: boolean
  value?: Json
  /** The run that first said it; absent where it is early. */
  since?: Since
  /** Why an early one is not known yet. */
  unbound?: Unbound
}

export interface SourceView {
  what: string
  origin: Origin
  value?: Json
  sensitive: boolean
  since?: Since
  sources: SourceView[]
  /** It was told before in the same tree. */
  again?: true
  /** Further members that gave to it. */
  more?: number
}

export interface InputChange {
  input: string
  sensitive: boolean
  before?: Json
  after?: Json
}

export interface Diff {
  onto: number
  revision: number
  changes: NodeRoleChange[]
  /** Changes that go out in steps. */
  rollouts: { deployment: string; role: string; variants: StepsView[] }[]
  /** Have nothing to do as far as is known now. */
  mayFollow: MayFollow[]
  /** On which something would run; what belongs to a deployment counts as one. */
  nodes: number
  /** Absent where nothing would run. */
  estimate?: Estimate
  nodesAdded: string[]
  nodesRemoved: string[]
  /** Would be placed on fewer nodes than were asked for. */
  short?: ShortPlacement[]
}

export interface KnownAfter {
  input: string
  unbound: Unbound
  /** Whose runs tell it in the end, and so many more of the same group. */
  runs: NodeRoleId[]
  more: number
  /** Nodes that have to be looked at for it. */
  contacts: string[]
}

/** It runs only if what it reads turns out otherwise than before. */
export interface MayFollow {
  nodeRole: NodeRoleId
  input: string
  /** The first of those that may say something new. */
  after: NodeRoleId
}

/** How long it would take, if nothing fails and no value turns out otherwise. */
export interface Estimate {
  lowMs: number
  expectedMs: number
  highMs: number
  /** What it was made for. */
  runs: number
  /** Runs that are not in it, as somebody must do something first. */
  left: number
  /** Roles that were never measured; each of their runs is taken to last a second. */
  guessed: string[]
}

export interface NodeRoleChange {
  nodeRole: NodeRoleId
  /** rinse: removed, then applied afresh. */
  what: 'add' | 'change' | 'remove' | 'retry' | 'rinse'
  cause: Cause
  inputs: InputChange[]
  /** Inputs whose value only a run or a first contact will tell, and which. */
  knownAfter: KnownAfter[]
  /** It is `once` and would run again. */
  destructive: boolean
}

export interface RevisionView {
  revision: number
  /** The head of the timeline when it was proposed. */
  onto: number
  /** Overtaken: something else was committed since it was proposed. Superseded: it was committed, and then another was. */
  status: 'proposed' | 'overtaken' | 'committed' | 'superseded' | 'discarded'
  author: string
  /** Where somebody else committed it: the author is who did that. */
  proposer?: string
  message: string
  at: number
  nodes: number
  roles: number
  /** Anneal proposed it by itself. */
  cause?: RevisionCause
}

export interface RevisionDetails {
  revision: RevisionView
  /** What its target says otherwise than the one that it was made onto. */
  differences: TargetDifference[]
  /** The content lock: what each of its roles was when it was proposed, whatever its files say by now. */
  content: LockedRole[]
}

export interface LockedRole {
  role: string
  package: string
  /** Over all that the role says and the bytes that it refers to. */
  digest: Digest
  files: ContentRef[]
}

/** What was committed between the revision that something was made onto and the head. */
export interface Moved {
  committed: RevisionView[]
  /** Of the head and the revision that it was made onto; the first ones, and how many in all. */
  differences: TargetDifference[]
  differing: number
  /** Placed by only one of both, or by both with a role that says otherwise; the first ones, and how many in all. */
  nodeRoles: NodeRoleId[]
  nodeRolesDiffering: number
}

/** `path` from the root of the target, e.g. `deployments store placements etcd values heartbeat_interval_ms`. */
export interface TargetDifference {
  path: string[]
  before?: Json
  after?: Json
}
