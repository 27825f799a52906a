// Operations: what a door (CLI, API) can ask of one site, whether the engine is in this process or in another.
import type { Standby } from './server-place.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { AccessOperations } from './access.ts'
import type { CriticalPath, CyclesView } from './cycle.ts'
import type { Control, Controlled } from './control.ts'
import type { DriftPolicy, DriftView } from './drift.ts'
import type { DryRunReport } from './dry-run.ts'
import type { ExecId, ExecOutcome, ExecSelection, ExecView } from './exec.ts'
import type { Moment } from './moment.ts'
import type { NodeRoleId } from './names.ts'
import type { TraceView } from './provenance.ts'
import type { Answer } from './refusal.ts'
import type { State } from './reason.ts'
import type { RehearsalReport, RehearsalRequest } from './rehearsal.ts'
import type { RinsePreview } from './rinse.ts'
import type { FilesView } from './rendered-files.ts'
import type { RunId } from './run.ts'
import type { RunnerOperations } from './runner.ts'
import type { Site } from './site.ts'
import type {
  Diff,
  NodeRoleView,
  NodeView,
  RevisionDetails,
  RevisionView,
  RunView,
  StatusView,
  WhyView,
} from './view.ts'
import type { OutputStream } from './work.ts'

export interface Operations {
  /** The address of the server that carries all of it out; absent where that is done in this process. */
  readonly server?: string
  /** The server follows another one that anneals. */
  readonly standby?: Standby
  /** By a server: the bytes of a run's transcript from there on, as far as there are any now. */
  log?(run: RunId, from: number): Promise<Answer<Uint8Array>>
  /** Tokens, and the trail of who did what. */
  readonly access: AccessOperations
  /** Processes elsewhere that carry out runs. */
  readonly runners: RunnerOperations
  /** Of all node-roles; or of so many notable ones, the most urgent first, which costs little to send of a fleet. */
  status(most?: number): Promise<Answer<StatusView>>
  /** The same as it was then; costs what happened until then. */
  statusAt(moment: Moment, most?: number): Promise<Answer<StatusView>>
  /** `nodeRole` may be short: `node/role` where that is one node-role only. */
  /** With `input` that one goes down to its roots, and its consumers are told. */
  why(nodeRole: string, input?: string): Promise<Answer<WhyView>>
  /** Where a value goes: `words` name an output, an input, a fact, a given value, or are the value itself. */
  trace(words: readonly string[], whole: boolean): Promise<Answer<TraceView>>
  /** What its files would hold now and held at the last success; `clear`: with the secrets in them. */
  /** `signal`: nobody waits for them any more. */
  files(nodeRole: string, clear: boolean, signal?: AbortSignal): Promise<Answer<FilesView>>
  runs(filter: RunFilter): Promise<Answer<RunView[]>>
  nodes(): Promise<Answer<NodeView[]>>
  facts(node: string): Promise<Answer<JsonObject>>
  /** What committing this site would do; nothing is written. */
  diff(site: Site): Promise<Answer<Diff>>
  /** The same, and a look at the nodes for what would change there; nothing is locked, journaled or written. */
  dryRun(request: DryRunRequest): Promise<Answer<DryRunReport>>
  /** Carries it out on machines that are made up, several times; nothing is written. */
  rehearse(request: RehearsalRequest): Promise<Answer<RehearsalReport>>
  /** All revisions, oldest first. */
  timeline(): Promise<Answer<RevisionView[]>>
  show(revision: number): Promise<Answer<RevisionDetails>>
  /** The last cycles, and whether they get shorter. */
  cycles(): Promise<Answer<CyclesView>>
  /** One with what its time was made of; the last one where none is named. */
  cycle(number?: number): Promise<Answer<CriticalPath>>
  /** Writes a proposal to the timeline and nothing else; undefined where the site says what is committed. */
  propose(request: ProposeRequest): Promise<Answer<Proposal | undefined>>
  /** Proposes the target of an earlier revision again. */
  rollback(revision: number, by: string, message: string): Promise<Answer<Proposal>>
  discard(revision: number, by: string): Promise<Answer<Discarded>>
  /** Asks `confirm`, commits a proposal (the newest where none is named) and anneals to rest; or by who anneals already. */
  commit(request: CommitRequest): Promise<Answer<Controlled>>
  /** Proposes, asks `confirm`, commits and anneals to rest. */
  up(request: UpRequest): Promise<Answer<UpResult>>
  /** By the process that anneals the site where there is one; else here, to rest where it may start something. */
  control(control: Control, request: AnnealRequest): Promise<Answer<Controlled>>
  /** Shows what would be removed and applied, asks `confirm`, removes, applies afresh and anneals to rest. */
  rinse(request: RinseRequest): Promise<Answer<UpResult>>
  /** Looks for drift now, and starts nothing else; with `repair` what drifted is applied again. */
  drift(request: DriftRequest): Promise<Answer<DriftReport>>
  /** An ad-hoc command over a selection of nodes; starts nothing else. */
  exec(request: ExecRequest): Promise<Answer<ExecView>>
  /** The latest of these, oldest first. */
  execs(limit: number): Promise<Answer<ExecView[]>>
  forget(node: string, request: AnnealRequest): Promise<Answer<UpResult>>
  close(): Promise<void>
}

