// The Sink interface: something outside that is told each turn, and that no turn waits for.
import type { ServedTurn } from '../engine/serving.ts'

export interface Sink {
  take(turn: ServedTurn): void
  /** Sends what it still has, for a bounded time. */
  close(): Promise<void>
}
