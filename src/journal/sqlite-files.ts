// Files of a SQLite journal: their names, and the mark beside the database that says how far it must reach.
import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { digestOfBytes } from '../base/digest.ts'

export interface Files {
  dir: string
  db: string
  /** SQLite's write-ahead log: there while a writer is, and after one that was killed. */
  wal: string
  shm: string
  /** An empty SQLite database; who holds its exclusive lock is the writer. Never opened in any other way (see below). */
  lock: string
  holder: string
  mark: string
  /** A database on its way to becoming `db`. */
  fresh: string
}

/**
 * POSIX locks belong to the process, and closing any descriptor of a file drops them: nobody but SQLite may open `db`,
 * `shm` and `lock`. `stat` is harmless.
 */
export function journalFiles(dir: string): Files {
  const db = join(dir, 'journal.db')
  return {
    dir,
    db,
    wal: `${db}-wal`,
    shm: `${db}-shm`,
    lock: join(dir, 'journal.lock'),
    holder: join(dir, 'journal.holder'),
    mark: join(dir, 'journal.mark'),
    fresh: join(dir, 'journal.fresh'),
  }
}

/**
 * How far the journal reaches, written after each commit and before it is acknowledged. SQLite takes a write-ahead log
 * that was cut, damaged or deleted for one that ends earlier; the mark tells that events are gone. It is not synced: it
 * survives the death of the process, and after a power cut it may be behind, never ahead.
 */
export interface Mark {
  /** Of the journal that it belongs to. */
  id: string
  seq: number
  /** In hex. */
  chain: string
}

export function openMark(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
}

/** One write of the same length each time, so that a reader finds the old one or the new one. */
export function writeMark(fd: number, mark: Mark): void {
  const text = `${mark.id} ${String(mark.seq).padStart(16, '0')} ${mark.chain}`
  writeSync(fd, `${text} ${digestOfBytes(text).slice(0, 16)}\n`, 0)
}

/** Undefined when there is none, or none that can be trusted: a power cut may leave any bytes here. */
export function readMark(path: string): Mark | undefined {
  let content: string
  try {
    content = readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
  const [id = '', seq = '', chain = '', check] = content.trimEnd().split(' ')
  if (digestOfBytes(`${id} ${seq} ${chain}`).slice(0, 16) !== check) return undefined
  return { id, seq: Number(seq), chain }
}

/** Makes a rename or a new file in `dir` durable. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
