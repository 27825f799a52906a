// The Desk interface: what runners elsewhere ask of the process that has the engine; the door has shown who they are.
import type { Answer } from '../model/refusal.ts'
import type { RunnerLabels } from '../model/runner.ts'
import type { BeatAsked, ClaimAsked, Claimed, ReportAsked, ReportTaken, Word } from '../model/runner-talk.ts'

/** Refused with `leaseOver` once the lease of that runner is over: nothing that it says counts any more. */
export interface Desk {
  /** Whether there is an engine behind it; without one it hands out nothing. */
  leads(): boolean
  /** It works from now on; an earlier lease of the same runner is over. */
  begin(newcomer: Newcomer): void
  /** Whose lease that is, by its token; a sign of life. */
  whoShows(token: string): { runner: string } | 'over' | undefined
  /** Waits for work until there is some, or until the signal. Asked again with the same number it is told the same. */
  claim(runner: string, asked: ClaimAsked, signal: AbortSignal): Promise<Answer<Claimed>>
  beat(runner: string, asked: BeatAsked): Answer<Word>
  /** What it does not hold is refused, one by one; logs that came with it are kept when it resolves. */
  report(runner: string, asked: ReportAsked): Promise<Answer<ReportTaken>>
  /** Only content that something which it holds refers to; `kept`: what the journal has. */
  content(
    runner: string,
    digest: string,
    kept: (digest: string) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined>
  /** Its lease is over: what it held is not known, what waited for it goes elsewhere. */
  lose(runner: string, why: string): void
}

/** Whoever has shown who it is. */
export interface Newcomer {
  runner: string
  labels: RunnerLabels
  slots: number
  version: string
  protocol: number
  /** An operator said so. */
  draining: boolean
  /** Digest of the token that it shows from now on. */
  key: string
}
