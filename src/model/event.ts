// Events: what happened, in the past tense. The journal holds these and nothing else; all state is derived from them.
import type { Digest } from '../base/digest.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Grant } from './access.ts'
import type { AuditNote } from './audit.ts'
import type { Origin } from './binding.ts'
import type { CycleCause, CycleResult } from './cycle.ts'
import type { CheckId, Finding } from './drift.ts'
import type { ExecId, ExecOutcome } from './exec.ts'
import type { NodeRoleId } from './names.ts'
import type { Cause, RolloutId } from './reason.ts'
import type { RevisionCause } from './revision-cause.ts'
import type { RinseId } from './rinse.ts'
import type { RunnerLabels } from './runner.ts'
import type { NodeFault, RunAction, RunId, RunOutcome } from './run.ts'
import type { Scope } from './scope.ts'
import type { Target } from './site.ts'

/** What a session may start besides checks: nothing, or only the repairs that somebody asks for. */
export type SessionLimit = 'checks' | 'repairs'

export type Event =
  | { kind: 'sessionStarted'; session: number; by: string; stays?: true; only?: SessionLimit }
  | {
      kind: 'revisionProposed'
      revision: number
      onto: number
      target: Target
      author: string
      message: string
      /** Anneal proposed it by itself. */
      cause?: RevisionCause
    }
  | { kind: 'revisionCommitted'; revision: number; author: string; message: string }
  | { kind: 'revisionDiscarded'; revision: number; author: string }
  /** Facts as a whole; only when they differ from those known. */
  | { kind: 'factsChanged'; node: string; facts: JsonObject }
  | { kind: 'nodeReached'; node: string; durationMs?: number }
  | { kind: 'nodeLost'; node: string; fault: NodeFault; tries: number }
  | { kind: 'connectionLost'; node: string }
  | {
      kind: 'runStarted'
      run: RunId
      token: number
      nodeRole: NodeRoleId
      action: RunAction
      digest: Digest
      inputs: Record<string, Json>
      origins: Record<string, Origin>
      cause: Cause
      attempt: number
      /** Inputs that are secrets; absent where none is. */
      sensitive?: string[]
    }
  | {
      kind: 'runFinished'
      run: RunId
      nodeRole: NodeRoleId
      outcome: RunOutcome
      /** Outputs that are secrets; absent where none is. */
      sensitive?: string[]
    }
  /** Its result will never be known: the process or connection that carried it is gone. */
  | { kind: 'runLost'; run: RunId; nodeRole: NodeRoleId; why: string }
  | { kind: 'nodeRoleRemoved'; nodeRole: NodeRoleId }
  | {
      kind: 'rinseAsked'
      rinse: RinseId
      nodeRoles: NodeRoleId[]
      once: boolean
      by: string
      why?: string
    }
  /** What of it is not begun stays as it is. */
  | { kind: 'rinseCancelled'; rinse: RinseId; by: string; why?: string }
  /** Of a rinse: it is removed, or had nothing to remove; what it succeeded with is forgotten. */
  | { kind: 'nodeRoleRinsed'; nodeRole: NodeRoleId }
  /** `approved`: also outside its windows. */
  | { kind: 'rerunAsked'; nodeRole: NodeRoleId; by: string; why?: string; approved?: boolean }
  /** Absent `nodeRoles`: all that can be checked. */
  | { kind: 'checkAsked'; by: string; nodeRoles?: NodeRoleId[] }
  /** Of one node, while nothing runs on it. */
  | { kind: 'checkStarted'; check: CheckId; token: number; node: string; nodeRoles: NodeRoleId[] }
  | { kind: 'checkFinished'; check: CheckId; node: string; findings: Finding[]; durationMs: number }
  /** What it would have found will never be known. */
  | { kind: 'checkLost'; check: CheckId; node: string; why: string }
  | { kind: 'availabilityChanged'; node: string; available: boolean; by: string; why?: string }
  | { kind: 'nodeForgotten'; node: string; by: string }
  | { kind: 'held'; scope: Scope; by: string; why?: string }
  | { kind: 'released'; scope: Scope; by: string; why?: string }
  | { kind: 'onlyChosen'; only: Scope[]; by: string }
  | { kind: 'runCancelAsked'; run: RunId; nodeRole: NodeRoleId; by: string; why?: string }
  | {
      kind: 'execStarted'
      exec: ExecId
      argv: string[]
      become: boolean
      selection: string
      nodes: string[]
      by: string
      why?: string
    }
  | { kind: 'execFinished'; exec: ExecId; node: string; outcome: ExecOutcome }
  | { kind: 'claimingStopped'; by: string }
  /** Rest was disturbed; `touches` and `facts` are those of the disturbance itself. */
  | {
      kind: 'cycleBegan'
      cycle: number
      cause: CycleCause
      touches: number
      facts: number
      temperature: number
    }
  /** Inside a cycle, when it has changed by enough to be worth keeping. */
  | { kind: 'temperatureChanged'; temperature: number }
  | { kind: 'cycleEnded'; cycle: number; result: CycleResult; temperature: number }
  /** These changes go out in steps; more of them may join later under the same id. */
  | {
      kind: 'rolloutPlanned'
      rollout: RolloutId
      group: string
      variants: { variant: string; nodes: string[] }[]
    }
  | { kind: 'stepOpened'; rollout: RolloutId; group: string; variant: string; nodes: string[] }
  | { kind: 'stepApproved'; rollout: RolloutId; group: string; variant: string; by: string; why?: string }
  | { kind: 'failuresAllowed'; group: string; roleDigest: Digest; by: string; why?: string }
  | { kind: 'rolloutEnded'; rollout: RolloutId; group: string }
  /** `hash`: SHA-256 of its secret, which nobody keeps. */
  | {
      kind: 'tokenIssued'
      token: string
      hash: Digest
      grants: Grant[]
      expiresAt?: number
      by: string
      why?: string
    }
  /** For the first time in an hour. */
  | { kind: 'tokenUsed'; token: string }
  | { kind: 'tokenRevoked'; token: string; by: string; why?: string }
  /** `hash`: SHA-256 of a one-time token, which nobody keeps. */
  | {
      kind: 'runnerInvited'
      runner: string
      labels: RunnerLabels
      hash: Digest
      endsAt: number
      by: string
      why?: string
    }
  /** The token was used; `key` is the public one of its identity from now on, Ed25519 as SPKI in base64. */
  | { kind: 'runnerEnrolled'; runner: string; key: string }
  /** It works for this session from now on. */
  | { kind: 'runnerArrived'; runner: string; slots: number; version: string }
  /** What it held is told apart. */
  | { kind: 'runnerLeft'; runner: string; why: string }
  | { kind: 'runnerDrained'; runner: string; by: string; why?: string }
  | { kind: 'runnerResumed'; runner: string; by: string; why?: string }
  | { kind: 'runnerRevoked'; runner: string; by: string; why?: string }
  /** Of a request that changes something, or was refused: told by the door, and nothing else follows from it. */
  | ({ kind: 'requestAudited' } & AuditNote)

/** As the journal gives it back. `at` in milliseconds since the epoch, the same for all events of a turn. */
export interface Recorded {
  seq: number
  at: number
  event: Event
}

/**
 * As doors show it: what stood where a sensitive value was is said so, a proposal is without its target, which may be a
 * fleet and is asked for by its number, and tokens are without the hash of their secret.
 */
export type PublicEvent =
  | Exclude<Event, { kind: 'revisionProposed' | 'tokenIssued' | 'runnerInvited' }>
  | Omit<Extract<Event, { kind: 'revisionProposed' }>, 'target'>
  | Omit<Extract<Event, { kind: 'tokenIssued' }>, 'hash'>
  | Omit<Extract<Event, { kind: 'runnerInvited' }>, 'hash'>

export interface PublicRecorded extends Omit<Recorded, 'event'> {
  event: PublicEvent
}
