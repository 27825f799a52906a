// The trail of a journal: its chain verified from the first event, also against an anchor kept elsewhere, and exported so
// that somebody else can verify it without the journal.
import { auditEntryOf } from '../model/audit.ts'
import { type Answer, answer } from '../model/refusal.ts'
import { chainStart } from './chain.ts'
import { eventsOf, hex, Walk } from './walk.ts'
import type { OpenWhole } from './whole.ts'

/** Lines of NDJSON: the journal, its batches with the entries in each, the end. What was verified once is told. */
export async function exportTrail(open: OpenWhole): Promise<Answer<AsyncIterable<string>>> {
  const opened = await open()
  if (!opened.ok) return opened
  const trail = opened.value
  const { identity } = trail
  return answer(
    (async function* () {
      try {
        yield line({ kind: 'journal', version: 1, ...identity, chain: hex(chainStart(identity)) })
        const walk = new Walk(identity, (what) => trail.damaged(what))
        for await (const piece of trail.pieces()) {
          if (piece.kind !== 'batch') break
          const { link } = piece
          const problem = walk.take(link)
          if (problem) throw new Error(problem.message)
          const { bytes, chain, ...told } = link
          yield line({
            kind: 'batch',
            ...told,
            bytes: Buffer.from(bytes).toString('base64'),
            chain: hex(chain),
          })
          for (const recorded of eventsOf(link)) {
            const entry = auditEntryOf(recorded)
            if (entry) yield line({ kind: 'entry', ...entry })
          }
        }
        yield line({ kind: 'end', anchor: walk.anchor() })
      } finally {
        await trail.close()
      }
    })(),
  )
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
