// Turns that follow from a seed and a number, so that a test can tell what a killed process must have written.
import { digestOfBytes } from '../../src/base/digest.ts'
import type { Event } from '../../src/model/event.ts'

/** 1 to 9 events, now and then 1,500. */
export function turnOf(seed: number, number: number): Event[] {
  const random = Number.parseInt(digestOfBytes(`${seed} ${number}`).slice(0, 8), 16)
  const size = random % 50 === 0 ? 1_500 : 1 + (random % 9)
  return Array.from({ length: size }, (_, i) => {
    return {
      kind: 'factsChanged',
      node: `n${i}`,
      facts: { seed, number, i, text: 'x'.repeat((random + i) % 200) },
    }
  })
}
