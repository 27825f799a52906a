// The writing end of a SQLite journal: a thread of its own, so that a slow disk never stops the engine's loop.
import { closeSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { chainAfter, type StoredBatch } from './chain.ts'
import { pack } from './packing.ts'
import { textOf } from './sqlite-errors.ts'
import { journalFiles, openMark, writeMark } from './sqlite-files.ts'
import { blobSum, SnapshotSum } from './sqlite-sums.ts'
import type { Load, Reply, Start } from './sqlite-protocol.ts'

/** Bytes of payload after which the log is taken over into the database when nothing else is to be done, and at once. */
const CHECKPOINT_IDLE = 4 << 20
const CHECKPOINT_NOW = 64 << 20

const port = parentPort
if (!port) throw new Error('sqlite-writer.ts is a worker thread')
const start = workerData as Start
const files = journalFiles(start.dir)

try {
  const end = openWritingEnd()
  port.on('message', (message: Load | 'close') => {
    if (message === 'close') {
      end.close()
      port.close()
    } else {
      port.postMessage(attempt(() => end.write(message)))
      end.checkpointWhenIdle()
    }
  })
} catch (error) {
  port.on('message', () => port.postMessage({ fault: textOf(error) } satisfies Reply))
}

function attempt(write: () => void): Reply {
  try {
    write()
    return {}
  } catch (error) {
    return { fault: textOf(error) }
  }
}

interface WritingEnd {
  /** All of it in one transaction, durable when it returns; throws when the disk says no. */
  write(load: Load): void
  checkpointWhenIdle(): void
  close(): void
}

function openWritingEnd(): WritingEnd {
  const inode = inodeNow()
  const db = new DatabaseSync(files.db, { timeout: 2_000 })
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0')
  const mark = openMark(files.mark)
  const statements = new Map<string, StatementSync>()
  const sql = (text: string): StatementSync => {
    const known = statements.get(text) ?? db.prepare(text)
    statements.set(text, known)
    return known
  }
  const sums = new Map<string, SnapshotSum>()
  let { seq, chain } = start
  let unchecked = 0
  let idle: NodeJS.Immediate | undefined

  function write(load: Load): void {
    if (inodeNow() !== inode) throw new Error('the file was removed or replaced while it was in use')
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
    for (const { firstSeq, lastSeq, text } of load.batches) {
      const batch: StoredBatch = { firstSeq, lastSeq, format: start.format, ...pack(Buffer.from(text)) }
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
    const { packing, bytes } = pack(Buffer.from(text))
    const sum = sums.get(id) ?? new SnapshotSum(id)
    sums.set(id, sum)
    sum.add(packing, bytes)
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
    const sum = (sums.get(id) ?? new SnapshotSum(id)).end(at, version)
    sums.delete(id)
    sql('INSERT OR REPLACE INTO snapshots (seq, version, id, parts, sum) VALUES (?, ?, ?, ?, ?)').run(
      at,
      version,
      id,
      parts,
      sum,
    )
    sql('DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)').run()
    const begun = JSON.stringify([...sums.keys()])
    sql(
      'DELETE FROM snapshot_parts WHERE id NOT IN (SELECT id FROM snapshots) AND id NOT IN (SELECT value FROM json_each(?))',
    ).run(begun)
  }

  function checkpointWhenIdle(): void {
    if (unchecked >= CHECKPOINT_NOW) checkpoint()
    else if (unchecked >= CHECKPOINT_IDLE) idle ??= setImmediate(checkpoint)
  }

  /** What cannot be taken over now stays in the log; nothing depends on when it happens. */
  function checkpoint(): void {
    idle = undefined
    unchecked = 0
    attempt(() => db.exec('PRAGMA wal_checkpoint(PASSIVE)'))
  }

  function close(): void {
    clearImmediate(idle)
    attempt(() => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
    statements.clear()
    attempt(() => db.close())
    closeSync(mark)
  }

  return { write, checkpointWhenIdle, close }
}

function inodeNow(): bigint | undefined {
  return statSync(files.db, { bigint: true, throwIfNoEntry: false })?.ino
}
