// The Runner interface: carries out runs and first contacts, and reports each once; the engine is its only caller.
import type { CheckOrder } from '../model/drift.ts'
import type { NodeAddress, RunId, RunOrder } from '../model/run.ts'
import type { Command } from '../model/command.ts'

export interface Runner {
  /** Returns at once; exactly one `reportRun` follows for each, whatever happens. */
  start(order: RunOrder): void
  /** Ends the whole process group over there; the report that follows is a `cancelled` fault. */
  cancel(run: RunId): void
  /** Returns at once; exactly one `reportCheck` follows. */
  check(order: CheckOrder): void
  /** Opens (or reuses) the connection and gathers facts; one `reportContact` follows. */
  contact(node: NodeAddress): void
  /** Ends connections; runs in flight are cancelled first. */
  close(): Promise<void>
}

export type Report = Extract<
  Command,
  {
    kind:
      | 'reportRun'
      | 'reportCheck'
      | 'reportContact'
      | 'reportConnectionLost'
      | 'reportRunnerHere'
      | 'reportRunnerGone'
  }
>

export interface RunnerEvents {
  report(report: Report): void
  notice(node: string, message: string): void
}
