// Reading a SQLite journal: beside a writer, on a read-only disk, without creating or changing a file.
import { existsSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Json } from '../base/json.ts'
import { joinJson } from '../base/split.ts'
import type { Recorded } from '../model/event.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { chainAfter, chainStart, type Packing, type StoredBatch } from './chain.ts'
import { CodecError, decodeBatch, EVENTS_PER_BATCH } from './codec.ts'
import { JournalFault, type JournalReader, type Snapshot, type WrappedKey } from './journal.ts'
import { damagedMessage, faultMessage, newerMessage, nothingThereMessage } from './messages.ts'
import { unpack } from './packing.ts'
import { Connection } from './sqlite-connection.ts'
import { faultOf, textOf } from './sqlite-errors.ts'
import { type Files, readMark } from './sqlite-files.ts'
import { readIdentity } from './sqlite-schema.ts'
import { blobSum, SnapshotSum } from './sums.ts'
import { altered, BATCH_COLUMNS, batchOf, missing, type Sound, verify } from './sqlite-verify.ts'

export interface ReadOptions {
  tool: string
  /** Takes what an operator should know although nothing is refused: a damaged snapshot that is passed over. */
  notice(message: string): void
}

export interface OpenedReader {
  reader: JournalReader
  sound: Sound
}

/** Verifies before it gives anything; see `JournalStore.openReader` for the refusals. */
export function openSqliteReader(files: Files, options: ReadOptions): Answer<OpenedReader> {
  const absent = refusalOfAbsence(files)
  if (absent) return refuse(absent)
  const connection = new Connection(files)
  try {
    const sound = verifySteadily(connection, files, options.tool)
    if ('code' in sound) {
      connection.close()
      return refuse(sound)
    }
    return answer({ reader: readerOn(connection, files, options), sound })
  } catch (error) {
    connection.close()
    return refuse({ code: 'journalFault', message: faultMessage(files.db, 'read', textOf(error)) })
  }
}

function refusalOfAbsence(files: Files): Refusal | undefined {
  const damaged = (what: string): Refusal => {
    return { code: 'damagedJournal', message: damagedMessage(files.db, what, undefined) }
  }
  try {
    const stat = statSync(files.db, { throwIfNoEntry: false })
    if (stat && !stat.isFile()) return damaged('it is not a file')
    if (stat) return stat.size === 0 ? damaged('it is empty') : undefined
    const rest = [files.wal, files.mark].find((path) => existsSync(path))
    if (rest !== undefined) return damaged(`it is gone, while ${rest} is still there`)
    return { code: 'nothingThere', message: nothingThereMessage(files.dir) }
  } catch (error) {
    return { code: 'journalFault', message: faultMessage(files.db, 'read', textOf(error)) }
  }
}

/** A writer that starts meanwhile may change the file under a reader that saw none: then it is looked at again. */
function verifySteadily(connection: Connection, files: Files, tool: string): Sound | Refusal {
  for (let tries = 1; ; tries++) {
    const mark = readMark(files.mark)
    const sound = connection.use((db) => verify(db, files, mark, tool))
    if (!('code' in sound) || tries === 3 || !connection.hasMoved()) return sound
  }
}

function readerOn(connection: Connection, files: Files, options: ReadOptions): JournalReader {
  const reading = <T>(read: (db: DatabaseSync) => T): T => {
    try {
      return connection.use((db) => inOneView(db, read))
    } catch (error) {
      throw asJournalFault(error, files, options.tool)
    }
  }
  return {
    async snapshot() {
      return reading((db) => newestSnapshot(db, files, options))
    },
    async *events(after) {
      let place = reading((db) => placeOf(db, after))
      for (;;) {
        const from = place
        const { recorded, to } = reading((db) => readOn(db, from))
        if (to.next === from.next) return
        place = to
        const wanted =
          recorded[0] && recorded[0].seq <= after ? recorded.filter((one) => one.seq > after) : recorded
        if (wanted.length > 0) yield wanted
        await new Promise(setImmediate)
      }
    },
    async head() {
      return reading(headOf)
    },
    async blob(digest) {
      return reading((db) => blobOf(db, digest))
    },
    async keys() {
      return reading(keysOf)
    },
    async close() {
      connection.close()
    },
  }
}

