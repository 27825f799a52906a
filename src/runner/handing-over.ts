// Hands work over: what a runner asks for, waits for and is given, prepared on the way and held from then on.
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { ClaimAsked, Claimed, Work } from '../model/runner-talk.ts'
import type { Ended } from './aside.ts'
import type { Held, Item, Lease } from './lease.ts'
import type { Lines } from './lines.ts'
import type { Prepared } from './prepare-work.ts'
import { inPlaceOf } from './told.ts'

export interface HandingOverParts {
  lines: Lines
  now(): number
  prepare(work: Work): Promise<Prepared>
  /** Of what never left. */
  tell(item: Item, ended: Ended): void
  /** Whether that lease still is the one of its runner. */
  holds(lease: Lease): boolean
}

export class HandingOver {
  readonly #parts: HandingOverParts
  #hands = 0

  constructor(parts: HandingOverParts) {
    this.#parts = parts
  }

  /** Waits for work until there is some, or until the signal. */
  async claim(lease: Lease, { claim, free }: ClaimAsked, signal: AbortSignal): Promise<Answer<Claimed>> {
    // The answer to an earlier one was lost on the way, or that one waits in vain.
    lease.parked?.answer(answer({ handed: [], end: [] }))
    lease.parked = undefined
    if (claim === lease.claim && lease.claimed.length > 0) {
      const handed = lease.claimed.filter(({ hand }) => lease.held.has(hand))
      return answer({ handed, end: [...lease.ends] })
    }
    lease.claim = claim
    lease.claimed = []
    const now = this.#parts.lines.take(lease, free)
    if (now.length > 0 || lease.ends.size > 0 || signal.aborted) return this.#handOver(lease, now)
    return new Promise((resolve) => {
      const parked = {
        free,
        answer(claimed: Answer<Claimed>): void {
          signal.removeEventListener('abort', gone)
          if (lease.parked === parked) lease.parked = undefined
          resolve(claimed)
        },
      }
      const gone = (): void => parked.answer(answer({ handed: [], end: [] }))
      signal.addEventListener('abort', gone, { once: true })
      lease.parked = parked
    })
  }

  /** Whoever waits gets what there is by now. */
  serve(lease: Lease): void {
    const { parked } = lease
    if (!parked) return
    // What it told since it asked has made room as well.
    const items = this.#parts.lines.take(lease, Math.max(parked.free, lease.slots - lease.held.size))
    if (items.length === 0 && lease.ends.size === 0) return
    lease.parked = undefined
    void this.#handOver(lease, items).then((claimed) => parked.answer(claimed))
  }

  /** Held from here on, so that a lease that ends meanwhile loses it. */
  async #handOver(lease: Lease, items: readonly Item[]): Promise<Answer<Claimed>> {
    const holding = items.map((item): Held => {
      const held = { item, hand: ++this.#hands, since: this.#parts.now() }
      lease.held.set(held.hand, held)
      return held
    })
    const { claim } = lease
    const handed = await Promise.all(holding.map(async (held) => this.#prepare(lease, held)))
    if (!this.#parts.holds(lease)) return leaseOver()
    const now = handed.flatMap((one) => one ?? [])
    if (lease.claim === claim) lease.claimed = now
    return answer({ handed: now, end: [...lease.ends] })
  }

  async #prepare(lease: Lease, { item, hand }: Held): Promise<Claimed['handed'][number] | undefined> {
    const prepared = await this.#parts.prepare(item.work)
    if (!lease.held.has(hand)) return undefined
    if (prepared.ok) return { hand, work: prepared.work }
    lease.held.delete(hand)
    const { code, message } = prepared.fault
    this.#parts.tell(item, inPlaceOf(item.work, code, message))
    return undefined
  }
}

export function leaseOver<T>(): Answer<T> {
  return refuse({ code: 'leaseOver', message: 'the lease of this runner is over' })
}
