// Following a journal that another server writes: the world read once, then moved on as events come, each told as a turn.
import { takeIn } from '../annealer/turn.ts'
import type { World } from '../annealer/world.ts'
import type { JournalReader } from '../journal/journal.ts'
import type { Language } from '../model/language.ts'
import type { Recorded } from '../model/event.ts'
import { remember, type Remembered } from './memory.ts'

/** Of others' turns that came together. */
export interface FollowedTurn {
  made: ReturnType<typeof takeIn>
  first: number
  head: number
}

export class Following {
  readonly #journal: JournalReader
  readonly #remembered: Remembered
  #moving: Promise<void> = Promise.resolve()

  static async begin(journal: JournalReader, language: Language): Promise<Following> {
    return new Following(journal, await remember(journal, language))
  }

  private constructor(journal: JournalReader, remembered: Remembered) {
    this.#journal = journal
    this.#remembered = remembered
  }

  get world(): World {
    return this.#remembered.world
  }

  get head(): number {
    return this.#remembered.seq
  }

  /** Takes in what there is by now; rejects with `JournalFault`. One after the other, each sees all that came before it. */
  moveOn(tell: (turn: FollowedTurn) => void): Promise<void> {
    const moved = this.#moving.then(() => this.#moveOn(tell))
    this.#moving = moved.catch(() => {})
    return moved
  }

  /** With what it knows somebody may go on who has the lock now; nothing is followed any more. */
  end(): Remembered {
    this.#moving = Promise.reject(new Error('it is followed no more'))
    this.#moving.catch(() => {})
    return this.#remembered
  }

  async #moveOn(tell: (turn: FollowedTurn) => void): Promise<void> {
    for await (const batch of this.#journal.events(this.#remembered.seq)) {
      for (const together of byTime(batch)) {
        const head = (together.at(-1) as Recorded).seq
        const made = takeIn(this.world, together)
        this.#remembered.seq = head
        this.#remembered.sinceSnapshot += together.length
        tell({ made, first: head - together.length + 1, head })
      }
    }
  }
}

/** What happened at one time is told at one time. */
function byTime(batch: readonly Recorded[]): Recorded[][] {
  const parts: Recorded[][] = []
  for (const recorded of batch) {
    const last = parts.at(-1)
    if (last?.[0]?.at === recorded.at) last.push(recorded)
    else parts.push([recorded])
  }
  return parts
}
