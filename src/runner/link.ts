// The Link interface: how a runner speaks with its server; each word is answered, refused, or nobody was there.
import type { Answer } from '../model/refusal.ts'
import type {
  BeatAsked,
  Claimed,
  ClaimAsked,
  EnrolAsked,
  Enrolled,
  LeaseAsked,
  LeaseGiven,
  ReportAsked,
  ReportTaken,
  Word,
} from '../model/runner-talk.ts'

/** Never rejects; `noServer` where nobody answers in time. */
export interface Link {
  enrol(asked: Omit<EnrolAsked, 'protocol'>): Promise<Answer<Enrolled>>
  challenge(runner: string): Promise<Answer<{ challenge: string }>>
  lease(asked: Omit<LeaseAsked, 'protocol'>): Promise<Answer<LeaseGiven>>
  /** With the token of a lease. */
  shown(token: string): ShownLink
  /** Whether another server of the site anneals than the one that was asked last; it is asked from then on. */
  isLedElsewhere(runner: string): Promise<boolean>
}

export interface ShownLink {
  /** Waits over there for work; aborting ends the waiting. */
  claim(asked: ClaimAsked, signal: AbortSignal): Promise<Answer<Claimed>>
  beat(asked: BeatAsked, patienceMs: number): Promise<Answer<Word>>
  report(asked: ReportAsked): Promise<Answer<ReportTaken>>
  content(digest: string): Promise<Answer<Uint8Array>>
  leave(): Promise<Answer<Word>>
}
