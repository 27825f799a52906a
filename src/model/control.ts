// Controls: what a person asks of a site while work may be under way, from whatever process; what came of it.
import type { UpResult } from './operations.ts'

/** Targets as an operator types them; none for `hold` and `release` is the whole site. */
export type Control =
  /** What is in flight ends, nothing new starts, and the process that anneals is over then. */
  | { kind: 'stop'; why?: string }
  | { kind: 'hold'; targets: string[]; why?: string }
  | { kind: 'release'; targets: string[]; why?: string }
  /** Node-roles alone; also the approval that a role marked `once` waits for. */
  | { kind: 'retry'; targets: string[]; why?: string }
  /** `only`: nothing else starts in this session. */
  | { kind: 'run'; targets: string[]; only: boolean; why?: string }
  /** The word for what waits for one; `variant`: only this one of a role that changes in steps. */
  | { kind: 'approve'; targets: string[]; variant?: string; why?: string }
  /** Runs, or parts of the site whose runs in flight are meant. */
  | { kind: 'cancel'; targets: string[]; why?: string }
  /** A proposal, as somebody has looked at it: on top of `onto`. `why`: its message from now on. */
  | { kind: 'commit'; revision: number; onto: number; why?: string }
  | { kind: 'discard'; revision: number; why?: string }

export const CONTROL_KINDS = [
  'stop',
  'hold',
  'release',
  'retry',
  'run',
  'approve',
  'cancel',
  'commit',
  'discard',
] as const satisfies Control['kind'][]

/** By whom a control was carried out: by the process that anneals already, or here. */
export interface Controlled {
  /** What it was about: scopes, node-roles, runs or revisions by their names. */
  names: string[]
  /** Marked `once` and run before: only its own name runs it again. */
  leftOut: string[]
  /** What the other process is, where there is one. */
  elsewhere?: string
  /** Where it was annealed to rest here. */
  result?: UpResult
}
