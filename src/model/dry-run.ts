// A dry run: what a difference would change on the nodes, found by looking at them and writing nothing.
import type { Unbound } from './binding.ts'
import type { Finding } from './drift.ts'
import type { NodeRoleId } from './names.ts'
import type { NoRunner } from './reason.ts'
import type { NodeFault } from './run.ts'
import type { Diff } from './view.ts'

/** Why a change can not be looked at before it is committed. */
export type Unlooked = { nodeRole: NodeRoleId } & WhyUnlooked

export type WhyUnlooked =
  | { why: 'leaves' }
  | { why: 'nothingToCheck' }
  | { why: 'notAvailable' }
  /** Its node is for a runner elsewhere, and none that would do is here. */
  | { why: 'noRunner'; reason: NoRunner }
  | { why: 'inputUnbound'; input: string; unbound: Unbound }
  | { why: 'fault'; fault: NodeFault }

export interface DryRunReport {
  diff: Diff
  /** By name; `asAsked`: it would run and find everything in place. */
  findings: Finding[]
  unlooked: Unlooked[]
}
