// Keeps the log that a runner elsewhere sends of one run: pieces in order, each once, bounded, as a transcript on this disk.
import type { LogPiece } from '../model/runner-talk.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { LONGEST_RECORD, openTranscript, RECORD_HEAD, type TranscriptFile } from './transcript.ts'

export interface LogKeeperOptions {
  path: string
  mostBytes: number
  open?: (path: string) => Promise<TranscriptFile>
}

const PIECES_MOST = 20_000
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
  take(from: number, lines: string): Promise<Answer<{ next: number }>> {
    const taken = this.#writing.then(() => this.#take(from, lines))
    this.#writing = taken.catch(() => {})
    return taken
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await (await this.#file?.catch(() => undefined))?.close().catch(() => {})
  }

  async #take(from: number, lines: string): Promise<Answer<{ next: number }>> {
    if (this.#closed) return refuse({ code: 'notInFlight', message: 'nothing more is taken of this log' })
    if (from > this.#next)
      return refuse({
        code: 'outOfOrder',
        message: `piece ${from} of a log came, and ${this.#next} is the next`,
        expected: this.#next,
      })
    const records: Buffer[] = []
    let number = from
    for (const line of lines.split('\n')) {
      if (line === '') continue
      const record = recordIn(line)
      if (record === undefined || number - from >= PIECES_MOST)
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
function recordIn(line: string): Buffer | undefined {
  let piece: Partial<{ text: unknown; base64: unknown }> | null
  try {
    piece = JSON.parse(line) as typeof piece
  } catch {
    return undefined
  }
  const { text, base64 } = piece ?? {}
  const bytes =
    typeof text === 'string'
      ? Buffer.from(text)
      : typeof base64 === 'string'
        ? Buffer.from(base64, 'base64')
        : undefined
  if (bytes === undefined || bytes.length > PIECE_MOST || bytes.includes(10)) return undefined
  if (!RECORD_HEAD.test(bytes.subarray(0, 40).toString('latin1'))) return undefined
  return Buffer.concat([bytes, NEWLINE])
}

const NEWLINE = Buffer.from('\n')

/** As it travels: one line without its end. */
export function pieceOf(record: Uint8Array): string {
  const text = Buffer.from(record).toString()
  const isText = Buffer.compare(Buffer.from(text), record) === 0
  const piece: LogPiece = isText ? { text } : { base64: Buffer.from(record).toString('base64') }
  return JSON.stringify(piece)
}
