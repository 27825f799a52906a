// Provenance: what a value goes back to, and all that a value goes into, as data.
import type { Json } from '../base/json.ts'
import type { ValueLevel } from './binding.ts'
import type { NodeRoleId } from './names.ts'
import type { Take } from './role.ts'
import type { RunId } from './run.ts'

/** The revision that made an operator's value what it is, or the run that first said an output's. */
export type Since =
  | { kind: 'revision'; revision: number; author: string; at: number }
  /** `at`: when the run ended; absent where it was too long ago to be kept. */
  | { kind: 'run'; run: RunId; at?: number }

/** A value at one place. */
export type Thing =
  | { kind: 'fact'; node: string; path: string[] }
  | { kind: 'given'; level: ValueLevel; where: string; role: string; input: string }
  | { kind: 'input'; nodeRole: NodeRoleId; input: string }
  | { kind: 'output'; nodeRole: NodeRoleId; output: string }
  /** The same input of all members, met before: they stand elsewhere in the same tree. */
  | { kind: 'inputs'; deployment: string; role: string; input: string; count: number }

/** How a value came from the one above it. */
export type How =
  | { kind: 'fact' }
  | { kind: 'given'; wins: true }
  /** Another value was given at a higher level. */
  | { kind: 'given'; wins: false; beatenBy: ValueLevel }
  | { kind: 'output'; take: Take; select?: string }
  | { kind: 'expression'; expression: string }
  | { kind: 'early'; expression: string }
  /** What a run says may rest on everything that it was given. */
  | { kind: 'run' }

/** Whether a run had this value, or said it; `would`: none has. `never`: its role has nothing to run. */
export type Reached =
  | { kind: 'ran'; run: RunId }
  | { kind: 'runs'; run: RunId }
  | { kind: 'would' }
  | { kind: 'never' }

export interface TraceStep {
  thing: Thing
  /** Absent at the root of a tree. */
  how?: How
  /** Absent where there is none, or it is sensitive. */
  value?: Json
  sensitive: boolean
  /** Of inputs and of outputs that a run says. */
  reached?: Reached
  to: TraceStep[]
  /** Steps right below this one that are left out, and all that stands behind those. */
  left: { steps: number; behind: number }
}

export interface TraceView {
  roots: TraceStep[]
  /** Roots that are left out. */
  left: number
  /** Of everything that was reached, also of what is left out. */
  counts: { inputs: number; outputs: number; nodeRoles: number }
}
