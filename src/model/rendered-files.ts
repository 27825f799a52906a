// Rendered files: what a node-role's files hold, as they would be written now and as the last success wrote them.
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from './names.ts'
import type { Role } from './role.ts'
import type { RunId } from './run.ts'

/** What files follow from: the same bytes come of the same role and inputs. */
export interface FilesBasis {
  role: Role
  inputs: Record<string, Json>
}

export interface FilesOrder {
  nodeRole: NodeRoleId
  /** Absent where it belongs to its deployment. */
  node?: string
  /** Absent where an input has no value now. */
  now?: FilesBasis
  /** Of the last success. */
  before?: FilesBasis
  /** Inputs that hold secrets, in either. */
  secret: readonly string[]
  /** Secrets are shown; else each stands as a blot. */
  clear: boolean
}

/** Blobs are those of the journal. */
export type ShowFiles = (
  order: FilesOrder,
  blob: (digest: string) => Promise<Uint8Array | undefined>,
  /** Nobody waits for it any more: what is not rendered by then is a problem of its own. */
  signal: AbortSignal,
) => Promise<ShownFiles>

export interface ShownFiles {
  files: FileView[]
  /** Why what would be written now cannot be shown. */
  problem?: string
}

export interface FilesView extends ShownFiles {
  nodeRole: NodeRoleId
  /** The last success, which the files are held against. */
  since?: { run: RunId; at: number }
  /** Inputs without a value: what would be written now is not known, and what was written last is shown. */
  unbound: string[]
  /** Inputs whose values do not stand in what is shown. */
  hidden: string[]
}

export interface FileView {
  path: string
  mode: string
  owner: string
  group: string
  /** Where its template or its bytes stand in the package. */
  from: string
  /** Held against the last success. `unknown`: what would be written now cannot be said. */
  change: 'new' | 'same' | 'changed' | 'gone' | 'unknown'
  /** As it would be written; of one that is gone or unknown as it was. */
  text?: string
  untold?: 'binary' | 'large'
  /** From the last success to now, as `diff -u` writes it. */
  diff?: string
  /** Mode, owner and group where they differ. */
  rights?: { before: string; now: string }
  /** What differs in it is not shown. */
  differsInSecrets?: true
}
