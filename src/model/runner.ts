// Runners on other machines: who they are, which nodes are theirs, and how they stand.
import type { Digest } from '../base/digest.ts'
import type { Answer } from './refusal.ts'

/** Label -> value; of a runner what the operator said of it, of a node what a runner must have. None: any runner. */
export type RunnerLabels = Record<string, string>

/** `here`: it works in this session of the server. `away`: it was lost, went, or has not come back yet. */
export type RunnerState = 'invited' | 'here' | 'draining' | 'away' | 'revoked'

/** Moments in milliseconds since the epoch. */
export interface RunnerView {
  runner: string
  labels: RunnerLabels
  state: RunnerState
  invitedBy: string
  invitedAt: number
  /** Until when its one-time token is good; absent once it was used. */
  inviteEndsAt?: number
  enrolledAt?: number
  /** What it said when it came last. */
  slots?: number
  version?: string
  /** When it came or went last, and why it went. */
  since?: number
  why?: string
  drained?: { by: string; at: number; why?: string }
  revoked?: { by: string; at: number; why?: string }
}

export interface InviteRequest {
  runner: string
  labels: RunnerLabels
  /** SHA-256 of the one-time token, in hex: the token itself never comes here. */
  hash: Digest
  endsAt: number
  by: string
  why?: string
}

/** What doors ask of runners; part of `Operations`. */
export interface RunnerOperations {
  /** By name. */
  list(): Promise<Answer<RunnerView[]>>
  /** One that is known by that name already gets a new identity once the token is used. */
  invite(request: InviteRequest): Promise<Answer<RunnerView>>
  /** Shows the one-time token, by its hash, and the public key of the identity that it has from then on. */
  enrol(runner: string, hash: Digest, key: string): Promise<Answer<RunnerView>>
  /** It takes nothing new; `resume` lets it again. */
  drain(runner: string, by: string, why?: string): Promise<Answer<RunnerView>>
  resume(runner: string, by: string, why?: string): Promise<Answer<RunnerView>>
  /** Its identity is good for nothing from now on, and what it holds is taken from it. */
  revoke(runner: string, by: string, why?: string): Promise<Answer<RunnerView>>
}

/** Of a runner that would do for a node, and cannot now. */
export interface RunnerAbsent {
  runner: string
  is: Exclude<RunnerState, 'here' | 'revoked'>
}

/** All labels that are needed, with these values. */
export function fitsRunner(needs: RunnerLabels, labels: RunnerLabels): boolean {
  return Object.entries(needs).every(
    ([label, value]) => Object.hasOwn(labels, label) && labels[label] === value,
  )
}
