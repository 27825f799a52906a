// Idempotency: what was asked under one key is carried out once; who asks again is told what came of it then.
import type { Refusal } from '../model/refusal.ts'

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
  answer: Promise<Kept>
  bytes: number
}

const KEPT_MS = 24 * 3_600_000

/** Bounded: beyond that the oldest is forgotten first. */
export class Idempotency {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number
  readonly #most: { entries: number; bytes: number }
  #bytes = 0

  constructor(now: () => number = Date.now, most = { entries: 10_000, bytes: 32 * 1024 * 1024 }) {
    this.#now = now
    this.#most = most
  }

  get size(): number {
    return this.#entries.size
  }

  /** `key` is the caller's own. Who comes while the first is under way waits for it. A mistake of ours is not kept. */
  async once(key: string, what: string, carryOut: () => Promise<Kept>): Promise<Kept | Refusal> {
    const before = this.#entries.get(key)
    if (before && this.#now() - before.since < KEPT_MS) {
      if (before.what === what) return before.answer
      return { code: 'keyReused', message: 'this Idempotency-Key was used for another request' }
    }
    this.#forget(key)
    const entry: Entry = { what, since: this.#now(), answer: carryOut(), bytes: 0 }
    this.#entries.set(key, entry)
    try {
      const kept = await entry.answer
      if (kept.status >= 500) this.#forget(key, entry)
      else this.#weigh(key, entry, kept)
      return kept
    } catch (error) {
      this.#forget(key, entry)
      throw error
    } finally {
      this.#makeRoom(key)
    }
  }

  #weigh(key: string, entry: Entry, kept: Kept): void {
    if (this.#entries.get(key) !== entry) return
    entry.bytes = kept.body.length + key.length + 200
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
