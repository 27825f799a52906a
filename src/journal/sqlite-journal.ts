// The journal embedded in a site's directory: a SQLite database, one writing thread, any number of readers.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { answer, refuse } from '../model/refusal.ts'
import { FORMAT } from './codec.ts'
import type { WriteCount } from './group-commit.ts'
import { groupWriter } from './group-writer.ts'
import {
  JournalFault,
  type JournalFaults,
  type JournalReader,
  type JournalStore,
  type JournalWriter,
} from './journal.ts'
import { faultMessage } from './messages.ts'
import { textOf } from './sqlite-errors.ts'
import { type Files, journalFiles, syncDirectory } from './sqlite-files.ts'
import { type Lock, takeLock } from './sqlite-lock.ts'
import type { Start } from './sqlite-protocol.ts'
import { openSqliteReader, type ReadOptions } from './sqlite-reader.ts'
import { bringUpToDate, createJournal, LAYOUT } from './sqlite-schema.ts'
import type { Sound } from './sqlite-verify.ts'
import { DIRECT_COMMITS, SqliteWriting } from './sqlite-writing.ts'

export interface SqliteOptions {
  /** Written into a new journal, for who looks at it later. */
  site: string
  toolVersion: string
  /** Takes what an operator should know although nothing is refused. */
  notice?(message: string): void
  faults?: JournalFaults
  /** So many commits of a session are written by this thread before one of its own is started. */
  directCommits?: number
}

/** `dir` is made when a writer opens it; all files of the journal are in it. */
export function sqliteJournal(dir: string, options: SqliteOptions): JournalStore {
  const files = journalFiles(dir)
  const count: WriteCount = { writes: 0 }
  const reading: ReadOptions = { tool: options.toolVersion, notice: (message) => options.notice?.(message) }

  return {
    async openWriter(holder) {
      let lock: Lock | undefined
      try {
        makeDirectory(dir)
        const locked = await takeLock(files, holder)
        if (!locked.ok) return locked
        lock = locked.value
        const opened = openOrCreate(files, options, reading)
        if (opened.ok) return answer(writerOn(files, options, opened.value, lock, count))
        lock.release()
        return opened
      } catch (error) {
        lock?.release()
        const message = faultMessage(files.db, 'opened for writing', textOf(error))
        return refuse({ code: 'journalFault', message })
      }
    },
    async openReader() {
      const opened = openSqliteReader(files, reading)
      return opened.ok ? answer(opened.value.reader) : opened
    },
  }
}

/** Only its owner may read it: inputs of runs stand in the journal. */
function makeDirectory(dir: string): void {
  if (existsSync(dir)) return
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  syncDirectory(dirname(dir))
}

type Opened = ReturnType<typeof openSqliteReader>

function openOrCreate(files: Files, options: SqliteOptions, reading: ReadOptions): Opened {
  const opened = openSqliteReader(files, reading)
  if (opened.ok) {
    const { layout } = opened.value.sound
    if (layout < LAYOUT) bringUpToDate(files, layout, options.toolVersion)
    return opened
  }
  if (opened.refusal.code !== 'nothingThere') return opened
  createJournal(files, options.site, options.toolVersion)
  return openSqliteReader(files, reading)
}

function writerOn(
  files: Files,
  options: SqliteOptions,
  opened: { reader: JournalReader; sound: Sound },
  lock: Lock,
  count: WriteCount,
): JournalWriter {
  const { reader, sound } = opened
  const start: Start = {
    dir: files.dir,
    tool: options.toolVersion,
    format: FORMAT,
    id: sound.identity.id,
    seq: sound.head,
    chain: sound.chain,
  }
  const writing = new SqliteWriting(start, options.directCommits ?? DIRECT_COMMITS)
  const faulted = (why: string): JournalFault => {
    return new JournalFault({ code: 'journalFault', message: faultMessage(files.db, 'written', why) })
  }
  return groupWriter({
    reader,
    head: sound.head,
    async write(load) {
      const fault = await writing.write(load)
      if (fault !== undefined) throw faulted(fault)
    },
    faults: options.faults ?? {},
    count,
    closed: () => faulted('it is closed'),
    async release() {
      await writing.close()
      lock.release()
    },
  }).writer
}
