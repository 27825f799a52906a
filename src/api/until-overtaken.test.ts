// Until overtaken: what was handed to a silent server is given up when another one anneals, and to no other one is.
import { expect, test, vi } from 'vitest'
import type { Serving } from '../engine/serving.ts'
import { untilOvertaken } from './until-overtaken.ts'

const SILENCE = { heldMs: 1, forMs: 6_000, patienceMs: 6_000 }
const first = { url: 'http://one', key: 'key' }
const second = { url: 'http://two', key: 'key' }

function watched(states: ReturnType<NonNullable<Serving['standby']>>[]): boolean {
  vi.useFakeTimers()
  try {
    let now = states[0]
    const { signal, end } = untilOvertaken({ standby: () => now } as Serving, first.url)
    for (const state of states) {
      now = state
      vi.advanceTimersByTime(1_000)
    }
    end()
    expect(vi.getTimerCount()).toBe(0)
    return signal.aborted
  } finally {
    vi.useRealTimers()
  }
}

test('a silent one that is overtaken, by another one or by this one, is not waited for', () => {
  expect(watched([{ active: first }, { active: first, silent: SILENCE }, { active: second }])).toBe(true)
  expect(watched([{ active: first, silent: SILENCE }, undefined])).toBe(true)
})

test('one that was not silent says the last of its answers, and so does one that wakes up', () => {
  expect(watched([{ active: first }, { active: second }])).toBe(false)
  expect(watched([{ active: first, silent: SILENCE }, { active: first }, { active: second }])).toBe(false)
})
