// A journal in memory: for simulation, benchmarks and tests of the engine; the same contract, gone with the process.
import { joinJson, splitJson } from '../base/split.ts'
import type { Event, Recorded } from '../model/event.ts'
import { answer, refuse } from '../model/refusal.ts'
import { batchText, decodeBatch, encodeTurn, FORMAT } from './codec.ts'
import { FULL, GroupCommit, type WriteCount } from './group-commit.ts'
import { busyMessage, nothingThereMessage } from './messages.ts'
import {
  type Holder,
  JournalFault,
  type JournalFaults,
  type JournalReader,
  type JournalStore,
  type JournalWriter,
  type NewSnapshot,
  type Snapshot,
  type WrappedKey,
} from './journal.ts'

export interface MemoryOptions {
  faults?: JournalFaults
  /** False keeps events as the very objects that were given: faster, and blind to who changes them later. */
  encode?: boolean
}

export interface MemoryJournal extends JournalStore {
  /** As if the writing process had died: its lock is free, what it had not been told is durable is lost. */
  kill(): void
}

/** What would be on the disk. */
interface Disk {
  head: number
  turns: Turn[]
  blobs: Map<string, Uint8Array>
  keys: Map<string, WrappedKey>
  snapshots: { seq: number; version: number; texts: string[] }[]
}

interface Turn {
  firstSeq: number
  at: number
  events: Kept<readonly Event[]>
}

type Kept<T> = { text: string } | { value: T }

type Item =
  | { turn: Turn; last: number }
  | { blobs: Map<string, Uint8Array> }
  | { keys: readonly WrappedKey[] }
  | { part: true }
  | { snapshot: Disk['snapshots'][number] }

interface Session {
  holder: Holder
  since: number
  commits: GroupCommit<Item>
}

export function memoryJournal(options: MemoryOptions = {}): MemoryJournal {
  const encode = options.encode ?? true
  const count: WriteCount = { writes: 0 }
  let disk: Disk | undefined
  let session: Session | undefined

  return {
    async openWriter(holder) {
      if (session) {
        const message = busyMessage(session.holder, Date.now() - session.since)
        return refuse({ code: 'busy', message, holder: session.holder.what })
      }
      const opened = (disk ??= { head: 0, turns: [], blobs: new Map(), keys: new Map(), snapshots: [] })
      const commits = new GroupCommit<Item>((items) => write(opened, items), options.faults ?? {}, count)
      const mine: Session = { holder, since: Date.now(), commits }
      session = mine
      const release = (): void => {
        if (session === mine) session = undefined
      }
      return answer(writer(opened, commits, encode, release))
    },
    async openReader() {
      return disk
        ? answer(reader(disk))
        : refuse({ code: 'nothingThere', message: nothingThereMessage('memory') })
    },
    kill() {
      session?.commits.stop(
        new JournalFault({ code: 'journalFault', message: 'The writing process has died.' }),
      )
      session = undefined
    },
  }
}

function writer(disk: Disk, commits: GroupCommit<Item>, encode: boolean, release: () => void): JournalWriter {
  let head = disk.head
  let snapshotting: Promise<void> = Promise.resolve()
  return {
    ...reader(disk),
    async append(at, events) {
      if (events.length === 0) {
        await commits.settled()
        return { head }
      }
      const turn: Turn = { firstSeq: head + 1, at, events: keep(encode, events, () => turnText(at, events)) }
      const last = (head += events.length)
      await commits.add({ turn, last }, events.length)
      return { head: last }
    },
    putBlobs(blobs) {
      const copies = new Map([...blobs].map(([digest, bytes]) => [digest, bytes.slice()]))
      return commits.add({ blobs: copies }, 0)
    },
    putKeys(keys) {
      return commits.add({ keys: [...keys] }, 0)
    },
    putSnapshot(snapshot) {
      const done = snapshotting.then(() => putSnapshot(commits, snapshot))
      snapshotting = done.catch(() => {})
      return done
    },
    async close() {
      await commits.settled().catch(() => {})
      commits.stop(new JournalFault({ code: 'journalFault', message: 'The journal is closed.' }))
      release()
    },
  }
}

/** Part by part, as a journal on a disk does. */
async function putSnapshot(commits: GroupCommit<Item>, { seq, version, state }: NewSnapshot): Promise<void> {
  const texts: string[] = []
  for (const text of splitJson(state)) {
    if (texts.push(text) > 1) await commits.add({ part: true }, FULL)
  }
  await commits.add({ snapshot: { seq, version, texts } }, 0)
}

/** One step: nothing can come between. */
function write(disk: Disk, items: Item[]): void {
  for (const item of items) {
    if ('turn' in item) {
      disk.turns.push(item.turn)
      disk.head = item.last
    } else if ('blobs' in item) {
      for (const [digest, bytes] of item.blobs) disk.blobs.set(digest, bytes)
    } else if ('keys' in item) {
      for (const key of item.keys) disk.keys.set(key.id, key)
    } else if ('snapshot' in item) {
      disk.snapshots = [...disk.snapshots, item.snapshot].sort((a, b) => a.seq - b.seq).slice(-2)
    }
  }
}

function reader(disk: Disk): JournalReader {
  return {
    async snapshot(): Promise<Snapshot | undefined> {
      const newest = disk.snapshots.at(-1)
      if (!newest) return undefined
      return { seq: newest.seq, version: newest.version, state: joinJson(newest.texts) }
    },
    async *events(after) {
      for (let i = turnHolding(disk.turns, after + 1); i < disk.turns.length; i++) {
        const recorded = eventsOf(disk.turns[i] as Turn).filter((one) => one.seq > after)
        if (recorded.length > 0) yield recorded
      }
    },
    async head() {
      return disk.head
    },
    async blob(digest) {
      return disk.blobs.get(digest)?.slice()
    },
    async keys() {
      return [...disk.keys.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    },
    async close() {},
  }
}

function keep<T>(encode: boolean, value: T, text: () => string): Kept<T> {
  return encode ? { text: text() } : { value }
}

function turnText(at: number, events: readonly Event[]): string {
  return batchText(encodeTurn(at, events))
}

function eventsOf(turn: Turn): Recorded[] {
  if ('text' in turn.events) return decodeBatch(FORMAT, turn.firstSeq, turn.events.text)
  return turn.events.value.map((event, i) => ({ seq: turn.firstSeq + i, at: turn.at, event }))
}

/** Index of the last turn that starts at or before `seq`; 0 when there is none. */
function turnHolding(turns: Turn[], seq: number): number {
  let low = 0
  let high = turns.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((turns[middle] as Turn).firstSeq <= seq) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}
