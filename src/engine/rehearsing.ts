// Rehearsing beside a live engine: by somebody who reads the journal, where there is one, so that no turn waits for it.
import type { RehearsalReport, RehearsalRequest } from '../model/rehearsal.ts'
import type { Answer } from '../model/refusal.ts'
import { rehearse } from '../rehearsal/rehearse.ts'
import type { Clock } from './clock.ts'
import type { Ask } from './questions.ts'

export type Rehearse = (request: RehearsalRequest) => Promise<Answer<RehearsalReport>>

/** One after the other: each has a world of its own in memory. */
export function rehearsing(ask: Ask, clock: Clock, aside: Rehearse | undefined): Rehearse {
  const once: Rehearse = aside ?? ((request) => ask((world) => rehearse(world, request, clock.now())))
  let last: Promise<unknown> = Promise.resolve()
  return (request) => {
    const next = last.then(() => once(request))
    last = next.catch(() => {})
    return next
  }
}
