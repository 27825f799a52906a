// Verification: whether a SQLite journal is what was written, from its header to its last batch, before anything uses it.
import { basename } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { chainAfter, chainStart, type Identity, type StoredBatch } from './chain.ts'
import { KINDS } from './codec.ts'
import { damagedMessage, newerMessage } from './messages.ts'
import type { Refusal } from '../model/refusal.ts'
import { faultOf } from './sqlite-errors.ts'
import type { Files, Mark } from './sqlite-files.ts'
import { APPLICATION_ID, expectedSchema, LAYOUT, lastTool, readIdentity, schemaOf } from './sqlite-schema.ts'

export interface Sound {
  identity: Identity
  layout: number
  head: number
  chain: Uint8Array
}

/**
 * Looks at everything that history rests on; a few milliseconds for 100,000 events. `mark` was read before `db` was
 * opened, as a writer may be at work. Throws what `faultOf` knows.
 */
export function verify(
  db: DatabaseSync,
  files: Files,
  mark: Mark | undefined,
  tool: string,
): Sound | Refusal {
  const findings = new Findings(files)
  try {
    const refusal = verifyHeader(db, files, tool)
    if (refusal) return refusal
    db.exec('BEGIN')
    try {
      return verifyContent(db, findings, mark, tool)
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK')
    }
  } catch (error) {
    if (faultOf(error) !== undefined) throw error
    return findings.damaged(
      `SQLite cannot read it (${error instanceof Error ? error.message : String(error)})`,
    )
  }
}

/** What a sentence about damage needs to know when it is said. */
class Findings {
  readonly files: Files
  soundUpTo: number | undefined

  constructor(files: Files) {
    this.files = files
  }

  damaged(what: string): Refusal {
    return { code: 'damagedJournal', message: damagedMessage(this.files.db, what, this.soundUpTo) }
  }
}

function verifyHeader(db: DatabaseSync, files: Files, tool: string): Refusal | undefined {
  const findings = new Findings(files)
  const application = pragma(db, 'application_id')
  if (application !== APPLICATION_ID) {
    return findings.damaged(`it is a SQLite database, but not a journal (application_id ${application})`)
  }
  const layout = pragma(db, 'user_version')
  if (layout > LAYOUT) {
    const message = newerMessage(files.db, `layout ${layout} (of ${LAYOUT})`, lastTool(db), tool)
    return { code: 'newerJournal', message }
  }
  if (layout < 1) return findings.damaged(`its layout is ${layout}, which never was`)
  if (schemaOf(db) !== expectedSchema(layout))
    return findings.damaged('its tables are not those of a journal')
  return undefined
}

function verifyContent(
  db: DatabaseSync,
  findings: Findings,
  mark: Mark | undefined,
  tool: string,
): Sound | Refusal {
  const identity = readIdentity(db)
  if (!identity) return findings.damaged('the record of what it belongs to cannot be read')
  for (const row of db.prepare('SELECT kind, tool FROM kinds').all()) {
    if (Object.hasOwn(KINDS, String(row['kind']))) continue
    const message = newerMessage(
      findings.files.db,
      `events of the kind ${String(row['kind'])}`,
      String(row['tool']),
      tool,
    )
    return { code: 'newerJournal', message }
  }
  findings.soundUpTo = 0
  let head = 0
  let chain = chainStart(identity)
  let marked = mark?.id !== identity.id || (mark.seq === 0 && mark.chain === chain.toString('hex'))
  for (const row of db.prepare(`SELECT ${BATCH_COLUMNS} FROM batches ORDER BY first_seq`).iterate()) {
    const batch = batchOf(row)
    if (!batch) return findings.damaged(`the batch after event ${head} cannot be read`)
    if (batch.firstSeq !== head + 1) return findings.damaged(missing(head + 1, batch.firstSeq - 1))
    chain = chainAfter(chain, batch)
    if (!chain.equals(batch.chain)) return findings.damaged(altered(batch))
    head = batch.lastSeq
    findings.soundUpTo = head
    if (mark?.seq === head && mark.chain === chain.toString('hex')) marked = true
  }
  const row = db.prepare('SELECT seq, chain FROM head').get()
  const [seq, end] = [row?.['seq'], row?.['chain']]
  if (typeof seq !== 'number' || !(end instanceof Uint8Array))
    return findings.damaged('its last event is not recorded')
  if (seq > head) return findings.damaged(missing(head + 1, seq))
  if (seq < head || !chain.equals(end)) return findings.damaged(`its record of the last event does not fit`)
  if (!marked) return findings.damaged(behind(mark as Mark, head, findings.files))
  return { identity, layout: pragma(db, 'user_version'), head, chain }
}

export const BATCH_COLUMNS = 'first_seq, last_seq, format, packing, bytes, chain'

/** Undefined when the row does not have the shape of a batch. */
export function batchOf(row: Record<string, unknown>): (StoredBatch & { chain: Uint8Array }) | undefined {
  const { first_seq: firstSeq, last_seq: lastSeq, format, packing, bytes, chain } = row
  if (typeof firstSeq !== 'number' || typeof lastSeq !== 'number' || lastSeq < firstSeq) return undefined
  if (typeof format !== 'number' || (packing !== 0 && packing !== 1)) return undefined
  if (!(bytes instanceof Uint8Array) || !(chain instanceof Uint8Array)) return undefined
  return { firstSeq, lastSeq, format, packing, bytes, chain }
}

export function altered(batch: StoredBatch): string {
  return `events ${batch.firstSeq} to ${batch.lastSeq} are not what was written (their checksum differs)`
}

export function missing(first: number, last: number): string {
  return first >= last ? `event ${first} is missing` : `events ${first} to ${last} are missing`
}

function behind(mark: Mark, head: number, files: Files): string {
  const [name, wal] = [basename(files.mark), basename(files.wal)]
  if (mark.seq <= head) return `${name} was written for another journal that had the same name`
  const lost = `${missing(head + 1, mark.seq)}, which had been acknowledged`
  return `${lost}: ${wal} was cut, damaged or removed, or an older copy stands here (if you put it here on purpose, remove ${name})`
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name])
}
