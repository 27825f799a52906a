// The executor in this process: a command on each of many nodes over connections of its own, with a transcript for each.
import { readFileSync } from 'node:fs'
import { digestOfBytes } from '../base/digest.ts'
import type { ExecOutcome } from '../model/exec.ts'
import { LOGINS_AT_ONCE, type NodeFault } from '../model/run.ts'
import type { Work, WorkResult } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'
import { Connections, SILENT_AFTER_MS } from './connections.ts'
import type { ExecOrder, Executor } from './executor.ts'
import { TranscriptWriter } from './transcript.ts'

export interface LocalExecutorOptions {
  /** Transcripts go to `.anneal/runs/` in it, by exec and node. */
  siteDir: string
  transports: readonly Transport[]
  notice(node: string, message: string): void
}

const CONNECT_TIMEOUT_MS = 10_000
const TRANSCRIPT_BYTES = 100 * 1024 * 1024

const BYTES = readFileSync(new URL('./exec.sh', import.meta.url))
const SCRIPT = { name: 'exec.sh', digest: digestOfBytes(BYTES), bytes: BYTES }

type Outcome = Exclude<ExecOutcome, { result: 'lost' }>

export class LocalExecutor implements Executor {
  readonly #options: LocalExecutorOptions
  readonly #connections: Connections

  constructor(options: LocalExecutorOptions) {
    this.#options = options
    this.#connections = new Connections({
      transports: options.transports,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      silentAfterMs: SILENT_AFTER_MS,
      logins: LOGINS_AT_ONCE,
      notice: (node, message) => options.notice(node, message),
      lost: () => {},
    })
  }

  async carryOut(order: ExecOrder, signal: AbortSignal): Promise<Outcome> {
    const { exec, node, argv } = order
    const transcript = new TranscriptWriter({
      siteDir: this.#options.siteDir,
      run: `${exec}-${node.name}`,
      mostBytes: TRANSCRIPT_BYTES,
      onFault: (message) => this.#options.notice(node.name, message),
    })
    transcript.note(`${exec} on ${node.name}: ${JSON.stringify(argv)}`)
    const outcome = await this.#onNode(order, transcript, signal)
    await transcript.end(
      outcome.result === 'done' ? `exit ${outcome.exit}` : `${outcome.fault.code}: ${outcome.fault.message}`,
    )
    return outcome
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  async #onNode(order: ExecOrder, transcript: TranscriptWriter, signal: AbortSignal): Promise<Outcome> {
    const startedAt = performance.now()
    const fault = (why: NodeFault): Outcome => ({
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

function workOf(order: ExecOrder, transcript: TranscriptWriter): Work {
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
    onOutput(stream, bytes) {
      order.onOutput(stream, bytes)
      return transcript.add(stream, bytes)
    },
  }
}

function outcomeOf(result: WorkResult, fault: (why: NodeFault) => Outcome): Outcome {
  switch (result.result) {
    case 'done':
      return { result: 'done', exit: result.exit, durationMs: result.durationMs }
    case 'refused':
      return fault({ code: 'garbled', message: result.message })
    case 'fault':
      return fault(result.fault)
  }
}
