// What a runner has to tell, in its order: the log of a run before what came of it, many in one request, each until it is heard.
import type { LogPiece, LogTold, ReportAsked, ReportTaken, Told } from '../model/runner-talk.ts'

type Entry = { bytes: number } & (
  | { kind: 'log'; hand: number; from: number; piece: LogPiece }
  | { kind: 'told'; told: Told }
)

const ENTRIES_MOST = 5_000
/** A server takes more; whoever else asks it is to have a turn. */
const BYTES_MOST = 2 * 1024 * 1024
/** With so much unheard, what prints waits. */
const WAITING_MOST = 4 * 1024 * 1024

export class Outbox {
  #entries: Entry[] = []
  #logBytes = 0
  /** Number of the next piece, by hand; undefined where nobody takes any more. */
  readonly #next = new Map<number, number | undefined>()
  readonly #lost = new Set<string>()
  #most = ENTRIES_MOST
  #waiting: (() => void)[] = []
  #closed = false
  readonly #ring: () => void

  /** `ring`: called when there is more to tell. */
  constructor(ring: () => void) {
    this.#ring = ring
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0 && this.#lost.size === 0
  }

  /** Resolves when there is room for more. */
  log(hand: number, pieces: readonly LogPiece[]): Promise<void> {
    for (const piece of pieces) {
      const from = this.#next.has(hand) ? this.#next.get(hand) : 0
      if (from === undefined || this.#closed) return Promise.resolve()
      this.#next.set(hand, from + 1)
      const bytes = 'text' in piece ? piece.text.length : piece.base64.length
      this.#entries.push({ kind: 'log', hand, from, piece, bytes })
      this.#logBytes += bytes
    }
    this.#ring()
    return this.#hasRoom()
  }

  tell(told: Told): void {
    this.#entries.push({ kind: 'told', told, bytes: JSON.stringify(told).length })
    this.#ring()
  }

  lose(node: string): void {
    this.#lost.add(node)
    this.#ring()
  }

  /** The same again until it was heard, with what came since. */
  next(): { asked: ReportAsked; count: number } {
    const logs = new Map<number, LogTold>()
    const told: Told[] = []
    let bytes = 0
    let count = 0
    for (const entry of this.#entries) {
      bytes += entry.bytes
      if (count > 0 && (bytes > BYTES_MOST || count >= this.#most)) break
      count++
      if (entry.kind === 'told') told.push(entry.told)
      else {
        const { hand, from, piece } = entry
        const log = logs.get(hand)
        if (log) log.pieces.push(piece)
        else logs.set(hand, { hand, from, pieces: [piece] })
      }
    }
    return { asked: { logs: [...logs.values()], told, lost: [...this.#lost] }, count }
  }

  /** What the server refuses is refused for good: it was not ours any more. */
  heard({ asked, count }: ReturnType<Outbox['next']>, { unlogged = [] }: ReportTaken): void {
    this.#most = ENTRIES_MOST
    this.#take(count)
    for (const node of asked.lost) this.#lost.delete(node)
    for (const { hand } of asked.told) this.#next.delete(hand)
    for (const hand of unlogged) if (this.#next.has(hand)) this.#next.set(hand, undefined)
  }

  /** The server does not take it as it is. Alone each of it may do; if not, a log ends there, and an outcome is told in other words. */
  unfit({ asked, count }: ReturnType<Outbox['next']>, why: string): void {
    if (count > 1) {
      this.#most = 1
      return
    }
    const [first] = this.#take(count)
    for (const node of asked.lost) this.#lost.delete(node)
    if (first?.kind === 'log') this.#next.set(first.hand, undefined)
    const other = first?.kind === 'told' ? inOtherWords(first.told, why) : undefined
    if (other) this.#entries.unshift({ kind: 'told', told: other, bytes: 0 })
  }

  /** Nobody hears anything any more, and nobody waits for it. */
  close(): void {
    this.#closed = true
    this.#take(this.#entries.length)
  }

  #take(count: number): Entry[] {
    const taken = this.#entries.splice(0, count)
    for (const entry of taken) if (entry.kind === 'log') this.#logBytes -= entry.bytes
    if (this.#logBytes <= WAITING_MOST) for (const go of this.#waiting.splice(0)) go()
    return taken
  }

  #hasRoom(): Promise<void> {
    return this.#logBytes <= WAITING_MOST
      ? Promise.resolve()
      : new Promise((resolve) => this.#waiting.push(resolve))
  }
}

/** Undefined where these have not been taken either. */
function inOtherWords(told: Told, why: string): Told | undefined {
  const { outcome } = told
  if (outcome.result === 'fault' && outcome.fault.code === 'garbled') return undefined
  const message = `the server does not take what came of it: ${why}`
  const fault = { code: 'garbled', message } as const
  if (told.kind === 'contact')
    return { kind: 'contact', hand: told.hand, outcome: { result: 'fault', fault } }
  const { durationMs } = told.outcome
  return { kind: told.kind, hand: told.hand, outcome: { result: 'fault', fault, durationMs } }
}
