// The layout of a SQLite journal: its tables, the steps from one layout to the next, and who a database says it is.
import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type Identity, chainStart } from './chain.ts'
import { type Files, syncDirectory } from './sqlite-files.ts'

/** 'Annl', so that a database of something else is told apart. */
export const APPLICATION_ID = 0x41_6e_6e_6c

/** Step n brings layout n to layout n + 1, layout 0 being an empty database. Released steps never change. */
const LAYOUTS = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE layouts (layout INTEGER PRIMARY KEY, at INTEGER NOT NULL, tool TEXT NOT NULL) STRICT;
  CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, chain BLOB NOT NULL) STRICT;
  CREATE TABLE batches (
    first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, format INTEGER NOT NULL, packing INTEGER NOT NULL,
    bytes BLOB NOT NULL, chain BLOB NOT NULL
  ) STRICT;
  CREATE TABLE kinds (kind TEXT PRIMARY KEY, seq INTEGER NOT NULL, tool TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE blobs (
    digest TEXT PRIMARY KEY, packing INTEGER NOT NULL, bytes BLOB NOT NULL, sum BLOB NOT NULL
  ) STRICT;
  CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY, version INTEGER NOT NULL, id TEXT NOT NULL, parts INTEGER NOT NULL, sum BLOB NOT NULL
  ) STRICT;
  CREATE TABLE snapshot_parts (
    id TEXT NOT NULL, part INTEGER NOT NULL, packing INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (id, part)
  ) STRICT;
  `,
  `
  CREATE TABLE value_keys (id TEXT PRIMARY KEY, under TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
  `,
]

/** The layout that this version writes; a database with a higher one was written by a newer version. */
export const LAYOUT = LAYOUTS.length

/** Made beside and moved into place, so that a crash leaves no half journal behind. The caller holds the lock. */
export function createJournal(files: Files, site: string, tool: string): void {
  const db = makeJournal(files, { id: randomUUID(), site, createdAt: Date.now(), tool }, tool)
  try {
    db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
  renameSync(files.fresh, files.db)
  syncDirectory(files.dir)
}

/** Beside where it is to be, in a transaction that is open: whoever calls ends it, closes it and moves it into place. */
export function makeJournal(files: Files, identity: Identity, tool: string): DatabaseSync {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(files.fresh + suffix, { force: true })
  const db = new DatabaseSync(files.fresh)
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN')
    bringUp(db, 0, tool)
    const insert = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)')
    for (const [key, value] of Object.entries(identity)) insert.run(key, value as string | number)
    db.prepare('INSERT INTO head (one, seq, chain) VALUES (1, 0, ?)').run(chainStart(identity))
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Of a journal that is sound and of an older layout, in one step; a crash leaves it as it was. The caller holds the lock. */
export function bringUpToDate(files: Files, layout: number, tool: string): void {
  const db = new DatabaseSync(files.db, { timeout: 2_000 })
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE')
    bringUp(db, layout, tool)
    db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
}

/** Inside a transaction of the caller's. */
function bringUp(db: DatabaseSync, from: number, tool: string): void {
  for (let layout = from; layout < LAYOUT; layout++) {
    db.exec(LAYOUTS[layout] as string)
    db.prepare('INSERT INTO layouts (layout, at, tool) VALUES (?, ?, ?)').run(layout + 1, Date.now(), tool)
  }
  db.exec(`PRAGMA user_version = ${LAYOUT}`)
}

/** Name and text of every table and index, for comparison with what a sound database of that layout has. */
export function schemaOf(db: DatabaseSync): string {
  const rows = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name').all()
  return rows.map((row) => [row['type'], row['name'], row['tbl_name'], row['sql']].join(' ')).join('\n')
}

const expected = new Map<number, string>()

export function expectedSchema(layout: number): string {
  let schema = expected.get(layout)
  if (schema === undefined) {
    const db = new DatabaseSync(':memory:')
    for (const step of LAYOUTS.slice(0, layout)) db.exec(step)
    schema = schemaOf(db)
    db.close()
    expected.set(layout, schema)
  }
  return schema
}

/** Undefined when what stands there is no identity. */
export function readIdentity(db: DatabaseSync): Identity | undefined {
  const meta = new Map(
    db
      .prepare('SELECT key, value FROM meta')
      .all()
      .map((row) => [row['key'], row['value']]),
  )
  const [id, site, createdAt, tool] = ['id', 'site', 'createdAt', 'tool'].map((key) => meta.get(key))
  if (typeof id !== 'string' || typeof site !== 'string') return undefined
  if (typeof createdAt !== 'number' || typeof tool !== 'string') return undefined
  return { id, site, createdAt, tool }
}

/** The version of the tool that last changed the layout, as far as it can be told. */
export function lastTool(db: DatabaseSync): string | undefined {
  try {
    const row = db.prepare('SELECT tool FROM layouts ORDER BY layout DESC LIMIT 1').get()
    return typeof row?.['tool'] === 'string' ? row['tool'] : undefined
  } catch {
    return undefined
  }
}
