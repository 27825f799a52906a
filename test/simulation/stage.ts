// The stage: what everything that plays in a story shares, and the only way in which it speaks.
import type { VirtualTime } from './clock.ts'
import type { Violation } from './violation.ts'

export interface Stage {
  readonly seed: number
  readonly time: VirtualTime
  /** Values that nobody outside may ever see. */
  readonly secrets: Set<string>
  /** A line of the story. */
  tell(line: string): void
  /** The first one ends the story. */
  broken(violation: Violation): void
}
