// The executor in this process: a command on each of many nodes over connections of its own, with a transcript for each.
import { readFileSync } from 'node:fs'
import { digestOfBytes } from '../base/digest.ts'
import type { ExecEnd } from '../model/exec.ts'
import { LOGINS_AT_ONCE, type NodeFault } from '../model/run.ts'
import type { Work, WorkResult } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'
import { Connections, SILENT_AFTER_MS } from './connections.ts'
import { type ExecTranscript, execTranscript } from './exec-transcript.ts'
import type { ExecOrder, Executor } from './executor.ts'

export interface LocalExecutorOptions {
  /** Transcripts go to `.anneal/runs/` in it, by exec and node; absent: whoever asks keeps what is printed. */
  siteDir?: string
  transports: readonly Transport[]
  /** At once; left out: 16. */
  logins?: number
  notice(node: string, message: string): void
}

const CONNECT_TIMEOUT_MS = 10_000

const BYTES = readFileSync(new URL('./exec.sh', import.meta.url))
const SCRIPT = { name: 'exec.sh', digest: digestOfBytes(BYTES), bytes: BYTES }

export class LocalExecutor implements Executor {
  readonly #options: LocalExecutorOptions
  readonly #connections: Connections

  constructor(options: LocalExecutorOptions) {
    this.#options = options
    this.#connections = new Connections({
      transports: options.transports,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      silentAfterMs: SILENT_AFTER_MS,
      logins: options.logins ?? LOGINS_AT_ONCE,
      notice: (node, message) => options.notice(node, message),
      lost: () => {},
    })
  }

  async carryOut(order: ExecOrder, signal: AbortSignal): Promise<ExecEnd> {
    const { siteDir } = this.#options
    const notice = (message: string): void => this.#options.notice(order.node.name, message)
    const transcript = siteDir === undefined ? undefined : execTranscript(siteDir, order, notice)
    const outcome = await this.#onNode(order, transcript, signal)
    await transcript?.end(outcome)
    return outcome
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  async #onNode(
    order: ExecOrder,
    transcript: ExecTranscript | undefined,
    signal: AbortSignal,
  ): Promise<ExecEnd> {
    const startedAt = performance.now()
    const fault = (why: NodeFault): ExecEnd => ({
      result: 'fault',
      fault: why,
      durationMs: performance.now() - startedAt,
    })
    if (signal.aborted) return fault(CANCELLED)
    const opened = await this.#connections.open(order.node)
    if (!opened.ok) return fault(opened.fault)
    if (signal.aborted) return fault(CANCELLED)
    const result = await opened.session.carryOut(workOf(order, transcript), signal)
    return outcomeOf(result, fault)
  }
}

const CANCELLED: NodeFault = { code: 'cancelled', message: 'it was interrupted' }

function workOf(order: ExecOrder, transcript: ExecTranscript | undefined): Work {
  const { argv, become, deadlineMs } = order
  const words = argv.map((word, i): [string, string] => [`ANNEAL_EXEC_WORD_${i}`, word])
  return {
    files: [],
    filesMode: 'write',
    script: SCRIPT,
    env: Object.fromEntries([['ANNEAL_EXEC_WORDS', String(argv.length)], ...words]),
    inputs: '{}',
    become,
    deadlineMs,
    async onOutput(stream, bytes) {
      await order.onOutput(stream, bytes)
      await transcript?.add(stream, bytes)
    },
  }
}

function outcomeOf(result: WorkResult, fault: (why: NodeFault) => ExecEnd): ExecEnd {
  switch (result.result) {
    case 'done':
      return { result: 'done', exit: result.exit, durationMs: result.durationMs }
    case 'refused':
      return fault({ code: 'garbled', message: result.message })
    case 'fault':
      return fault(result.fault)
  }
}
