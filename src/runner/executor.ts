// The Executor interface: carries out ad-hoc commands on nodes, past roles and runs; the engine is its only caller.
import type { ExecOutcome } from '../model/exec.ts'
import type { NodeAddress } from '../model/run.ts'
import type { OutputStream } from '../model/work.ts'

export interface ExecOrder {
  exec: string
  node: NodeAddress
  /** Handed over as data; no shell reads it. */
  argv: readonly string[]
  become: boolean
  deadlineMs: number
  onOutput(stream: OutputStream, bytes: Uint8Array): void
}

export interface Executor {
  /** Aborting ends the whole process group over there. Never rejects. */
  carryOut(order: ExecOrder, signal: AbortSignal): Promise<Exclude<ExecOutcome, { result: 'lost' }>>
  close(): Promise<void>
}
