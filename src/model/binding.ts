// A binding: a node-role's inputs as resolved at one moment, with where each value came from.
import type { Digest } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from './names.ts'
import type { Since } from './provenance.ts'

export interface Binding {
  /** Of the role as committed and all bound inputs; equal to the last success means nothing to do. */
  digest: Digest
  inputs: Record<string, Json>
  origins: Record<string, Origin>
}

/** Where a bound value came from. */
export type Origin =
  | { kind: 'level'; level: ValueLevel; where: string }
  | { kind: 'fact'; node: string; path: string[] }
  | { kind: 'output'; nodeRole: NodeRoleId; output: string; run: RunOrigin }
  /** All members of a role in a deployment; the members stand by name so that a reader can follow them. */
  | { kind: 'outputs'; deployment: string; role: string; output: string; members: number; known: number }
  | { kind: 'expression'; expression: string; reads: string[] }
  | { kind: 'none' }

/** The id of a run, or `early`: known before any. */
export type RunOrigin = string

/** DESIGN 5: where an operator's value may stand, lowest to highest. */
export type ValueLevel =
  | 'role default'
  | 'package default'
  | 'parent deployment'
  | 'deployment'
  | 'placement'
  | 'label group'
  | 'node hint'
  | 'override'

/** Lowest first. What gives no value now says why, and where it came from once it does is not known. */
export interface Candidate {
  origin?: Origin
  value?: Json
  unbound?: Unbound
  wins: boolean
  /** What made it what it is. */
  since?: Since
}

/** Why an input has no value now. */
export type Unbound =
  | { kind: 'noValue' }
  | { kind: 'factAbsent'; node: string; path: string[] }
  | { kind: 'outputUnknown'; nodeRole: NodeRoleId; output: string }
  /** Of a group: these are missing (at most a handful are named), `needed` in all. */
  | {
      kind: 'outputsUnknown'
      missing: NodeRoleId[]
      missingCount: number
      output: string
      needed: number
      known: number
    }
  | { kind: 'nobodyProvides'; role: string; output: string }
  | { kind: 'ambiguous'; role: string; output: string; candidates: NodeRoleId[] }
  | { kind: 'expressionFailed'; expression: string; message: string }
  | { kind: 'inputUnbound'; input: string }
  | { kind: 'breaksSchema'; message: string; from: Origin }