export interface ExecRequest {
  selection: ExecSelection
  /** Data from here to there: no shell reads it. */
  argv: string[]
  become: boolean
  deadlineMs: number
  /** At most so many nodes at once. */
  parallel: number
  by: string
  why?: string
  /** Aborting ends the commands over there. */
  signal: AbortSignal
  onStart(exec: ExecId, nodes: string[]): void
  onOutput(node: string, stream: OutputStream, bytes: Uint8Array): void
  onEnd(node: string, outcome: ExecOutcome): void
  onNotice(node: string, message: string): void
}

export interface RunFilter {
  /** A node, a deployment, a role or a node-role, as an operator types it. */
  target?: string
  run?: RunId
  limit?: number
}

export interface AnnealRequest {
  by: string
  onFeed(feed: Feed): void
  /** Aborting once lets runs in flight finish and claims nothing new; a second abort ends the process. */
  signal: AbortSignal
  /** Stay after rest and keep annealing until `signal`. */
  stay: boolean
  /** Where a server anneals anyway: answered once what was asked is durable, not at rest, and without each node-role. */
  written?: true
}

/** What a site's files say now, and the bytes that they refer to. */
export interface SiteNow {
  site: Site
  content: ContentStore
}

export interface SiteFiles {
  /** Resolves when the files say something else than when they were read last; for ever waiting once the signal comes. */
  changed(signal: AbortSignal): Promise<({ ok: true } & SiteNow) | { ok: false; message: string }>
}

export interface UpRequest extends AnnealRequest {
  /** Targets, as they will mean something when it is committed: all is committed, and nothing else starts. */
  only?: string[]
  site: Site
  content: ContentStore
  /** Read again while it stays; left out, the site stays as it was given. */
  files?: SiteFiles
  message: string
  confirm(diff: Diff): Promise<boolean>
}

export interface DryRunRequest {
  site: Site
  content: ContentStore
  signal: AbortSignal
  onNotice(node: string, message: string): void
}

export interface DriftRequest extends AnnealRequest {
  /** As an operator types them; none: the whole site. */
  targets: string[]
  repair: boolean
}

export interface DriftReport {
  /** By name. */
  nodeRoles: DriftView[]
  /** With `repair`: what ran. */
  runs: RunView[]
  wallMs: number
  interrupted: boolean
}

export interface ProposeRequest {
  site: Site
  content: ContentStore
  by: string
  message: string
}

/** What was put on the timeline, and what committing it would do now. */
export interface Proposal {
  revision: RevisionView
  diff: Diff
}

export interface Discarded {
  revision: RevisionView
  /** The other process that did it. */
  elsewhere?: string
}

export interface CommitRequest extends AnnealRequest {
  revision?: number
  message?: string
  confirm(diff: Diff): Promise<boolean>
}

export interface RinseRequest extends AnnealRequest {
  /** As an operator names parts of the site. */
  targets: string[] | 'all'
  /** Destructive roles, too: the operator's approval. */
  once: boolean
  why?: string
  confirm(preview: RinsePreview): Promise<boolean>
}

/** Bytes by digest, as the site's files have them now. */
export type ContentStore = ReadonlyMap<string, Uint8Array>

export interface UpResult {
  /** `chosenReady`: all that the session was for is active, others are not. */
  outcome: 'ready' | 'chosenReady' | 'atRestWithProblems' | 'waitsForApproval' | 'declined' | 'interrupted'
  /** Runs of this cycle, in the order in which they started. */
  runs: RunView[]
  wallMs: number
  status: StatusView
}

/** What a watcher sees, as it happens. */
export type Feed =
  | { kind: 'status'; status: StatusView }
  | { kind: 'nodeRole'; before?: State; after: NodeRoleView; at: number }
  | { kind: 'gone'; nodeRole: NodeRoleId; at: number }
  | { kind: 'run'; run: RunView; at: number }
  | { kind: 'node'; node: NodeView; at: number }
  /** Found just now, by a look that nobody need have asked for. */
  | { kind: 'drift'; nodeRole: NodeRoleId; policy: DriftPolicy; what: string[]; at: number }
  | { kind: 'refused'; what: string; details: Json }
  /** Something outside that people should see once: a host key that was pinned. */
  | { kind: 'notice'; node?: string; message: string; at: number }
