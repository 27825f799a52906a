// Hears what a runner tells in one go: pieces of logs first, then what came of the work that it holds, each once.
import type { LogTold, ReportAsked, ReportTaken } from '../model/runner-talk.ts'
import type { Ended } from './aside.ts'
import type { PieceKeeper } from './in-order.ts'
import { type Item, type Lease, noteTaken } from './lease.ts'
import { endedBy, type Schema } from './told.ts'

export interface Hearing {
  schema: Schema
  tell: (item: Item, ended: Ended) => void
  /** Who worked on that node last. */
  lastOn: (node: string) => string | undefined
  /** While nothing ran on it. */
  lost: (node: string) => void
}

export type KeepLog = (run: string) => PieceKeeper

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

/** Undefined where it holds nothing of that number that has a log. */
function logOf(lease: Lease, hand: number, keepLog: KeepLog): PieceKeeper | undefined {
  const held = lease.held.get(hand)
  if (!held) return undefined
  const { work, aside } = held.item
  if (work.kind === 'run') held.log ??= keepLog(work.order.run)
  return held.log ?? aside?.printed
}

export function hearOutcomes(
  lease: Lease,
  { told, lost }: ReportAsked,
  { schema, tell, lastOn, lost: connectionLost }: Hearing,
): ReportTaken {
  const taken: number[] = []
  const refused: number[] = []
  for (const one of told) {
    const held = lease.held.get(one.hand)
    const ended = held && endedBy(held.item.work, one, lease.runner, schema)
    if (ended) {
      noteTaken(lease, one.hand)
      void held.log?.close()
      tell(held.item, ended)
    }
    if (ended || lease.taken.has(one.hand)) taken.push(one.hand)
    else refused.push(one.hand)
  }
  for (const node of lost) {
    const busy = [...lease.held.values()].some(({ item }) => item.node === node && !item.aside)
    if (lastOn(node) === lease.runner && !busy) connectionLost(node)
  }
  return { taken, refused }
}
