// Moments: points of a site's past that can be looked at, and how one is refused that there was not.
import type { Refusal } from './refusal.ts'

/** As it was after this event; or after the last one until then, in milliseconds since the epoch. */
export type Moment = { event: number } | { time: number }

/** What a view of the past contains. */
export interface Then {
  /** The last event; 0 before the first. */
  seq: number
  /** When that was; absent before the first. */
  at?: number
}

export function unknownEvent(event: number, last: number): Refusal {
  return { code: 'unknownEvent', message: `there is no event ${event} yet: the last one is ${last}` }
}
