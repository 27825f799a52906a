// Worlds of the past: the journal taken in from its beginning up to an event, in small steps, so that others go on meanwhile.
import { newWorld, type World } from '../annealer/world.ts'
import { replay, settleSome } from '../annealer/turn.ts'
import type { Serving } from '../engine/serving.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'

interface Cursor {
  world: World
  seq: number
  /** When its last event was; absent before the first. */
  at: number | undefined
}

/** So many node-roles are looked at before others have their turn. */
const SLICE = 1_000
/** A world that nobody asks for any more is let go. */
const KEPT_MS = 60_000

/**
 * One world at a time: who asks for a later moment goes on from the one before, which is how one looks through the past. A
 * commit is taken in as a whole, as the engine itself takes it in.
 */
export class PastWorlds {
  readonly #serving: Pick<Serving, 'ask' | 'events'>
  #cursor: Cursor | undefined
  #asked: Promise<unknown> = Promise.resolve()
  #letGo: NodeJS.Timeout | undefined
  /** Events taken in since the beginning; tests hold us to it. */
  replayed = 0

  constructor(serving: Pick<Serving, 'ask' | 'events'>) {
    this.#serving = serving
  }

  /** `look` gets the world as it was after that event, to be read at once and not kept. */
  at<T>(
    seq: number,
    signal: AbortSignal,
    look: (world: World, at: number | undefined) => T,
  ): Promise<Answer<T>> {
    const answered = this.#asked.then(() => this.#at(seq, signal, look))
    this.#asked = answered.catch(() => {
      this.#cursor = undefined
    })
    return answered
  }

  async #at<T>(
    seq: number,
    signal: AbortSignal,
    look: (world: World, at: number | undefined) => T,
  ): Promise<Answer<T>> {
    const cursor = await this.#from(seq)
    const isThere = (await this.#takeIn(cursor, seq, signal)) && (await settled(cursor.world, signal))
    // What was taken in half is gone on from by the next one who asks.
    this.#keep(cursor)
    if (!isThere) return refuse({ code: 'notServing', message: 'nobody waits for it any more' })
    return answer(look(cursor.world, cursor.at))
  }

  async #from(seq: number): Promise<Cursor> {
    if (this.#cursor && this.#cursor.seq <= seq) return this.#cursor
    return { world: newWorld(await this.#serving.ask(({ language }) => language)), seq: 0, at: undefined }
  }

  async #takeIn(cursor: Cursor, seq: number, signal: AbortSignal): Promise<boolean> {
    if (cursor.seq >= seq) return true
    for await (const batch of this.#serving.events(cursor.seq)) {
      for (const recorded of batch) {
        if (recorded.seq > seq) return true
        replay(cursor.world, recorded.at, recorded.event)
        this.replayed++
        cursor.seq = recorded.seq
        cursor.at = recorded.at
      }
      if (signal.aborted) return false
      await new Promise(setImmediate)
    }
    return true
  }

  #keep(cursor: Cursor): void {
    this.#cursor = cursor
    clearTimeout(this.#letGo)
    this.#letGo = setTimeout(() => {
      this.#cursor = undefined
    }, KEPT_MS)
    this.#letGo.unref()
  }
}

async function settled(world: World, signal: AbortSignal): Promise<boolean> {
  while (!settleSome(world, SLICE)) {
    if (signal.aborted) return false
    await new Promise(setImmediate)
  }
  return true
}
