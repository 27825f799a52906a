// The journal embedded in a site's directory: a SQLite database, one writing thread, any number of readers.
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { splitJson } from '../base/split.ts'
import { answer, refuse } from '../model/refusal.ts'
import { batchText, EVENTS_PER_BATCH, encodeTurn, FORMAT, type Part } from './codec.ts'
import { GroupCommit, FULL, type WriteCount } from './group-commit.ts'
import {
  JournalFault,
  type JournalFaults,
  type JournalReader,
  type JournalStore,
  type JournalWriter,
  type Snapshot,
  type WrappedKey,
} from './journal.ts'
import { faultMessage } from './messages.ts'
import { textOf } from './sqlite-errors.ts'
import { type Files, journalFiles, syncDirectory } from './sqlite-files.ts'
import { type Lock, takeLock } from './sqlite-lock.ts'
import type { Load, Start } from './sqlite-protocol.ts'
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

type Item =
  | { kind: 'turn'; firstSeq: number; parts: Part[]; newKinds: Load['kinds'] }
  | { kind: 'blobs'; blobs: [string, Uint8Array][] }
  | { kind: 'keys'; keys: readonly WrappedKey[] }
  | { kind: 'part'; part: Load['parts'][number] }
  | { kind: 'snapshot'; snapshot: Load['snapshots'][number] }

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
  const write = async (items: Item[]): Promise<void> => {
    const fault = await writing.write(loadOf(items))
    if (fault !== undefined) throw faulted(fault)
  }
  const faulted = (why: string): JournalFault => {
    return new JournalFault({ code: 'journalFault', message: faultMessage(files.db, 'written', why) })
  }
  const commits = new GroupCommit<Item>(write, options.faults ?? {}, count)
  const kinds = new Set<string>()
  let { head } = sound
  let closing: Promise<void> | undefined
  let snapshotting: Promise<void> = Promise.resolve()

  return {
    ...reader,
    async append(at, events) {
      if (events.length === 0) {
        await commits.settled()
        return { head }
      }
      const firstSeq = head + 1
      const newKinds: Load['kinds'] = []
      for (const [i, { kind }] of events.entries()) {
        if (kinds.has(kind)) continue
        kinds.add(kind)
        newKinds.push({ kind, seq: firstSeq + i })
      }
      const parts = encodeTurn(at, events)
      const last = (head += events.length)
      await commits.add({ kind: 'turn', firstSeq, parts, newKinds }, events.length)
      return { head: last }
    },
    putBlobs(blobs) {
      return commits.add({ kind: 'blobs', blobs: [...blobs] }, 0)
    },
    putKeys(keys) {
      return commits.add({ kind: 'keys', keys: [...keys] }, 0)
    },
    putSnapshot(snapshot) {
      const done = snapshotting.then(() => putSnapshot(commits, snapshot))
      snapshotting = done.catch(() => {})
      return done
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }

  async function closeAll(): Promise<void> {
    await commits.settled().catch(() => {})
    commits.stop(faulted('it is closed'))
    await reader.close()
    await writing.close()
    lock.release()
  }
}

/** Part by part, so that the turns of a running engine find room between them; nothing counts until the end is there. */
async function putSnapshot(commits: GroupCommit<Item>, { seq, version, state }: Snapshot): Promise<void> {
  const id = randomUUID()
  let parts = 0
  for (const text of splitJson(state)) {
    await commits.add({ kind: 'part', part: { id, part: parts++, text } }, FULL)
  }
  await commits.add({ kind: 'snapshot', snapshot: { id, seq, version, parts } }, 0)
}

function loadOf(items: Item[]): Load {
  const load: Load = { batches: [], kinds: [], blobs: [], keys: [], parts: [], snapshots: [] }
  let batch: Part[] = []
  let events = 0
  let nextSeq = 0
  const closeBatch = (): void => {
    if (batch.length === 0) return
    load.batches.push({ firstSeq: nextSeq - events, lastSeq: nextSeq - 1, text: batchText(batch) })
    batch = []
    events = 0
  }
  for (const item of items) {
    if (item.kind === 'blobs') load.blobs.push(...item.blobs)
    else if (item.kind === 'keys') load.keys.push(...item.keys)
    else if (item.kind === 'part') load.parts.push(item.part)
    else if (item.kind === 'snapshot') load.snapshots.push(item.snapshot)
    else {
      nextSeq = item.firstSeq
      load.kinds.push(...item.newKinds)
      for (const part of item.parts) {
        if (events + part.events > EVENTS_PER_BATCH) closeBatch()
        batch.push(part)
        events += part.events
        nextSeq += part.events
      }
    }
  }
  closeBatch()
  return load
}
