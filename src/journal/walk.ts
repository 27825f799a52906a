// A walk along a chain of batches, whatever they are read from: each fits to the one before it, and to an anchor.
import { ANCHOR_PATTERN, auditEntryOf, type TrailReport } from '../model/audit.ts'
import type { Recorded } from '../model/event.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { chainAfter, chainStart, type Identity, type StoredBatch } from './chain.ts'
import { CodecError, decodeBatch } from './codec.ts'
import { unpack } from './packing.ts'

/** A batch with the chain that was stored beside it. */
export type Link = StoredBatch & { chain: Uint8Array }

/** Follows a chain from its beginning, whatever it is read from. */
export class Walk {
  readonly #identity: Identity
  readonly #damaged: (what: string) => Refusal
  readonly #wanted: { seq: number; chain: string } | undefined
  #chain: Buffer
  #head = 0
  #entries = 0
  #from: number | undefined
  #to: number | undefined
  #met = false

  constructor(identity: Identity, damaged: (what: string) => Refusal, anchor?: string) {
    const [, seq, chain] = ANCHOR_PATTERN.exec(anchor ?? '') ?? []
    this.#identity = identity
    this.#damaged = damaged
    this.#wanted = seq === undefined || chain === undefined ? undefined : { seq: Number(seq), chain }
    this.#chain = chainStart(identity)
  }

  take(link: Link): Refusal | undefined {
    const { firstSeq, lastSeq } = link
    if (firstSeq !== this.#head + 1) return this.#damaged(`event ${this.#head + 1} is missing`)
    const chain = chainAfter(this.#chain, link)
    if (!chain.equals(link.chain))
      return this.#damaged(
        `events ${firstSeq} to ${lastSeq} are not what was written (their checksum differs)`,
      )
    this.#chain = chain
    const problem = this.#count(link)
    if (problem) return problem
    this.#head = lastSeq
    if (this.#wanted?.seq !== lastSeq) return undefined
    this.#met = true
    return hex(chain) === this.#wanted.chain ? undefined : this.#otherHistory()
  }

  /** An export comes from anywhere, and its chain may fit to whatever somebody made up. */
  #count(link: Link): Refusal | undefined {
    try {
      for (const recorded of eventsOf(link)) {
        this.#from ??= recorded.at
        this.#to = recorded.at
        if (auditEntryOf(recorded)) this.#entries++
      }
      return undefined
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const which = `events ${link.firstSeq} to ${link.lastSeq}`
      if (!(error instanceof CodecError && error.newer))
        return this.#damaged(`${which} cannot be read (${why})`)
      // Whoever was told of damage here would bring back a backup.
      const message = `${which} were written by a newer anneal (${why}). Nothing was changed. Use that one, or a newer one.`
      return { code: 'newerJournal', message }
    }
  }

  anchor(): string {
    return `${this.#head}:${hex(this.#chain)}`
  }

  end(): Answer<TrailReport> {
    const { id, site, createdAt } = this.#identity
    if (this.#wanted && !this.#met) {
      // Batches end where they end: an anchor between two of them was never given.
      const cut = this.#wanted.seq > this.#head
      return refuse(
        cut
          ? this.#damaged(
              `events ${this.#head + 1} to ${this.#wanted.seq} are missing, which the anchor knows`,
            )
          : this.#otherHistory(),
      )
    }
    return answer({
      id,
      site,
      createdAt,
      events: this.#head,
      ...(this.#from === undefined ? {} : { from: this.#from }),
      ...(this.#to === undefined ? {} : { to: this.#to }),
      entries: this.#entries,
      anchor: this.anchor(),
    })
  }

  #otherHistory(): Refusal {
    const seq = this.#wanted?.seq ?? 0
    return this.#damaged(`up to event ${seq} it is another history than the anchor is of`)
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** A batch holds 1,000 events; no journal of ours has such a large one. */
const BATCH_MOST_BYTES = 512 * 1024 * 1024

/** Throws on a batch that is none. */
export function eventsOf(link: Link): Recorded[] {
  const text = new TextDecoder().decode(unpack(link, BATCH_MOST_BYTES))
  return decodeBatch(link.format, link.firstSeq, text)
}
