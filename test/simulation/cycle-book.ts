// The book of cycles, by the events alone: one at a time, and nothing runs outside of one.
import type { Event } from '../../src/model/event.ts'

export class CycleBook {
  #count = 0
  #open = false

  hear(event: Event): string | undefined {
    switch (event.kind) {
      case 'cycleBegan': {
        const wrong = this.#open || event.cycle !== this.#count + 1
        this.#open = true
        this.#count = event.cycle
        return wrong ? `cycle ${event.cycle} begins at the wrong time` : undefined
      }
      case 'cycleEnded': {
        const wrong = !this.#open || event.cycle !== this.#count
        this.#open = false
        return wrong ? `cycle ${event.cycle} ends at the wrong time` : undefined
      }
      case 'runStarted':
      case 'runFinished':
      case 'runLost':
        return this.#open ? undefined : `${event.kind} ${event.run} is of no cycle`
      default:
        return undefined
    }
  }
}
