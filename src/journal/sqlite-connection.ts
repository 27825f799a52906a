// A reading connection to a SQLite journal: beside a writer, on a read-only disk, without creating or changing a file.
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { JournalFault } from './journal.ts'
import { faultMessage } from './messages.ts'
import type { Files } from './sqlite-files.ts'

/**
 * With a write-ahead log beside it the database is opened the ordinary way, read-only. Without one SQLite would create
 * one, so it is opened as a file that nobody changes, and opened again when somebody did.
 */
export class Connection {
  readonly #files: Files
  #db: DatabaseSync | undefined
  #stamp: string | undefined
  #closed = false

  constructor(files: Files) {
    this.#files = files
  }

  /** `read` may be called twice. Throws what it throws when the database stood still meanwhile. */
  use<T>(read: (db: DatabaseSync) => T): T {
    for (let tries = 1; ; tries++) {
      try {
        return read(this.#open())
      } catch (error) {
        if (this.#closed || tries === 3 || !this.hasMoved()) throw error
      }
    }
  }

  /** Whether a writer has come since a database without one was opened. */
  hasMoved(): boolean {
    return this.#stamp !== undefined && this.#stamp !== stampOf(this.#files)
  }

  close(): void {
    this.#closed = true
    this.#forget()
  }

  #open(): DatabaseSync {
    if (this.#closed) {
      throw new JournalFault({
        code: 'journalFault',
        message: faultMessage(this.#files.db, 'read', 'it is closed'),
      })
    }
    if (this.hasMoved()) this.#forget()
    if (this.#db) return this.#db
    this.#stamp = stampOf(this.#files)
    const url = pathToFileURL(this.#files.db)
    if (this.#stamp !== undefined) url.search = '?immutable=1'
    this.#db = new DatabaseSync(url, { readOnly: true, timeout: 2_000 })
    return this.#db
  }

  #forget(): void {
    this.#db?.close()
    this.#db = undefined
    this.#stamp = undefined
  }
}

/** Undefined while there is a write-ahead log. */
function stampOf(files: Files): string | undefined {
  if (existsSync(files.wal)) return undefined
  const stat = statSync(files.db, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs}` : 'gone'
}
