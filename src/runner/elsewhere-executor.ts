// The executor by way of runners elsewhere: the desk hands a command to whichever is there for its node, and hears what it prints.
import type { ExecEnd } from '../model/exec.ts'
import type { LogPiece } from '../model/runner-talk.ts'
import type { OutputStream } from '../model/work.ts'
import { execTranscript } from './exec-transcript.ts'
import type { ExecOrder, Executor } from './executor.ts'
import { InOrder } from './in-order.ts'
import type { LeaseDesk } from './lease-desk.ts'
import { bytesIn, PRINTED_MOST } from './log-pieces.ts'

export interface ElsewhereExecutorOptions {
  desk: Pick<LeaseDesk, 'aside'>
  siteDir: string
  notice(node: string, message: string): void
}

export class ElsewhereExecutor implements Executor {
  readonly #options: ElsewhereExecutorOptions

  constructor(options: ElsewhereExecutorOptions) {
    this.#options = options
  }

  async carryOut(order: ExecOrder, signal: AbortSignal): Promise<ExecEnd> {
    const { desk, siteDir } = this.#options
    const { exec, node, argv, become, deadlineMs } = order
    const notice = (message: string): void => this.#options.notice(node.name, message)
    const transcript = execTranscript(siteDir, order, notice)
    const printed = new InOrder(printedIn, async (chunks) => {
      for (const { stream, bytes } of chunks) {
        await order.onOutput(stream, bytes)
        await transcript.add(stream, bytes)
      }
    })
    const outcome = await new Promise<ExecEnd>((resolve) => {
      const giveUp = desk.aside(
        { kind: 'exec', of: exec, order: { exec, node, argv, become, deadlineMs } },
        {
          notice,
          printed,
          report(ended) {
            signal.removeEventListener('abort', giveUp)
            if (ended.kind === 'execEnded') resolve(ended.outcome)
          },
        },
      )
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
    })
    // Whoever tells more of it now is late.
    await printed.close()
    await transcript.end(outcome)
    return outcome
  }

  async close(): Promise<void> {}
}

function printedIn(piece: LogPiece): { stream: OutputStream; bytes: Buffer } | undefined {
  const { stream } = piece
  const bytes = bytesIn(piece)
  return stream !== undefined && bytes.length <= PRINTED_MOST ? { stream, bytes } : undefined
}
