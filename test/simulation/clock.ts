// Virtual time: a line of things to come, one after the other, and the clocks that processes read of it.
import type { Clock } from '../../src/engine/clock.ts'
import { Heap } from '../../src/base/heap.ts'

interface Coming {
  at: number
  order: number
  what(): void
  cancelled: boolean
}

const BEGINNING = Date.UTC(2026, 0, 1)

export class VirtualTime {
  /** Milliseconds since the story began; never goes back. */
  elapsed = 0
  /** How far the clock on the wall is off. */
  skew = 0
  #orders = 0
  readonly #coming = new Heap<Coming>((a, b) => a.at - b.at || a.order - b.order)

  after(ms: number, what: () => void): () => void {
    const coming: Coming = { at: this.elapsed + ms, order: this.#orders++, what, cancelled: false }
    this.#coming.push(coming)
    return () => {
      coming.cancelled = true
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve))
  }

  wall(): number {
    return BEGINNING + this.elapsed + this.skew
  }

  /** Lets the next thing happen; false when nothing is to come. */
  step(): boolean {
    for (let next = this.#coming.pop(); next; next = this.#coming.pop()) {
      if (next.cancelled) continue
      this.elapsed = Math.max(this.elapsed, next.at)
      next.what()
      return true
    }
    return false
  }
}

/** As a process sees it, which dies: what was to wake it up then comes to nothing. Timers run on when the clock jumps. */
export function clockOf(time: VirtualTime, isAlive: () => boolean): Clock {
  return {
    now: () => time.wall(),
    wakeAt(at, wake) {
      return time.after(Math.max(0, at - time.wall()), () => {
        if (isAlive()) wake()
      })
    },
  }
}
