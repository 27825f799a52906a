// Takes the numbered pieces of one log in order, each once: what was taken before is left aside, and a gap is refused.
import type { LogPiece } from '../model/runner-talk.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'

/** What keeps the pieces of one log. Durable is what was answered for. */
export interface PieceKeeper {
  /** `from`: number of the first piece. */
  take(from: number, pieces: readonly LogPiece[]): Promise<Answer<{ next: number }>>
  /** Nothing more is taken. */
  close(): Promise<void>
}

export class InOrder<T> implements PieceKeeper {
  readonly #read: (piece: LogPiece) => T | undefined
  readonly #keep: (pieces: T[]) => void | Promise<void>
  #next = 0
  #keeping: Promise<unknown> = Promise.resolve()
  #closed = false

  /** `read`: undefined where a piece is none. */
  constructor(read: (piece: LogPiece) => T | undefined, keep: (pieces: T[]) => void | Promise<void>) {
    this.#read = read
    this.#keep = keep
  }

  take(from: number, pieces: readonly LogPiece[]): Promise<Answer<{ next: number }>> {
    const taken = this.#keeping.then(() => this.#take(from, pieces))
    this.#keeping = taken.catch(() => {})
    return taken
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#keeping
  }

  async #take(from: number, pieces: readonly LogPiece[]): Promise<Answer<{ next: number }>> {
    if (this.#closed) return refuse({ code: 'notInFlight', message: 'nothing more is taken of this log' })
    if (from > this.#next)
      return refuse({
        code: 'outOfOrder',
        message: `piece ${from} of a log came, and ${this.#next} is the next`,
        expected: this.#next,
      })
    const fresh: T[] = []
    for (const [at, piece] of pieces.entries()) {
      const read = this.#read(piece)
      if (read === undefined)
        return refuse({ code: 'invalidRequest', message: 'this is no piece of such a log', places: [] })
      if (from + at >= this.#next) fresh.push(read)
    }
    if (fresh.length > 0) await this.#keep(fresh)
    this.#next = Math.max(this.#next, from + pieces.length)
    return answer({ next: this.#next })
  }
}
