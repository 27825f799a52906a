// A run: one attempt of a node-role. What is ordered, what came of it.
import type { Json, JsonObject } from '../base/json.ts'
import type { NodeRoleId } from './names.ts'
import type { Role } from './role.ts'
import type { RunnerLabels } from './runner.ts'
import type { TransportSpec } from './site.ts'

/** `run-1`, `run-2`, ... in the order of their claims. */
export type RunId = string

export type RunAction = 'apply' | 'check' | 'remove'

/** What a runner needs to carry out one run; nothing else of the site travels. */
export interface RunOrder {
  run: RunId
  /** Fences: a report with another token than the run in flight has is refused. */
  token: number
  nodeRole: NodeRoleId
  action: RunAction
  /** Where; absent for roles that are `per: deployment`, which run where the runner is. */
  node?: NodeAddress
  role: Role
  inputs: Record<string, Json>
  /** Where the values of sensitive inputs stand, to be kept out of transcripts. */
  sensitive: string[]
  /** Inputs that stand for a secret kept elsewhere, to be brought by whoever carries the run out. */
  references: string[]
  deadlineMs: number
}

export interface NodeAddress {
  name: string
  transport: TransportSpec
  /** Labels of a runner that must carry out what is for it; absent: whoever asks does it himself. */
  runner?: RunnerLabels
}

/** ok: done as asked. failed: it ran and said no. fault: the world did not let it finish. */
export type RunOutcome =
  | {
      result: 'ok'
      /** Whether the script said `changed`; absent when it said nothing. */
      changed?: boolean
      outputs: JsonObject
      /** Paths of files that were written because they differed. */
      filesChanged: string[]
      durationMs: number
    }
  | {
      result: 'failed'
      exit?: number
      message: string
      /** The last lines of stderr and stdout, terminal escapes taken out. */
      tail: string
      /** False when another attempt with the same binding cannot help (a template that does not render). */
      retry: boolean
      durationMs: number
    }
  | { result: 'fault'; fault: NodeFault; durationMs: number }

/** What the world does to us on the way to a node. */
export interface NodeFault {
  code: NodeFaultCode
  /** One sentence for an operator. */
  message: string
  /** What to do about it, where we know. */
  advice?: string
  /**
   * True: it may be over in a moment, so the node is looked at once more before rest is called. False: another look would
   * only cost as much again, as with a node that was silent for a whole timeout. Absent: there is no telling from here.
   */
  passing?: boolean
}

/** Whether the node is held to be not alive after it, and whether the run may have happened. */
export const NODE_FAULTS = {
  unreachable: { nodeLost: true, mayHaveRun: false },
  hostKeyUnknown: { nodeLost: true, mayHaveRun: false },
  hostKeyChanged: { nodeLost: true, mayHaveRun: false },
  accessDenied: { nodeLost: true, mayHaveRun: false },
  noSudo: { nodeLost: false, mayHaveRun: false },
  noShell: { nodeLost: true, mayHaveRun: false },
  connectionLost: { nodeLost: false, mayHaveRun: true },
  /** The runner that had it did not come back in time. */
  runnerLost: { nodeLost: false, mayHaveRun: true },
  /** No runner took it, so it goes back to where it was. */
  notHandedOut: { nodeLost: false, mayHaveRun: false },
  deadline: { nodeLost: false, mayHaveRun: true },
  cancelled: { nodeLost: false, mayHaveRun: true },
  diskFull: { nodeLost: false, mayHaveRun: false },
  secretUnresolved: { nodeLost: false, mayHaveRun: false },
  garbled: { nodeLost: false, mayHaveRun: true },
  internal: { nodeLost: false, mayHaveRun: true },
} as const
export type NodeFaultCode = keyof typeof NODE_FAULTS

/** What a first look at a node brought. `durationMs`: the login and the facts, without the wait for its turn. */
export type ContactOutcome =
  | { result: 'reached'; facts: JsonObject; durationMs?: number }
  | { result: 'fault'; fault: NodeFault }

/** Nodes that a runner contacts at the same time; the others wait for their turn. */
export const LOGINS_AT_ONCE = 16
