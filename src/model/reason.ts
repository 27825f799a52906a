// States of a node-role and the reasons for them, as data: what CLI, API and page show is this value and no other.
import type { Unbound } from './binding.ts'
import type { CheckId, DriftPolicy } from './drift.ts'
import type { NodeRoleId } from './names.ts'
import type { RinseId } from './rinse.ts'
import type { RunnerAbsent, RunnerLabels } from './runner.ts'
import type { Scope } from './scope.ts'
import type { NodeFault, RunAction, RunId } from './run.ts'

export const STATES = ['proposed', 'transition', 'blocked', 'error', 'active', 'todo'] as const
export type State = (typeof STATES)[number]

export type Reason =
  /** transition */
  | { kind: 'running'; run: RunId; action: RunAction; since: number; cause: Cause; cancelledBy?: string }
  /** blocked */
  | { kind: 'neverReached'; node: string }
  | { kind: 'notAlive'; node: string; fault: NodeFault; since: number }
  | { kind: 'notAvailable'; node: string; by: string; why?: string }
  /** Its node is for a runner elsewhere with these labels, and none is here; `absent`: those that would do, a few of them. */
  | NoRunner
  | { kind: 'inputUnbound'; input: string; unbound: Unbound }
  | { kind: 'requirement'; nodeRole: NodeRoleId; state: State; others: number }
  | { kind: 'requirementMissing'; role: string }
  /** error */
  /** `fault` where the world stood in its way and not what it does. */
  | { kind: 'failed'; run: RunId; attempts: number; message: string; tail: string; fault?: NodeFault }
  /** A person ended it; it starts again on a person's word. */
  | { kind: 'cancelled'; run: RunId; by: string; why?: string }
  | { kind: 'unknownResult'; run: RunId }
  /**
   * `circle`: in the direction in which values go, the last one being read by the first; begun with the node-role itself
   * where it is part of it.
   */
  | {
      kind: 'oscillates'
      nodeRole: NodeRoleId
      input: string
      values: string[]
      circle: NodeRoleId[]
    }
  /** active */
  | { kind: 'current' }
  | { kind: 'milestone' }
  /** With equal inputs two runs said two things of an output. `alike`: runs since then that said the same again. */
  | {
      kind: 'notRepeatable'
      output: string
      runs: [before: RunId, after: RunId]
      values: string[]
      at: number
      alike: number
    }
  | { kind: 'stale'; input: string; unbound: Unbound }
  | { kind: 'restsOnFailed'; nodeRole: NodeRoleId; state: State }
  /** Something on the node is not as the last success left it, and is left so. */
  /** `repairs`: so often it was applied again, and drifted each time. */
  | {
      kind: 'drifted'
      check: CheckId
      since: number
      what: string[]
      policy: DriftPolicy
      repairs: number
    }
  /** todo */
  | { kind: 'waits'; wait: Wait; cause: Cause }

/** Why a node-role wants to run. */
export type Cause =
  | { kind: 'new' }
  | { kind: 'inputsChanged'; inputs: string[] }
  | { kind: 'roleChanged' }
  | { kind: 'asked'; by: string; why?: string }
  | { kind: 'retry'; after: RunId }
  /** Its last run's result is not known. */
  | { kind: 'lost'; run: RunId }
  | { kind: 'removal' }
  | { kind: 'rinse'; rinse: RinseId; by: string; why?: string }
  /** A check found it otherwise than its last success left it. */
  | { kind: 'drift'; check: CheckId; what: string[] }

/** What something that may run waits for. */
export type Wait =
  | { kind: 'turn' }
  /** One that soon says anew what this one reads, or that goes first by `after`. */
  | { kind: 'upstream'; nodeRole: NodeRoleId }
  | { kind: 'lock'; lock: string; capacity: number; holders: NodeRoleId[] }
  | { kind: 'contact'; node: string }
  /** Its node is being looked at for drift. */
  | { kind: 'checking'; node: string; check: CheckId }
  | { kind: 'backoff'; until: number; attempt: number; attempts: number; message: string }
  | { kind: 'dependants'; nodeRole: NodeRoleId; others: number }
  /** Its role conflicts with that of one which leaves its node and is still there. */
  | { kind: 'rival'; nodeRole: NodeRoleId }
  /** It is removed itself; `nodeRole` is one of those of its rinse that are not. */
  | { kind: 'rinse'; rinse: RinseId; nodeRole: NodeRoleId; others: number }
  | { kind: 'approval'; why: string }
  | { kind: 'stopped'; by: string }
  /** `what`: of all holds over it the nearest. */
  | { kind: 'held'; what: Scope; by: string; why?: string; since: number }
  /** The session is for others alone, which are named. */
  | { kind: 'notChosen'; only: string[]; by: string }
  /** Its turn in a rollout; `of` as many steps as its variant takes in all. */
  | {
      kind: 'step'
      rollout: RolloutId
      role: string
      variant: string
      step: number
      of: number
      hold: StepHold
    }
  /** `max_failures`: who failed, or, while nobody succeeded yet, who is trying. */
  | { kind: 'failures'; failed: NodeRoleId[]; trying: NodeRoleId[]; most: number; variant: string }
  | { kind: 'window'; until: number }

/** `rollout-1`, `rollout-2`, ... in the order in which they began. */
export type RolloutId = string

/** What keeps the next step of a variant closed. */
export type StepHold =
  /** Those before it are on their way. */
  | { kind: 'underWay'; nodeRole: NodeRoleId }
  /** `silent`: its node has not answered since a run with the change came to it. */
  | { kind: 'failed'; nodeRole: NodeRoleId; silent: boolean; others: number; tolerated: number }
  | { kind: 'gate'; nodeRole: NodeRoleId; gate: string; found: string }
  /** `look`: it is active, and its check is on its way, or has found that it is not as it was left. */
  | {
      kind: 'dependant'
      nodeRole: NodeRoleId
      dependant: NodeRoleId
      state: State
      look?: 'underWay' | 'drifted' | 'unknown'
    }
  | { kind: 'soaking'; until: number }
  | { kind: 'approval' }
  /** None of those that could go first answers. */
  | { kind: 'absent'; nodeRole: NodeRoleId; others: number }

export interface NoRunner {
  kind: 'noRunner'
  node: string
  needs: RunnerLabels
  absent: RunnerAbsent[]
}
