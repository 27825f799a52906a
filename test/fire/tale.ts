// The tale of a fire: what was done when, said as it happens and kept, so that a failing run can be told again.
import { appendFileSync } from 'node:fs'

export interface Tale {
  say(text: string): void
  /** What should not have been; the fire goes on, and ends badly. */
  wrong(text: string): void
  count(what: string): void
  readonly wrongs: readonly string[]
  readonly counts: ReadonlyMap<string, number>
  /** Aborts when nothing new may begin. */
  readonly over: AbortSignal
  /** So long, or until it is over. */
  pause(ms: number): Promise<void>
}

export function newTale(file: string, over: AbortSignal, print: (line: string) => void): Tale {
  const began = performance.now()
  const wrongs: string[] = []
  const counts = new Map<string, number>()
  const say = (text: string): void => {
    const line = `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`
    appendFileSync(file, `${line}\n`)
    print(line)
  }
  return {
    say,
    wrong(text) {
      wrongs.push(text)
      say(`WRONG: ${text}`)
    },
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    wrongs,
    counts,
    over,
    pause: (ms) => pause(ms, over),
  }
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  if (over.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      over.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    over.addEventListener('abort', done)
  })
}
