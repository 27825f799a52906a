// The queue of one webhook: what waits to be delivered, when it is tried again, and when it is given up.
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { WebhookMessage } from './webhook-messages.ts'

export interface Waiting {
  message: WebhookMessage
  /** That failed. */
  attempts: number
  /** 0: at once. */
  nextAt: number
}

/** Of one attempt. `retryAfterMs`: as the receiver asked. */
export type Delivered =
  | { result: 'delivered' }
  | { result: 'failed'; retryAfterMs?: number }
  | { result: 'gone' }

/** What becomes of a message after an attempt. */
export type Settled = 'delivered' | 'retried' | 'givenUp'

/** From one attempt to the next, as the specification proposes; three days in all. */
const SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
export const ATTEMPTS_MOST = SECONDS.length + 1
export const QUEUE_MOST = 1_000
/** Added to each wait, as a share of it, by chance: what failed together is not tried together again. */
const JITTER = 0.2
/** After a failure the whole webhook is left alone, twice as long each time, so that a dead one costs little. */
const PAUSE_MS = 1_000
const PAUSE_MOST_MS = 5 * 60_000
const RETRY_AFTER_MOST_MS = 24 * 3_600_000

export class WebhookQueue {
  /** By key, oldest first. */
  readonly #waiting = new Map<string, Waiting>()
  #failures = 0
  #pausedUntil = 0
  /** It said that it wants nothing more, and is told nothing until its settings change. */
  gone = false

  get size(): number {
    return this.#waiting.size
  }

  /** The key of what had to go to make room. What waits already is not put twice. */
  add(message: WebhookMessage): string | undefined {
    if (this.gone || this.#waiting.has(message.key)) return undefined
    const [oldest] = this.#waiting.keys()
    const dropped = this.#waiting.size >= QUEUE_MOST ? oldest : undefined
    if (dropped !== undefined) this.#waiting.delete(dropped)
    this.#waiting.set(message.key, { message, attempts: 0, nextAt: message.after ?? 0 })
    return dropped
  }

  drop(key: string): void {
    this.#waiting.delete(key)
  }

  /** What is to be tried now, oldest first; one alone after a failure. `busy`: keys that are on their way. */
  due(now: number, busy: ReadonlySet<string>, most: number): Waiting[] {
    if (now < this.#pausedUntil) return []
    const room = (this.#failures > 0 ? 1 : most) - busy.size
    const due = [...this.#waiting.values()].filter(
      ({ nextAt, message }) => nextAt <= now && !busy.has(message.key),
    )
    return due.slice(0, Math.max(0, room))
  }

  /** When something is to be tried next, what is on its way aside. */
  nextAt(busy: ReadonlySet<string>): number | undefined {
    let next: number | undefined
    for (const { nextAt, message } of this.#waiting.values())
      if (!busy.has(message.key) && (next === undefined || nextAt < next)) next = nextAt
    return next === undefined ? undefined : Math.max(next, this.#pausedUntil)
  }

  /** `chance`: 0 to 1. Undefined where it has gone from the queue meanwhile. */
  settle(key: string, how: Delivered, now: number, chance: number): Settled | undefined {
    const waiting = this.#waiting.get(key)
    if (!waiting) return undefined
    if (how.result === 'delivered') {
      this.#failures = 0
      this.#pausedUntil = 0
      this.#waiting.delete(key)
      return 'delivered'
    }
    if (how.result === 'gone') {
      this.gone = true
      this.#waiting.clear()
      return 'givenUp'
    }
    this.#failures++
    const pauseMs = Math.min(PAUSE_MS * 2 ** (this.#failures - 1), PAUSE_MOST_MS)
    const askedMs = Math.min(how.retryAfterMs ?? 0, RETRY_AFTER_MOST_MS)
    this.#pausedUntil = now + Math.max(pauseMs, askedMs)
    waiting.attempts++
    const seconds = SECONDS[waiting.attempts - 1]
    if (seconds === undefined) {
      this.#waiting.delete(key)
      return 'givenUp'
    }
    waiting.nextAt = now + Math.max(Math.round(seconds * 1000 * (1 + JITTER * chance)), askedMs)
    return 'retried'
  }

  keep(): Json {
    return { gone: this.gone, waiting: [...this.#waiting.values()] as unknown as Json }
  }

  /** As it was kept by a process before this one. */
  restore(kept: Json | undefined): void {
    if (!isObject(kept)) return
    this.gone = kept['gone'] === true
    const waiting = Array.isArray(kept['waiting']) ? kept['waiting'] : []
    for (const one of waiting.slice(-QUEUE_MOST)) if (isWaiting(one)) this.#waiting.set(one.message.key, one)
  }
}

function isWaiting(one: Json): one is JsonObject & Waiting {
  if (!isObject(one) || !isObject(one['message'])) return false
  const { key, type, at, data } = one['message']
  const numbers = [one['attempts'], one['nextAt'], at]
  return (
    numbers.every((value) => Number.isFinite(value)) &&
    typeof key === 'string' &&
    typeof type === 'string' &&
    isObject(data)
  )
}
