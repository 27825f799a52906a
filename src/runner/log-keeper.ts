// Keeps the log that a runner elsewhere sends of one run: pieces in order, each once, bounded, as a transcript on this disk.
import type { Answer } from '../model/refusal.ts'
import type { LogPiece } from '../model/runner-talk.ts'
import { InOrder, type PieceKeeper } from './in-order.ts'
import { bytesIn } from './log-pieces.ts'
import { LONGEST_RECORD, openTranscript, RECORD_HEAD, type TranscriptFile } from './transcript.ts'

export interface LogKeeperOptions {
  path: string
  mostBytes: number
  open?: (path: string) => Promise<TranscriptFile>
}

const PIECE_MOST = LONGEST_RECORD * 2 + 100

export class LogKeeper implements PieceKeeper {
  readonly #options: LogKeeperOptions
  readonly #order = new InOrder(recordIn, (records) => this.#write(records))
  #bytes = 0
  #file: Promise<TranscriptFile> | undefined

  constructor(options: LogKeeperOptions) {
    this.#options = options
  }

  take(from: number, pieces: readonly LogPiece[]): Promise<Answer<{ next: number }>> {
    return this.#order.take(from, pieces)
  }

  async close(): Promise<void> {
    await this.#order.close()
    await (await this.#file?.catch(() => undefined))?.close().catch(() => {})
  }

  async #write(records: readonly Buffer[]): Promise<void> {
    const kept = records.filter(({ length }) => {
      if (this.#bytes + length > this.#options.mostBytes) return false
      this.#bytes += length
      return true
    })
    if (kept.length === 0) return
    this.#file ??= (this.#options.open ?? openTranscript)(this.#options.path)
    await (await this.#file).writeFile(Buffer.concat(kept))
  }
}

/** With its line end; undefined where it is none. */
function recordIn(piece: LogPiece): Buffer | undefined {
  const bytes = bytesIn(piece)
  if (bytes.length > PIECE_MOST || bytes.includes(10)) return undefined
  if (!RECORD_HEAD.test(bytes.subarray(0, 40).toString('latin1'))) return undefined
  return Buffer.concat([bytes, NEWLINE])
}

const NEWLINE = Buffer.from('\n')
