// Sends the log of one run alone, to a server that does not take logs together: pieces in order, each repeated until it is heard.
import type { Answer } from '../model/refusal.ts'
import type { LogTaken } from '../model/runner-talk.ts'
import { pieceOf, recordsIn } from './log-pieces.ts'
import type { TranscriptFile } from './transcript.ts'

export interface LogSenderOptions {
  /** `from`: the number of the first of these lines. */
  send: (from: number, lines: string) => Promise<Answer<LogTaken>>
  /** Before it is said again. */
  pause: () => Promise<void>
  /** Nobody hears it any more. */
  isOver: () => boolean
}

const BYTES_AT_ONCE = 512 * 1024

/** What is written holds whole records. */
export function logSender({ send, pause, isOver }: LogSenderOptions): TranscriptFile {
  let next = 0
  return {
    async writeFile(bytes) {
      const records = recordsIn(bytes)
      for (let from = 0; from < records.length; ) {
        let until = from
        for (let size = 0; until < records.length && (until === from || size < BYTES_AT_ONCE); until++)
          size += records[until]?.length ?? 0
        const lines = records.slice(from, until).map((record) => JSON.stringify(pieceOf(record)))
        if (!(await heard(`${lines.join('\n')}\n`))) return
        next += lines.length
        from = until
      }
    },
    async close() {},
  }

  async function heard(lines: string): Promise<boolean> {
    while (!isOver()) {
      const taken = await send(next, lines)
      if (taken.ok) return true
      // A log that is refused for what it is would be refused again; the run goes on without it.
      if (taken.refusal.code !== 'noServer' && taken.refusal.code !== 'notServing') return false
      await pause()
    }
    return false
  }
}
