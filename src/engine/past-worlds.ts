// Worlds of the past: the journal taken in from its beginning up to a moment, in small steps, so that others go on meanwhile.
import { newWorld, type World } from '../annealer/world.ts'
import { replay, settleSome } from '../annealer/turn.ts'
import type { Recorded } from '../model/event.ts'
import type { Language } from '../model/language.ts'
import { type Moment, type Then, unknownEvent } from '../model/moment.ts'
import { type Answer, answer, NOBODY_WAITS, refuse } from '../model/refusal.ts'

/** Where the past is read. */
export interface History {
  language(): Promise<Language>
  /** What the journal holds after that event, in order. */
  events(after: number): AsyncIterable<Recorded[]>
}

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
  readonly #history: History
  #cursor: Cursor | undefined
  #asked: Promise<unknown> = Promise.resolve()
  #letGo: NodeJS.Timeout | undefined
  /** Events taken in since the beginning; tests hold us to it. */
  replayed = 0

  constructor(history: History) {
    this.#history = history
  }

  /** `look` gets the world as it was then, to be read at once and not kept. Who is gone is answered at once, in line or not. */
  at<T>(moment: Moment, signal: AbortSignal, look: (world: World, then: Then) => T): Promise<Answer<T>> {
    const answered = this.#asked.then(() =>
      signal.aborted ? refuse<T>(NOBODY_WAITS) : this.#at(moment, signal, look),
    )
    this.#asked = answered.catch(() => {
      this.#cursor = undefined
    })
    return Promise.race([answered, goneBy<T>(signal)])
  }

  async #at<T>(
    moment: Moment,
    signal: AbortSignal,
    look: (world: World, then: Then) => T,
  ): Promise<Answer<T>> {
    const cursor = await this.#from(moment)
    const isThere = (await this.#takeIn(cursor, moment, signal)) && (await settled(cursor.world, signal))
    // What was taken in half is gone on from by the next one who asks.
    this.#keep(cursor)
    if (!isThere) return refuse(NOBODY_WAITS)
    const { world, seq, at } = cursor
    if ('event' in moment && moment.event > seq) return refuse(unknownEvent(moment.event, seq))
    return answer(look(world, at === undefined ? { seq } : { seq, at }))
  }

  async #from(moment: Moment): Promise<Cursor> {
    if (this.#cursor && !isPast(this.#cursor, moment)) return this.#cursor
    return { world: newWorld(await this.#history.language()), seq: 0, at: undefined }
  }

  async #takeIn(cursor: Cursor, moment: Moment, signal: AbortSignal): Promise<boolean> {
    if ('event' in moment && cursor.seq >= moment.event) return true
    for await (const batch of this.#history.events(cursor.seq)) {
      for (const recorded of batch) {
        if (isPast(recorded, moment)) return true
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

/** The clock of a journal never goes back. */
function isPast({ seq, at = 0 }: { seq: number; at: number | undefined }, moment: Moment): boolean {
  return 'event' in moment ? seq > moment.event : at > moment.time
}

function goneBy<T>(signal: AbortSignal): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(refuse(NOBODY_WAITS))
    if (signal.aborted) gone()
    else signal.addEventListener('abort', gone, { once: true })
  })
}

async function settled(world: World, signal: AbortSignal): Promise<boolean> {
  while (!settleSome(world, SLICE)) {
    if (signal.aborted) return false
    await new Promise(setImmediate)
  }
  return true
}
