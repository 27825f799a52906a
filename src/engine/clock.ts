// The Clock interface: the only source of time for the engine, so that a simulation can be one too.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once when `at` is reached; the answer takes that back. */
  wakeAt(at: number, wake: () => void): () => void
}

/** Node's timers hold 31 bits of milliseconds; a wake-up that far away is asked for again on the way. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  wakeAt(at, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}
