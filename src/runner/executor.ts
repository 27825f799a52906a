// The Executor interface: carries out ad-hoc commands on nodes, past roles and runs; the engine is its only caller.
import type { ExecEnd, ExecWork } from '../model/exec.ts'
import type { OutputStream } from '../model/work.ts'

export interface ExecOrder extends ExecWork {
  /** A promise holds the far end back until it resolves. */
  onOutput(stream: OutputStream, bytes: Uint8Array): void | Promise<void>
}

export interface Executor {
  /** Aborting ends the whole process group over there. Never rejects. */
  carryOut(order: ExecOrder, signal: AbortSignal): Promise<ExecEnd>
  close(): Promise<void>
}