/** A writer may commit between two statements; what belongs together is read from one state. */
function inOneView<T>(db: DatabaseSync, read: (db: DatabaseSync) => T): T {
  db.exec('BEGIN')
  try {
    return read(db)
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

/** What a reader found that should not be, once the journal had been verified. */
class Damage extends Error {
  readonly soundUpTo: number | undefined

  constructor(what: string, soundUpTo: number | undefined) {
    super(what)
    this.soundUpTo = soundUpTo
  }
}

function asJournalFault(error: unknown, files: Files, tool: string): JournalFault {
  if (error instanceof JournalFault) return error
  return new JournalFault(refusalOf(error, files, tool), { cause: error })
}

function refusalOf(error: unknown, files: Files, tool: string): Refusal {
  if (error instanceof CodecError && error.newer) {
    return { code: 'newerJournal', message: newerMessage(files.db, error.message, undefined, tool) }
  }
  const fault = faultOf(error)
  if (fault !== undefined) return { code: 'journalFault', message: faultMessage(files.db, 'read', fault) }
  const soundUpTo = error instanceof Damage ? error.soundUpTo : undefined
  return { code: 'damagedJournal', message: damagedMessage(files.db, textOf(error), soundUpTo) }
}

/** Where to go on reading: the first event of the next batch, and the chain before it. */
interface Place {
  next: number
  chain: Uint8Array
}

/** The start of the batch that holds the event after `after`, or the end. */
function placeOf(db: DatabaseSync, after: number): Place {
  const before = db.prepare(
    'SELECT last_seq, chain FROM batches WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 2',
  )
  for (const row of before.all(after + 1)) {
    const { last_seq: last, chain } = row as { last_seq: number; chain: Uint8Array }
    if (last <= after) return { next: last + 1, chain }
  }
  const identity = readIdentity(db)
  if (!identity) throw new Damage('the record of what it belongs to cannot be read', undefined)
  return { next: 1, chain: chainStart(identity) }
}

/** Whole batches until there are enough events for one helping. */
function readOn(db: DatabaseSync, from: Place): { recorded: Recorded[]; to: Place } {
  const recorded: Recorded[] = []
  const to = { ...from }
  const rows = db.prepare(`SELECT ${BATCH_COLUMNS} FROM batches WHERE first_seq >= ? ORDER BY first_seq`)
  for (const row of rows.iterate(from.next)) {
    const batch = batchOf(row)
    if (!batch) throw new Damage(`the batch after event ${to.next - 1} cannot be read`, to.next - 1)
    if (batch.firstSeq !== to.next) throw new Damage(missing(to.next, batch.firstSeq - 1), to.next - 1)
    if (!chainAfter(to.chain, batch).equals(batch.chain)) throw new Damage(altered(batch), to.next - 1)
    recorded.push(...eventsOf(batch))
    to.next = batch.lastSeq + 1
    to.chain = batch.chain
    if (recorded.length >= EVENTS_PER_BATCH) return { recorded, to }
  }
  const head = headOf(db)
  if (head >= to.next) throw new Damage(missing(to.next, head), to.next - 1)
  return { recorded, to }
}

function eventsOf(batch: StoredBatch): Recorded[] {
  const recorded = decodeBatch(batch.format, batch.firstSeq, new TextDecoder().decode(unpack(batch)))
  if (recorded.length !== batch.lastSeq - batch.firstSeq + 1)
    throw new Damage(altered(batch), batch.firstSeq - 1)
  return recorded
}

function headOf(db: DatabaseSync): number {
  const seq = db.prepare('SELECT seq FROM head').get()?.['seq']
  if (typeof seq !== 'number') throw new Damage('its last event is not recorded', undefined)
  return seq
}

function blobOf(db: DatabaseSync, digest: string): Uint8Array | undefined {
  const row = db.prepare('SELECT packing, bytes, sum FROM blobs WHERE digest = ?').get(digest)
  if (!row) return notThere(db)
  const [packing, bytes, sum] = [
    row['packing'] as Packing,
    row['bytes'] as Uint8Array,
    row['sum'] as Uint8Array,
  ]
  if (!blobSum(digest, packing, bytes).equals(sum))
    throw new Damage(`the content ${digest} is not what was put`, undefined)
  return unpack({ packing, bytes })
}

/** A journal of before there were any has no table for them. */
function keysOf(db: DatabaseSync): WrappedKey[] {
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'value_keys'").get()
  if (!table) return []
  return db
    .prepare('SELECT id, under, wrapped FROM value_keys ORDER BY id')
    .all()
    .map((row) => ({
      id: String(row['id']),
      under: String(row['under']),
      wrapped: row['wrapped'] as Uint8Array,
    }))
}

/** Not found means never put, unless damage to the table or its index has hidden it. */
function notThere(db: DatabaseSync): undefined {
  const finding = db.prepare('PRAGMA integrity_check(blobs)').get()?.['integrity_check']
  if (finding !== 'ok') throw new Damage(`its contents cannot be relied on (${String(finding)})`, undefined)
  return undefined
}

function newestSnapshot(db: DatabaseSync, files: Files, options: ReadOptions): Snapshot | undefined {
  const rows = db.prepare('SELECT seq, version, id, parts, sum FROM snapshots ORDER BY seq DESC').all()
  for (const row of rows) {
    const { seq, version, id } = row as { seq: number; version: number; id: string }
    try {
      const state = stateOf(db, row)
      if (seq > headOf(db)) throw new Damage('it is of an event that is not there', undefined)
      return { seq, version, state }
    } catch (error) {
      if (faultOf(error) !== undefined) throw error
      options.notice(
        `The snapshot at event ${seq} (${id}) in ${files.db} is damaged and passed over: ${textOf(error)}. Reading goes on from an older one, or from the first event; it only takes longer.`,
      )
    }
  }
  return undefined
}

function stateOf(db: DatabaseSync, row: Record<string, unknown>): Json {
  const { seq, version, id, parts, sum } = row as { [key: string]: unknown; id: string; sum: Uint8Array }
  const stored = db.prepare('SELECT packing, bytes FROM snapshot_parts WHERE id = ? ORDER BY part').all(id)
  const all = stored.map((part) => ({
    packing: part['packing'] as Packing,
    bytes: part['bytes'] as Uint8Array,
  }))
  if (all.length !== parts) throw new Damage(`it has ${all.length} of ${String(parts)} parts`, undefined)
  const total = new SnapshotSum(id)
  for (const part of all) total.add(part.packing, part.bytes)
  if (!total.end(seq as number, version as number).equals(sum))
    throw new Damage('its checksum differs', undefined)
  return joinJson(texts(all))
}

function* texts(parts: { packing: Packing; bytes: Uint8Array }[]): Generator<string> {
  for (const part of parts) yield new TextDecoder().decode(unpack(part))
}
