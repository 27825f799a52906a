// The place of a SQLite journal as a whole: read from its first batch to its last key, made of pieces, put aside.
import { closeSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { answer, refuse } from '../model/refusal.ts'
import type { Packing } from './chain.ts'
import { damagedMessage } from './messages.ts'
import { pack, unpack } from './packing.ts'
import { Connection } from './sqlite-connection.ts'
import { type Files, journalFiles, openMark, syncDirectory, writeMark } from './sqlite-files.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { makeJournal } from './sqlite-schema.ts'
import { BATCH_COLUMNS, batchOf } from './sqlite-verify.ts'
import { blobSum } from './sums.ts'
import { hex, eventsOf, type Link } from './walk.ts'
import type { JournalPlace, Piece, WholeJournal } from './whole.ts'

export function sqlitePlace(dir: string, tool: string): JournalPlace {
  const files = journalFiles(dir)
  return {
    shown: files.db,
    async openWhole() {
      const opened = openSqliteReader(files, { tool, notice: () => {} })
      if (!opened.ok) return opened
      const { reader, sound } = opened.value
      const connection = new Connection(files)
      const whole: WholeJournal = {
        shown: files.db,
        identity: sound.identity,
        async *pieces() {
          yield* batches(connection, sound.head)
          yield* blobs(connection)
          for (const key of await reader.keys()) yield { kind: 'key', key }
        },
        damaged: (what) => ({ code: 'damagedJournal', message: damagedMessage(files.db, what, undefined) }),
        async close() {
          connection.close()
          await reader.close()
        },
      }
      return answer(whole)
    },
    async make(identity, by, pieces) {
      if (existsSync(files.db))
        return refuse({ code: 'notEmpty', message: `there is a journal in ${files.db} already` })
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      const made = makeJournal(files, identity, by)
      try {
        const end = await fill(made, pieces, by)
        made.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
        made.close()
        rmSync(files.mark, { force: true })
        renameSync(files.fresh, files.db)
        syncDirectory(files.dir)
        if (end) mark(files, identity.id, end)
        return answer(undefined)
      } catch (error) {
        if (made.isOpen) made.close()
        rmSync(files.fresh, { force: true })
        throw error
      }
    },
    async putAside() {
      const aside = join(dir, `journal.moved-${Date.now()}.db`)
      renameSync(files.db, aside)
      for (const path of [files.wal, files.shm, files.mark]) rmSync(path, { force: true })
      syncDirectory(dir)
      return aside
    },
  }
}

function* batches(connection: Connection, head: number): Generator<Piece> {
  for (let next = 1; next <= head; ) {
    const link = connection.use((db) => {
      const row = db.prepare(`SELECT ${BATCH_COLUMNS} FROM batches WHERE first_seq = ?`).get(next)
      return row && batchOf(row)
    })
    if (!link) return
    yield { kind: 'batch', link }
    next = link.lastSeq + 1
  }
}

function* blobs(connection: Connection): Generator<Piece> {
  const digests = connection.use((db) =>
    db
      .prepare('SELECT digest FROM blobs ORDER BY digest')
      .all()
      .map((row) => String(row['digest'])),
  )
  for (const digest of digests) {
    const row = connection.use((db) =>
      db.prepare('SELECT packing, bytes FROM blobs WHERE digest = ?').get(digest),
    )
    if (!row) continue
    const { packing, bytes } = row as { packing: Packing; bytes: Uint8Array }
    yield { kind: 'blob', digest, bytes: unpack({ packing, bytes }) }
  }
}

/** In the transaction that is open. */
async function fill(db: DatabaseSync, pieces: AsyncIterable<Piece>, tool: string): Promise<Link | undefined> {
  const batch = db.prepare(`INSERT INTO batches (${BATCH_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
  const kind = db.prepare('INSERT INTO kinds (kind, seq, tool) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const blob = db.prepare('INSERT INTO blobs (digest, packing, bytes, sum) VALUES (?, ?, ?, ?)')
  const key = db.prepare('INSERT INTO value_keys (id, under, wrapped) VALUES (?, ?, ?)')
  let end: Link | undefined
  for await (const piece of pieces) {
    if (piece.kind === 'batch') {
      const { firstSeq, lastSeq, format, packing, bytes, chain } = (end = piece.link)
      batch.run(firstSeq, lastSeq, format, packing, bytes, chain)
      for (const { event, seq } of eventsOf(end)) kind.run(event.kind, seq, tool)
    } else if (piece.kind === 'blob') {
      const { packing, bytes } = pack(piece.bytes)
      blob.run(piece.digest, packing, bytes, blobSum(piece.digest, packing, bytes))
    } else key.run(piece.key.id, piece.key.under, piece.key.wrapped)
  }
  if (end) db.prepare('UPDATE head SET seq = ?, chain = ?').run(end.lastSeq, end.chain)
  return end
}

function mark(files: Files, id: string, { lastSeq, chain }: Link): void {
  const fd = openMark(files.mark)
  writeMark(fd, { id, seq: lastSeq, chain: hex(chain) })
  closeSync(fd)
}
