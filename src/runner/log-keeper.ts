// Keeps the log that a runner elsewhere sends of one run: pieces in order, each once, bounded, as a transcript on this disk.
import type { LogPiece } from '../model/runner-talk.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { LONGEST_RECORD, openTranscript, RECORD_HEAD, type TranscriptFile } from './transcript.ts'

export interface LogKeeperOptions {
  path: string
  mostBytes: number
  open?: (path: string) => Promise<TranscriptFile>
}

const PIECE_MOST = LONGEST_RECORD * 2 + 100

export class LogKeeper {
  readonly #options: LogKeeperOptions
  #next = 0
  #bytes = 0
  #file: Promise<TranscriptFile> | undefined
  #writing: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: LogKeeperOptions) {
    this.#options = options
  }

  /** `from`: number of the first piece. What was taken before is left aside; a gap is refused. Durable is what was answered for. */
  take(from: number, pieces: readonly LogPiece[]): Promise<Answer<{ next: number }>> {
    const taken = this.#writing.then(() => this.#take(from, pieces))
    this.#writing = taken.catch(() => {})
    return taken
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await (await this.#file?.catch(() => undefined))?.close().catch(() => {})
  }

  async #take(from: number, pieces: readonly LogPiece[]): Promise<Answer<{ next: number }>> {
    if (this.#closed) return refuse({ code: 'notInFlight', message: 'nothing more is taken of this log' })
    if (from > this.#next)
      return refuse({
        code: 'outOfOrder',
        message: `piece ${from} of a log came, and ${this.#next} is the next`,
        expected: this.#next,
      })
    const records: Buffer[] = []
    let number = from
    for (const piece of pieces) {
      const record = recordIn(piece)
      if (record === undefined)
        return refuse({ code: 'invalidRequest', message: 'this is no log of a run', places: [] })
      if (number++ < this.#next) continue
      if (this.#bytes + record.length > this.#options.mostBytes) continue
      this.#bytes += record.length
      records.push(record)
    }
    if (records.length > 0) {
      this.#file ??= (this.#options.open ?? openTranscript)(this.#options.path)
      await (await this.#file).writeFile(Buffer.concat(records))
    }
    this.#next = Math.max(this.#next, number)
    return answer({ next: this.#next })
  }
}

/** With its line end; undefined where it is none. */
function recordIn(piece: LogPiece): Buffer | undefined {
  const bytes = 'text' in piece ? Buffer.from(piece.text) : Buffer.from(piece.base64, 'base64')
  if (bytes.length > PIECE_MOST || bytes.includes(10)) return undefined
  if (!RECORD_HEAD.test(bytes.subarray(0, 40).toString('latin1'))) return undefined
  return Buffer.concat([bytes, NEWLINE])
}

const NEWLINE = Buffer.from('\n')
