// A cycle: from rest, through a disturbance, to rest again. What disturbed, what it came to, what it cost.
import type { NodeRoleId } from './names.ts'
import type { RinseId } from './rinse.ts'
import type { RunAction, RunId } from './run.ts'
import type { Scope } from './scope.ts'

/** What disturbed the rest. */
export type CycleCause =
  | { kind: 'commit'; revision: number; by: string }
  | { kind: 'asked'; nodeRole: NodeRoleId; by: string; why?: string }
  | { kind: 'rinse'; first: NodeRoleId; others: number; by: string; why?: string }
  | { kind: 'rinseCancelled'; rinse: RinseId; by: string; why?: string }
  | { kind: 'released'; scope: Scope; by: string; why?: string }
  /** `group`: deployment/role. */
  | { kind: 'approved'; group: string; by: string; why?: string }
  | { kind: 'availability'; node: string; available: boolean; by: string; why?: string }
  | { kind: 'forgotten'; node: string; by: string }
  | { kind: 'facts'; node: string }
  | { kind: 'nodeReturned'; node: string }
  | { kind: 'nodeLost'; node: string }
  /** A check found it; `others`: on the same node. */
  | { kind: 'drift'; nodeRole: NodeRoleId; others: number }
  /** Work was left when the session before ended. */
  | { kind: 'session'; by: string }
  /** Nobody did anything: something was due. */
  | { kind: 'time' }
  /** Shown, never journaled: in a part of the site that whoever asks may not read. */
  | { kind: 'elsewhere' }

/** `waits`: nothing is wrong, and only a person's word moves what is left. `stopped`: a person ended it before rest. */
export type CycleResult = 'ready' | 'problems' | 'waits' | 'stopped'

/** Counted while the cycle goes on. */
export interface CycleCounts {
  runs: number
  /** Runs of a node-role that had run before in this cycle, without having failed. */
  reruns: number
  /** Runs because one before failed or was lost. */
  retries: number
  /** Runs that failed, were not finished, or were lost. */
  failed: number
  /** Nodes on which something ran. */
  nodes: number
  /** What people had to do, the beginning included; what one person does in one go counts once. */
  touches: number
  /** Facts that were new or another than before. */
  facts: number
}

export interface CycleView extends CycleCounts {
  cycle: number
  cause: CycleCause
  /** Head of the timeline when it began. */
  revision: number
  beganAt: number
  /** Absent while it goes on. */
  endedAt?: number
  result?: CycleResult
  /** So far, while it goes on. */
  wallMs: number
  /** Milliseconds from the beginning, and the temperature from then on. */
  temperatures: [number, number][]
}

export interface CyclesView {
  /** Oldest first. */
  cycles: CycleView[]
  trend?: CycleTrend
}

/** Whether cycles get shorter: the median of the last few that ended against as many before them. */
export interface CycleTrend {
  cycles: number
  medianMs: number
  beforeMs: number
}

/** What the wall time of a cycle was made of: runs that waited for each other, and what lay between them. */
export interface CriticalPath {
  cycle: CycleView
  steps: PathStep[]
  /** From the end of the last run until rest was called. */
  endMs: number
  /** So many of its runs are not kept any more: the path may begin later than the cycle. */
  forgotten: number
  /** What takes most of the path, as a whole; absent where nothing took time. */
  most?: PathPart
}

export interface PathStep {
  run: RunId
  nodeRole: NodeRoleId
  action: RunAction
  startedAt: number
  /** Until its end was heard of; so far, where it runs still. */
  tookMs: number
  /** Between the end of the step before, or the beginning of the cycle, and its start. */
  waitedMs: number
  /** What its start waited for last. */
  waitedFor: PathWait
}

/** What let a step start. */
export type PathWait =
  | { kind: 'begin' }
  | { kind: 'requirement'; nodeRole: NodeRoleId }
  | { kind: 'input'; nodeRole: NodeRoleId; input: string }
  | { kind: 'order'; nodeRole: NodeRoleId }
  | { kind: 'removal'; nodeRole: NodeRoleId }
  | { kind: 'earlier'; run: RunId }
  | { kind: 'lock'; lock: string; nodeRole: NodeRoleId }
  | { kind: 'backoff'; run: RunId }
  | { kind: 'contact'; node: string }
  /** What is no run of this cycle: a person, time, a node that came back. */
  | { kind: 'outside' }

export type PathPart =
  | { kind: 'role'; deployment: string; role: string; runs: number; ms: number }
  | { kind: 'wait'; wait: PathWait['kind'] | 'end'; ms: number }
