// Hears what a runner tells in one go: pieces of logs first, then what came of the work that it holds, each once.
import type { LogTold, ReportAsked, ReportTaken } from '../model/runner-talk.ts'
import { type Lease, noteTaken } from './lease.ts'
import type { LogKeeper } from './log-keeper.ts'
import type { Report } from './runner.ts'
import { reportOf, type Schema } from './told.ts'

export interface Hearing {
  schema: Schema
  report: (report: Report) => void
  /** Who worked on that node last. */
  lastOn: (node: string) => string | undefined
}

export type KeepLog = (run: string) => LogKeeper

/** Durable is what is not among `unlogged`. */
export async function hearLogs(lease: Lease, logs: readonly LogTold[], keepLog: KeepLog): Promise<number[]> {
  const unlogged: number[] = []
  await Promise.all(
    logs.map(async ({ hand, from, pieces }) => {
      const kept = await logOf(lease, hand, keepLog)?.take(from, pieces)
      if (!kept?.ok) unlogged.push(hand)
    }),
  )
  return unlogged
}

/** Undefined where it holds no run of that number. */
export function logOf(lease: Lease, hand: number, keepLog: KeepLog): LogKeeper | undefined {
  const held = lease.held.get(hand)
  if (held?.item.work.kind !== 'run') return undefined
  return (held.log ??= keepLog(held.item.work.order.run))
}

export function hearOutcomes(
  lease: Lease,
  { told, lost }: ReportAsked,
  { schema, report, lastOn }: Hearing,
): ReportTaken {
  const taken: number[] = []
  const refused: number[] = []
  for (const one of told) {
    const held = lease.held.get(one.hand)
    const outcome = held && reportOf(held.item.work, one, lease.runner, schema)
    if (outcome) {
      noteTaken(lease, one.hand)
      void held.log?.close()
      report(outcome)
    }
    if (outcome || lease.taken.has(one.hand)) taken.push(one.hand)
    else refused.push(one.hand)
  }
  for (const node of lost) {
    const busy = [...lease.held.values()].some(({ item }) => item.node === node)
    if (lastOn(node) === lease.runner && !busy) report({ kind: 'reportConnectionLost', node })
  }
  return { taken, refused }
}
