// Drift: what a node was found to have otherwise than its last success left it, and what is done about it.
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from './names.ts'
import type { Reason, State } from './reason.ts'
import type { Role } from './role.ts'
import type { NodeAddress, NodeFault } from './run.ts'
import type { FileAspect } from './work.ts'

export type DriftPolicy = 'repair' | 'report' | 'off'

/** As a role, a deployment or a placement says it; what one does not say, the next farther one does. */
export interface DriftSpec {
  policy?: DriftPolicy
  everyMs?: number
  /** Globs of file paths whose difference is no drift: `*` within one part of a path, `**` across parts. */
  allow?: string[]
}

/** `check-1`, `check-2`, ... in the order of their beginnings. */
export type CheckId = string

/** One difference between what is and what was asked for. */
export type Difference =
  | {
      kind: 'file'
      path: string
      differs: FileAspect[]
      /** Mode, owner and group as they should be and as they are, where one of them differs. */
      rights?: { wanted: string; found: string }
      /** The lines that differ, from wanted to found, as `diff -u` shows them; secrets blotted out. */
      diff?: string
      /** Why there is no `diff` although the content differs. */
      untold?: 'binary' | 'large' | 'link' | 'unreadable'
    }
  /** `check` said no; its last lines. */
  | { kind: 'check'; message: string; tail: string }

/** What a check says of one node-role. */
export type Finding =
  | { nodeRole: NodeRoleId; found: 'asAsked' }
  | { nodeRole: NodeRoleId; found: 'drifted'; differences: Difference[] }
  /** It could not be told: the script did not get to an end, or a template does not render. */
  | { nodeRole: NodeRoleId; found: 'unknown'; message: string; fault?: NodeFault }

/** Kept of a node-role until a check finds it as asked, or it succeeds again. */
export interface Drift {
  check: CheckId
  since: number
  differences: Difference[]
}

/** All node-roles of one node that are to be looked at, in one round trip. */
export interface CheckOrder {
  check: CheckId
  /** Fences, as that of a run. */
  token: number
  node: NodeAddress
  /** Which way differences of files read: from wanted to found, or what would become of what is found. */
  shows: 'drift' | 'change'
  parts: CheckPart[]
}

export interface CheckPart {
  nodeRole: NodeRoleId
  role: Role
  inputs: Record<string, Json>
  sensitive: string[]
  references: string[]
  deadlineMs: number
  allow: string[]
}

export type CheckOutcome =
  | { result: 'done'; findings: Finding[]; durationMs: number }
  | { result: 'fault'; fault: NodeFault; durationMs: number }

/** Why a node-role was not looked at. */
export type Unchecked =
  | { kind: 'nothingToCheck' }
  | { kind: 'off' }
  | { kind: 'notActive'; state: State; reason: Reason }
  | { kind: 'lost'; message: string }

/** What is told of one node-role to who asks about drift. */
export type DriftView = { policy: DriftPolicy } & (
  | Finding
  | { nodeRole: NodeRoleId; found: 'unchecked'; unchecked: Unchecked }
)
