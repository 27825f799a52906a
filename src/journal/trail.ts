// The trail of a SQLite journal: its chain verified from the first event, also against an anchor kept elsewhere, and
// exported so that somebody else can verify it without the journal.
import { auditEntryOf, type TrailReport } from '../model/audit.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { chainStart, type Identity } from './chain.ts'
import { damagedMessage } from './messages.ts'
import { Connection } from './sqlite-connection.ts'
import { journalFiles } from './sqlite-files.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { BATCH_COLUMNS, batchOf } from './sqlite-verify.ts'
import { eventsOf, hex, type Link, Walk } from './walk.ts'

/** `dir` is that of the journal. Refuses with `nothingThere`, `damagedJournal`, `newerJournal` or `journalFault`. */
export function verifyTrail(dir: string, tool: string, anchor?: string): Answer<TrailReport> {
  const opened = openTrail(dir, tool)
  if (!opened.ok) return opened
  const trail = opened.value
  try {
    const walk = new Walk(trail.identity, damagedIn(dir), anchor)
    for (const link of trail.links()) {
      const problem = walk.take(link)
      if (problem) return refuse(problem)
    }
    return walk.end()
  } finally {
    trail.close()
  }
}

/** Lines of NDJSON: the journal, its batches with the entries in each, the end. What was verified once is told. */
export function exportTrail(dir: string, tool: string): Answer<Iterable<string>> {
  const opened = openTrail(dir, tool)
  if (!opened.ok) return opened
  const trail = opened.value
  return answer(
    (function* () {
      try {
        yield line({ kind: 'journal', version: 1, ...trail.identity, chain: hex(chainStart(trail.identity)) })
        const walk = new Walk(trail.identity, damagedIn(dir))
        for (const link of trail.links()) {
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
        trail.close()
      }
    })(),
  )
}

interface Trail {
  identity: Identity
  links(): Iterable<Link>
  close(): void
}

function openTrail(dir: string, tool: string): Answer<Trail> {
  const files = journalFiles(dir)
  const opened = openSqliteReader(files, { tool, notice: () => {} })
  if (!opened.ok) return opened
  const { head, identity } = opened.value.sound
  void opened.value.reader.close()
  const connection = new Connection(files)
  const links = function* (): Generator<Link> {
    for (let next = 1; next <= head; ) {
      const link = connection.use((db) => {
        const row = db.prepare(`SELECT ${BATCH_COLUMNS} FROM batches WHERE first_seq = ?`).get(next)
        return row && batchOf(row)
      })
      if (!link) return
      yield link
      next = link.lastSeq + 1
    }
  }
  return answer({ identity, links, close: () => connection.close() })
}

function damagedIn(dir: string): (what: string) => Refusal {
  const { db } = journalFiles(dir)
  return (what) => ({ code: 'damagedJournal', message: damagedMessage(db, what, undefined) })
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
