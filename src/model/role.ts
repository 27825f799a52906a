// A role: one capability, with what it requires, its inputs and outputs, its files and its actions.
import type { Digest } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import type { DriftSpec } from './drift.ts'

export interface Role {
  name: string
  /** Where it comes from, `name@version`. */
  package: string
  summary: string
  /** `node`: one node-role per member node. `deployment`: one for the deployment, run where a runner is. */
  per: 'node' | 'deployment'
  driver: 'script' | 'simulated'
  requires: Requirement[]
  /** Roles that go first where both are there; orders, brings nothing in. */
  after: string[]
  /** Other names that this role answers to. */
  provides: string[]
  conflicts: string[]
  /** Destructive: never runs twice without an operator's approval. */
  once: boolean
  /** May run beside other runs of its node. */
  parallel: boolean
  /** Whether its scripts run as root, by sudo where the login is not root. */
  become: boolean
  inputs: Record<string, InputSpec>
  outputs: Record<string, OutputSpec>
  /** By absolute path on the node; written before `apply` runs, removed by `remove` scripts, never by themselves. */
  files: Record<string, FileSpec>
  /** No `apply`: a milestone, active when what it requires is. */
  apply?: ContentRef
  check?: ContentRef
  remove?: ContentRef
  locks: LockSpec[]
  retry: RetrySpec
  deadlineMs: number
  /** How drift is met changes nothing of what is asked for, so it is not in the digest. */
  drift?: DriftSpec
  /** Over everything else above and the bytes that it refers to. */
  digest: Digest
}

export type ActionName = 'apply' | 'check' | 'remove'

export interface Requirement {
  role: string
  /** `node`: on the same node, brought in when missing. `deployment`: in the nearest enclosing deployment that has it. */
  of: 'node' | 'deployment'
}

export interface InputSpec {
  /** JSON Schema 2020-12. */
  schema: Json
  sensitive: boolean
  /** Null when nothing gives a value; without it such an input is unbound. */
  optional: boolean
  default?: Json
  /** Bound inputs come from here alone (`default` stands in when a fact is absent). */
  source?: InputSource
}

export type InputSource =
  | { kind: 'fact'; path: string[] }
  | { kind: 'output'; role: string; output: string; take: Take; wait: Wait; select?: string }
  /** CEL over `inputs`, `node`, `deployment`. */
  | { kind: 'value'; expression: string }

/** `one`: the value itself. `all`: a list in the order of node names. `map`: by node name. */
export type Take = 'one' | 'all' | 'map'
/** How many sources must be known before the input is bound. */
export type Wait = 'all' | 'known' | number

export interface OutputSpec {
  schema: Json
  sensitive: boolean
  /** CEL over `inputs`, `node`, `deployment`: makes it early, known before any run. */
  value?: string
  /** A measurement: another one with each run, for gates and people; no input reads it. */
  measured?: true
}

export interface FileSpec {
  /** A Jinja template over `inputs`, `node.name`, `deployment.name` and `role`, or bytes as they are. */
  kind: 'template' | 'file'
  content: ContentRef
  /** Octal, e.g. `0644`. */
  mode: string
  owner: string
  group: string
}

/** Bytes by digest; `path` is where they stood in the package, for messages. */
export interface ContentRef {
  path: string
  digest: Digest
}

export interface LockSpec {
  of: 'node' | 'deployment' | 'site'
  name: string
  capacity: number
}

export interface RetrySpec {
  /** In all, the first one included. */
  attempts: number
  /** Before the second attempt; doubles from there. */
  backoffMs: number
}
