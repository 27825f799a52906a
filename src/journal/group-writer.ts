// The writing side of a journal that commits in groups: events become batches, snapshots parts, and each commit one load.
import { randomUUID } from 'node:crypto'
import { splitJson } from '../base/split.ts'
import { encodeTurn } from './codec.ts'
import { FULL, GroupCommit, type WriteCount } from './group-commit.ts'
import type { JournalFault, JournalFaults, JournalReader, JournalWriter, NewSnapshot } from './journal.ts'
import { type Item, type Load, loadOf } from './load.ts'

export interface WritingParts {
  reader: JournalReader
  /** Of the journal as it was opened. */
  head: number
  /** All of a load in one step, durable when it resolves; throws, and has written all or nothing. */
  write(load: Load): Promise<void>
  faults: JournalFaults
  count: WriteCount
  /** For what is asked of it once it is closed. */
  closed(): JournalFault
  /** Lets go of what writes, and of the lock. */
  release(): Promise<void>
}

export interface GroupWriter {
  writer: JournalWriter
  /** Nothing is written any more; what waits is refused. */
  stop: (fault: JournalFault) => void
}

export function groupWriter(parts: WritingParts): GroupWriter {
  const { reader } = parts
  const commits = new GroupCommit<Item>((items) => parts.write(loadOf(items)), parts.faults, parts.count)
  const kinds = new Set<string>()
  let { head } = parts
  let closing: Promise<void> | undefined
  let snapshotting: Promise<void> = Promise.resolve()

  const writer: JournalWriter = {
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
      const encoded = encodeTurn(at, events)
      const last = (head += events.length)
      await commits.add({ kind: 'turn', firstSeq, parts: encoded, newKinds }, events.length)
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
  return { writer, stop: (fault) => commits.stop(fault) }

  async function closeAll(): Promise<void> {
    await commits.settled().catch(() => {})
    commits.stop(parts.closed())
    await reader.close()
    await parts.release()
  }
}

/** Part by part, so that the turns of a running engine find room between them; nothing counts until the end is there. */
async function putSnapshot(commits: GroupCommit<Item>, { seq, version, state }: NewSnapshot): Promise<void> {
  const id = randomUUID()
  let parts = 0
  for (const text of splitJson(state)) {
    await commits.add({ kind: 'part', part: { id, part: parts++, text } }, FULL)
  }
  await commits.add({ kind: 'snapshot', snapshot: { id, seq, version, parts } }, 0)
}
