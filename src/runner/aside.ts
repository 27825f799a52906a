// An aside: what a person asked of a node beside the engine's work, and how they hear of it.
import type { ExecEnd } from '../model/exec.ts'
import type { PieceKeeper } from './in-order.ts'
import type { Report } from './runner.ts'

export interface Aside {
  /** Exactly once. */
  report(ended: Ended): void
  notice(message: string): void
  /** What it refers to: nothing of it need stand in the journal. */
  content?(digest: string): Promise<Uint8Array | undefined>
  /** What it prints. */
  printed?: PieceKeeper
}

/** What came of something: a report for the engine, or the end of a command on one node. */
export type Ended = Report | { kind: 'execEnded'; outcome: ExecEnd }
