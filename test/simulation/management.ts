// Management: how people run the site of a story, by a server that stays or by commands that come and go.
import type { World } from '../../src/annealer/world.ts'
import type { Language } from '../../src/model/language.ts'
import type { Reason, State } from '../../src/model/reason.ts'
import type { RinseSize } from '../support/rinses.ts'
import type { ScopeSize } from '../support/scopes.ts'
import type { Disk } from './disk.ts'
import type { Model } from './model.ts'
import type { Post } from './post.ts'
import type { RunnerSurroundings } from './runner.ts'
import type { Change } from './sites.ts'

export interface Management {
  begin(): void
  // What operators do; an answer may come, be a refusal, or never come.
  commit(change: Change): void
  propose(change: Change): void
  /** The files as they were before the last edit, committed. */
  takeBack(): void
  commitProposal(which: number): void
  discard(which: number): void
  /** Proposes an earlier revision again, and commits that. */
  rollBack(which: number): void
  retry(which: number): void
  rinse(which: number, size: RinseSize, once: boolean): void
  hold(word: 'hold' | 'release', which: number, size: ScopeSize): void
  approve(which: number, size: ScopeSize): void
  /** A session for this alone. */
  only(which: number, size: ScopeSize): void
  cancel(which: number): void
  /** Looks for drift on all machines; with `repair` it is repaired where that is asked for by name, too. */
  lookForDrift(repair: boolean): Promise<void>
  exec(which: number): void
  setAvailable(node: string, available: boolean): void
  forget(node: string): void
  interrupt(): void
  // What happens to processes.
  kill(): void
  stop(): void
  loseRunner(): void
  forgeReport(which: number, token: number): void
  /** After the trouble: what is committed is what the files say, and what waits for a word gets it. Whether anything was to do. */
  tidyUp(): Promise<boolean>
  /** When nothing is to come any more: throws a violation where something still waits. */
  expectRest(): Promise<void>
  /** Live with replayed, follower with fresh, all with all. */
  compare(): Promise<void>
  /** As it stands in the end. */
  world(): Promise<World | undefined>
  /** Nodes that were forgotten unreached: what is left on them is nobody's. */
  readonly forgotten: ReadonlySet<string>
}

export interface Ground extends RunnerSurroundings {
  disk: Disk
  model: Model
  post: Post
  language: Language
  snapshotEvery: number
  snapshotAtOnce: number
  mistake(error: unknown): void
}

/** Nothing more comes of it before somebody has looked at it and asks for it by name. */
export function waitsForAWord({ state, reason }: { state: State; reason: Reason }): boolean {
  const isLeft = reason.kind === 'drifted' || (reason.kind === 'waits' && reason.wait.kind === 'approval')
  return state === 'error' || isLeft
}

/** Others failed; it goes on when they are seen to, or somebody says that it may all the same. */
export function waitsForOthers({ reason }: { reason: Reason }): boolean {
  return reason.kind === 'waits' && reason.wait.kind === 'failures'
}

/** Nobody failed; it goes on when somebody says that it may, or comes again when its window is open. */
export function waitsForALeave({ reason }: { reason: Reason }): boolean {
  if (reason.kind !== 'waits') return false
  const { wait } = reason
  return wait.kind === 'window' || (wait.kind === 'step' && wait.hold.kind === 'approval')
}
