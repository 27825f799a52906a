// The writing end of a SQLite journal: one connection, one commit at a time, the log taken over when it grows.
import { closeSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { chainAfter, type Packing, type StoredBatch } from './chain.ts'
import { pack } from './packing.ts'
import { type Files, journalFiles, openMark, writeMark } from './sqlite-files.ts'
import { blobSum, SnapshotSum } from './sums.ts'
import { bytesOf, type Load } from './load.ts'
import type { Start } from './sqlite-protocol.ts'

/** Bytes of payload after which the log is taken over into the database when nothing else is to be done, and at once. */
const CHECKPOINT_IDLE = 4 << 20
const CHECKPOINT_NOW = 64 << 20

export interface WritingEnd {
  /** All of it in one transaction, durable when it returns; throws when the disk says no. */
  write(load: Load): void
  checkpointWhenIdle(): void
  /** How far it has written: where another end may go on. */
  end(): Pick<Start, 'seq' | 'chain'>
  /** `last`: the session ends, and the log is taken over as far as readers allow. */
  close(last: boolean): void
}

/** Throws when the database cannot be opened for writing. The caller holds the lock and has verified. */
export function openWritingEnd(start: Start): WritingEnd {
  const files = journalFiles(start.dir)
  const inode = inodeOf(files)
  const db = new DatabaseSync(files.db, { timeout: 2_000 })
  // A copy that SQLite made (`VACUUM INTO`) is not in WAL mode.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0')
  const mark = openMark(files.mark)
  const statements = new Map<string, StatementSync>()
  const sql = (text: string): StatementSync => {
    const known = statements.get(text) ?? db.prepare(text)
    statements.set(text, known)
    return known
  }
  let { seq, chain } = start
  /** Of snapshots whose parts are being written. */
  const sums = new Map<string, SnapshotSum>()
  let unchecked = 0
  let idle: NodeJS.Immediate | undefined

  function write(load: Load): void {
    if (inodeOf(files) !== inode) throw new Error('the file was removed or replaced while it was in use')
    sql('BEGIN IMMEDIATE').run()
    try {
      const to = writeAll(load)
      sql('COMMIT').run()
      ;({ seq, chain } = to)
    } catch (error) {
      if (db.isTransaction) sql('ROLLBACK').run()
      throw error
    }
    if (load.batches.length > 0)
      writeMark(mark, { id: start.id, seq, chain: Buffer.from(chain).toString('hex') })
  }

  function writeAll(load: Load): { seq: number; chain: Uint8Array } {
    const head = sql('SELECT seq, chain FROM head').get()
    if (head?.['seq'] !== seq || !Buffer.from(chain).equals(head['chain'] as Uint8Array)) {
      throw new Error('another process has written to it')
    }
    const to = { seq, chain }
    for (const { kind, seq: first } of load.kinds) {
      sql('INSERT INTO kinds (kind, seq, tool) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
        kind,
        first,
        start.tool,
      )
    }
    for (const [digest, content] of load.blobs) putBlob(digest, content)
    putKeys(load.keys)
    for (const { firstSeq, lastSeq, text } of load.batches) {
      const batch: StoredBatch = { firstSeq, lastSeq, format: start.format, ...pack(bytesOf(text)) }
      to.chain = chainAfter(to.chain, batch)
      to.seq = lastSeq
      sql(
        'INSERT INTO batches (first_seq, last_seq, format, packing, bytes, chain) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(firstSeq, lastSeq, batch.format, batch.packing, batch.bytes, to.chain)
      unchecked += batch.bytes.length + 8_192
    }
    if (load.batches.length > 0) sql('UPDATE head SET seq = ?, chain = ?').run(to.seq, to.chain)
    for (const part of load.parts) putPart(part)
    for (const snapshot of load.snapshots) endSnapshot(snapshot)
    return to
  }

  /**
   * What one takes the place of is overwritten: a wrapping key that was given up should open nothing here any more. Row by
   * row SQLite leaves copies behind when it balances pages; the pages of a table that is emptied are all zeroed.
   */
  function putKeys(keys: Load['keys']): void {
    if (keys.length === 0) return
    db.exec('PRAGMA secure_delete = ON')
    const after = new Map(keys.map((key) => [key.id, key]))
    if (keys.some(({ id }) => sql('SELECT 1 FROM value_keys WHERE id = ?').get(id))) {
      for (const row of sql('SELECT id, under, wrapped FROM value_keys').all()) {
        const key = row as unknown as Load['keys'][number]
        if (!after.has(key.id)) after.set(key.id, key)
      }
      sql('DELETE FROM value_keys').run()
    }
    for (const { id, under, wrapped } of after.values())
      sql('INSERT INTO value_keys (id, under, wrapped) VALUES (?, ?, ?)').run(id, under, wrapped)
    db.exec('PRAGMA secure_delete = OFF')
  }

  function putBlob(digest: string, content: Uint8Array): void {
    const { packing, bytes } = pack(content)
    const sum = blobSum(digest, packing, bytes)
    sql('INSERT INTO blobs (digest, packing, bytes, sum) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING').run(
      digest,
      packing,
      bytes,
      sum,
    )
    unchecked += bytes.length
  }

  function putPart({ id, part, text }: Load['parts'][number]): void {
    const { packing, bytes } = pack(bytesOf(text))
    if (part === 0) sums.set(id, new SnapshotSum(id))
    sums.get(id)?.add(packing, bytes)
    sql('INSERT INTO snapshot_parts (id, part, packing, bytes) VALUES (?, ?, ?, ?)').run(
      id,
      part,
      packing,
      bytes,
    )
    unchecked += bytes.length
  }

  /** Two are kept: the older one serves when the newer is damaged. Parts that no snapshot names are of one cut short. */
  function endSnapshot({ id, seq: at, version, parts }: Load['snapshots'][number]): void {
    const sum = sums.get(id) ?? sumOf(id)
    sums.delete(id)
    sql('INSERT OR REPLACE INTO snapshots (seq, version, id, parts, sum) VALUES (?, ?, ?, ?, ?)').run(
      at,
      version,
      id,
      parts,
      sum.end(at, version),
    )
    sql('DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)').run()
    sql('DELETE FROM snapshot_parts WHERE id NOT IN (SELECT id FROM snapshots)').run()
  }

  /** Where another end has written its first parts. */
  function sumOf(id: string): SnapshotSum {
    const sum = new SnapshotSum(id)
    const parts = sql('SELECT packing, bytes FROM snapshot_parts WHERE id = ? ORDER BY part')
    for (const { packing, bytes } of parts.iterate(id)) sum.add(packing as Packing, bytes as Uint8Array)
    return sum
  }

  function checkpointWhenIdle(): void {
    if (unchecked >= CHECKPOINT_NOW) checkpoint()
    else if (unchecked >= CHECKPOINT_IDLE) idle ??= setImmediate(checkpoint)
  }

  /** What cannot be taken over now stays in the log; nothing depends on when it happens. */
  function checkpoint(): void {
    idle = undefined
    unchecked = 0
    takeOver('PASSIVE')
  }

  function close(last: boolean): void {
    clearImmediate(idle)
    if (last) takeOver('TRUNCATE')
    statements.clear()
    db.close()
    closeSync(mark)
  }

  /** On a full disk it fails, and the log keeps what it has. */
  function takeOver(how: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      db.exec(`PRAGMA wal_checkpoint(${how})`)
    } catch {
      // A later one, or the next session, will do it.
    }
  }

  return { write, checkpointWhenIdle, end: () => ({ seq, chain }), close }
}

function inodeOf(files: Files): bigint | undefined {
  return statSync(files.db, { bigint: true, throwIfNoEntry: false })?.ino
}
