// Idempotency: what was asked under one key is carried out once; who asks again is told what came of it then.
import type { Refusal } from '../model/refusal.ts'
import type { AnswersBook, Begun, Booked } from './answers-book.ts'

/** A whole answer, to be given again. */
export interface Kept {
  status: number
  headers: [string, string][]
  body: string
}

interface Entry {
  /** Over method, address and body. */
  what: string
  since: number
  answer: Promise<Kept | Refusal>
  bytes: number
}

export const KEPT_MS = 24 * 3_600_000

/** Bounded: beyond that the oldest is forgotten first. */
export class Idempotency {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number
  readonly #most: { entries: number; bytes: number }
  readonly #book: AnswersBook | undefined
  #bytes = 0

  /** `book`: what a restart is to know; without one all is forgotten with the process. */
  constructor(
    now: () => number = Date.now,
    most = { entries: 10_000, bytes: 32 * 1024 * 1024 },
    book?: AnswersBook,
  ) {
    this.#now = now
    this.#most = most
    this.#book = book
    for (const booked of book?.booked ?? []) {
      const { key, what, since } = booked
      const told = toldBy(booked)
      const entry: Entry = { what, since, answer: Promise.resolve(told), bytes: 0 }
      this.#entries.set(key, entry)
      this.#weigh(key, entry, 'body' in told ? told.body.length : 0)
      this.#makeRoom(key)
    }
  }

  get size(): number {
    return this.#entries.size
  }

  /**
   * `key` is the caller's own. Who comes while the first is under way waits for it. A mistake of ours is not kept. An answer
   * with a secret in it (`isSecret`) is told again by this process, and by no other: it is written nowhere.
   */
  async once(
    key: string,
    what: string,
    carryOut: () => Promise<Kept>,
    isSecret = false,
  ): Promise<Kept | Refusal> {
    const before = this.#entries.get(key)
    if (before && this.#now() - before.since < KEPT_MS) {
      if (before.what === what) return before.answer
      return { code: 'keyReused', message: 'this Idempotency-Key was used for another request' }
    }
    this.#forget(key)
    const since = this.#now()
    const answer = this.#carriedOut({ key, what, since }, carryOut, isSecret)
    const entry: Entry = { what, since, answer, bytes: 0 }
    this.#entries.set(key, entry)
    try {
      const kept = await answer
      if (kept.status >= 500) this.#forget(key, entry)
      else this.#weigh(key, entry, kept.body.length)
      return kept
    } catch (error) {
      this.#forget(key, entry)
      throw error
    } finally {
      this.#makeRoom(key)
    }
  }

  /** Booked before anything happens: what a server had begun when it died is not begun again by the next one. */
  async #carriedOut(begun: Begun, carryOut: () => Promise<Kept>, isSecret: boolean): Promise<Kept> {
    await this.#book?.begin(begun)
    let kept: Kept | undefined
    try {
      kept = await carryOut()
      return kept
    } finally {
      const isOurs = kept === undefined || kept.status >= 500
      await this.#book?.end(begun, isOurs ? undefined : isSecret ? 'untold' : kept)
    }
  }

  #weigh(key: string, entry: Entry, length: number): void {
    if (this.#entries.get(key) !== entry) return
    entry.bytes = length + key.length + 200
    this.#bytes += entry.bytes
  }

  #forget(key: string, only?: Entry): void {
    const entry = this.#entries.get(key)
    if (!entry || (only && only !== entry)) return
    this.#bytes -= entry.bytes
    this.#entries.delete(key)
  }

  #makeRoom(newest: string): void {
    for (const [key, { since, bytes }] of this.#entries) {
      const isOld = this.#now() - since >= KEPT_MS
      const isMuch = this.#entries.size > this.#most.entries || this.#bytes > this.#most.bytes
      if (!isOld && !isMuch) return
      // What is under way has no weight yet, and somebody may wait for it.
      if (key !== newest && (isOld || bytes > 0)) this.#forget(key)
    }
  }
}

function toldBy({ answer }: Booked): Kept | Refusal {
  if (answer === undefined) {
    const message = 'the server ended while this was under way, and whether it was done is not known'
    return { code: 'askedBefore', message, isDone: false }
  }
  if (answer !== 'untold') return answer
  const message = 'this was done, and its answer held a secret, which was told once'
  return { code: 'askedBefore', message, isDone: true }
}
