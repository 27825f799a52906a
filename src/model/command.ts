// Commands: what people, runners and the clock ask of the annealer. Imperative; each may be refused.
import type { TokenRequest } from './access.ts'
import type { AuditNote } from './audit.ts'
import type { CheckId, CheckOutcome } from './drift.ts'
import type { SessionLimit } from './event.ts'
import type { ExecId, ExecOutcome } from './exec.ts'
import type { NodeRoleId } from './names.ts'
import type { RevisionCause } from './revision-cause.ts'
import type { RinseId } from './rinse.ts'
import type { ContactOutcome, RunId, RunOutcome } from './run.ts'
import type { InviteRequest } from './runner.ts'
import type { Scope } from './scope.ts'
import type { Site } from './site.ts'

export type Command =
  /** `stays`: it goes on after rest, and looks for drift on schedule. */
  | { kind: 'startSession'; by: string; stays?: boolean; only?: SessionLimit }
  | { kind: 'proposeRevision'; site: Site; author: string; message: string; cause?: RevisionCause }
  /** Refused when the head of the timeline is not `onto` any more. */
  | { kind: 'commitRevision'; revision: number; onto: number; author: string; message: string }
  | { kind: 'discardRevision'; revision: number; author: string }
  /** Proposes the target of an earlier revision again; what happened stays as it was. */
  | { kind: 'rollbackRevision'; revision: number; author: string; message: string }
  | { kind: 'reportContact'; node: string; outcome: ContactOutcome }
  /** The connection to a node ended while nothing ran on it; it will be contacted again when needed. */
  | { kind: 'reportConnectionLost'; node: string }
  | { kind: 'reportRun'; run: RunId; token: number; outcome: RunOutcome }
  | { kind: 'retryNodeRole'; nodeRole: NodeRoleId; by: string; why?: string }
  /** Removes these in reverse order and applies them afresh; destructive ones only with `once`, the operator's approval. */
  | { kind: 'rinse'; nodeRoles: NodeRoleId[]; once: boolean; by: string; why?: string }
  | { kind: 'cancelRinse'; rinse: RinseId; by: string; why?: string }
  /** The word for what waits for one: node-roles, or the next steps of roles (of one variant where it is named). */
  | { kind: 'approve'; scope: Scope; variant?: string; by: string; why?: string }
  /** Looks for drift now, once in this session; without `nodeRoles` everywhere. */
  | { kind: 'askCheck'; by: string; nodeRoles?: NodeRoleId[] }
  | { kind: 'reportCheck'; check: CheckId; token: number; node: string; outcome: CheckOutcome }
  | { kind: 'setAvailable'; node: string; available: boolean; by: string; why?: string }
  | { kind: 'forgetNode'; node: string; by: string }
  /** Nothing of it starts until it is released; what is in flight goes on. */
  | { kind: 'hold'; scope: Scope; by: string; why?: string }
  | { kind: 'release'; scope: Scope; by: string; why?: string }
  /** Nothing else starts until the session ends. */
  | { kind: 'chooseOnly'; only: Scope[]; by: string }
  /** It ends, and its node-role does not start again by itself. */
  | { kind: 'cancelRun'; run: RunId; by: string; why?: string }
  /** An ad-hoc command on nodes, past all roles. */
  | {
      kind: 'startExec'
      argv: string[]
      become: boolean
      selection: string
      nodes: string[]
      by: string
      why?: string
    }
  | { kind: 'finishExec'; exec: ExecId; node: string; outcome: ExecOutcome }
  /** Nothing new is claimed until the session ends; what is in flight finishes. */
  | { kind: 'stopClaiming'; by: string }
  | ({ kind: 'issueToken' } & TokenRequest)
  /** It was shown by somebody: remembered once an hour. */
  | { kind: 'useToken'; token: string }
  | { kind: 'revokeToken'; token: string; by: string; why?: string }
  | ({ kind: 'inviteRunner' } & InviteRequest)
  /** By the hash of its one-time token. */
  | { kind: 'enrolRunner'; runner: string; hash: string; key: string }
  /** It has shown who it is, and takes work from now on. */
  | { kind: 'reportRunnerHere'; runner: string; slots: number; version: string }
  | { kind: 'reportRunnerGone'; runner: string; why: string }
  | { kind: 'drainRunner' | 'resumeRunner' | 'revokeRunner'; runner: string; by: string; why?: string }
  | ({ kind: 'auditRequest' } & AuditNote)
  /** Time has passed; something that waited for it may be due. */
  | { kind: 'tick' }
