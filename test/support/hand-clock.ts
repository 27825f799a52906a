// A clock that a test moves by hand.
import type { Clock } from '../../src/engine/clock.ts'

export interface HandClock extends Clock {
  advance(ms: number): void
}

export function handClock(at: number): HandClock {
  let now = at
  const alarms = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    wakeAt(when, wake) {
      const alarm = { at: when, wake }
      alarms.add(alarm)
      return () => alarms.delete(alarm)
    },
    advance(ms) {
      now += ms
      for (const alarm of [...alarms].filter(({ at: due }) => due <= now).sort((a, b) => a.at - b.at))
        if (alarms.delete(alarm)) alarm.wake()
    },
  }
}
