// Reading: questions put to the world as the journal has it now, read on from where the last question left it.
import { newWorld, type World } from '../annealer/world.ts'
import { JournalFault, type JournalReader, type JournalStore } from '../journal/journal.ts'
import type { Language } from '../model/language.ts'
import { type Answer, type Refusal, refuse } from '../model/refusal.ts'
import { catchUp, remember } from './memory.ts'

export class Reading {
  readonly #store: JournalStore
  readonly #language: Language
  #reading: { journal: JournalReader; world: World; seq: number } | undefined
  #asked: Promise<unknown> = Promise.resolve()

  constructor({ store, language }: { store: JournalStore; language: Language }) {
    this.#store = store
    this.#language = language
  }

  /** One after the other: two that read on from the same place would take in the same events twice. */
  ask<T>(question: (world: World) => Answer<T>): Promise<Answer<T>> {
    const asked = this.#asked.then(() => this.#answer(question))
    this.#asked = asked.catch(() => {})
    return asked
  }

  async close(): Promise<void> {
    await this.#asked
    await this.#forget()
  }

  async #answer<T>(question: (world: World) => Answer<T>): Promise<Answer<T>> {
    try {
      if (this.#reading) {
        this.#reading.seq = await catchUp(this.#reading.journal, this.#reading.world, this.#reading.seq)
      } else {
        const opened = await this.#store.openReader()
        if (!opened.ok) return opened
        const journal = opened.value
        this.#reading = { journal, world: newWorld(this.#language), seq: 0 }
        this.#reading = { journal, ...(await remember(journal, this.#language)) }
      }
      return question(this.#reading.world)
    } catch (error) {
      // What was read half is not read on.
      await this.#forget()
      return refuse(refusalOf(error))
    }
  }

  async #forget(): Promise<void> {
    const reading = this.#reading
    this.#reading = undefined
    await reading?.journal.close()
  }
}

/** Anything else is a mistake of ours, and goes on its way. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof JournalFault) return error.refusal
  throw error
}
