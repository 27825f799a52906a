// A journal in which no secret stands in clear: any other journal, with a seal between it and whoever uses it.
import {
  JournalFault,
  type JournalReader,
  type JournalStore,
  type JournalWriter,
  type NewSnapshot,
  type Snapshot,
  type WrappedKey,
} from '../journal/journal.ts'
import type { Event } from '../model/event.ts'
import { answer, type Answer, refuse } from '../model/refusal.ts'
import { KeyRing, type WrappingKeys } from './key-ring.ts'
import { EventSealing, isSealed, keysNeeded } from './sealed-events.ts'
import { isSealedState, openState, sealState } from './sealed-snapshot.ts'
import { sensitivePlaces } from './sensitive-places.ts'

/** Keeps the contract of the journal in it; besides, opening refuses with `keyMissing`, `keyUnusable` or `keyWrong`. */
export function sealedJournal(inner: JournalStore, wrapping: WrappingKeys): JournalStore {
  return {
    async openWriter(holder) {
      const opened = await inner.openWriter(holder)
      return opened.ok ? unlocked(opened.value, (parts) => writerOn(opened.value, parts)) : opened
    },
    async openReader() {
      const opened = await inner.openReader()
      return opened.ok ? unlocked(opened.value, (parts) => readerOn(opened.value, parts)) : opened
    },
  }

  /** Without a sealed value in it nobody is asked for a key. */
  async function unlocked<T>(journal: JournalReader, use: (parts: Parts) => T): Promise<Answer<T>> {
    const ring = new KeyRing(wrapping)
    const taken = await takenFrom(journal, ring)
    if (taken.ok) return answer(use({ ring, sealing: new EventSealing(ring) }))
    await journal.close()
    return taken
  }
}

async function takenFrom(journal: JournalReader, ring: KeyRing): Promise<Answer<void>> {
  try {
    const stored = await journal.keys()
    return stored.length === 0 ? answer(undefined) : await ring.take(stored)
  } catch (error) {
    if (error instanceof JournalFault) return refuse(error.refusal)
    throw error
  }
}

interface Parts {
  ring: KeyRing
  sealing: EventSealing
}

function readerOn(inner: JournalReader, { ring, sealing }: Parts): JournalReader {
  /** Somebody else may have written values since, or wrapped all of them anew. */
  const needed = async (ids: readonly string[]): Promise<void> => {
    if (ids.every((id) => ring.has(id)) && ring.isReady) return
    const taken = await ring.take(await inner.keys())
    if (!taken.ok) throw new JournalFault(taken.refusal)
  }
  return {
    async snapshot() {
      const snapshot = await inner.snapshot()
      if (!snapshot || !isSealedState(snapshot.state)) return snapshot
      const [, id] = snapshot.state
      await needed([id])
      const { state, seals } = openState(snapshot.state, ring.key(id), placeOf(snapshot))
      await needed(seals.map(([, seal]) => seal.split('.')[0] as string))
      sealing.remember(seals)
      return { ...snapshot, state }
    },
    async *events(after) {
      for await (const batch of inner.events(after)) {
        const sealed = batch.map(({ event }) => event).filter(isSealed)
        if (sealed.length === 0) {
          yield batch
          continue
        }
        await needed(sealed.flatMap(keysNeeded))
        yield batch.map((one) => (isSealed(one.event) ? { ...one, event: sealing.opened(one.event) } : one))
      }
    },
    head: () => inner.head(),
    blob: (digest) => inner.blob(digest),
    keys: () => inner.keys(),
    close: () => inner.close(),
  }
}

function writerOn(inner: JournalWriter, parts: Parts): JournalWriter {
  const { ring, sealing } = parts
  /** From the first secret of a journal on: until there is a key, what comes waits, in its order. */
  let unlocking: Promise<void> | undefined
  let snapshotting: Promise<unknown> = Promise.resolve()

  return {
    ...readerOn(inner, parts),
    append(at, events) {
      if (events.every((event) => sensitivePlaces(event).length === 0))
        return inTurn(() => inner.append(at, events))
      if (!unlocking && ring.isReady) return append(at, events)
      unlock()
      const asTheyAre = structuredClone(events)
      return inTurn(() => append(at, asTheyAre))
    },
    putBlobs: (blobs) => inTurn(() => inner.putBlobs(blobs)),
    putKeys: (keys) => inTurn(() => inner.putKeys(keys)),
    putSnapshot(snapshot) {
      const isPlain = !snapshot.secret && ring.isEmpty && !isSealedState(snapshot.state)
      if (!isPlain && !ring.isReady) unlock()
      const done = snapshotting.then(() =>
        inTurn(() => (isPlain ? inner.putSnapshot(snapshot) : put(snapshot))),
      )
      snapshotting = done.catch(() => {})
      return done
    },
    ...(inner.lost ? { lost: inner.lost } : {}),
    async close() {
      await unlocking?.catch(() => {})
      await inner.close()
    },
  }

  function inTurn<T>(write: () => Promise<T>): Promise<T> {
    return unlocking ? unlocking.then(write) : write()
  }

  function unlock(): void {
    unlocking ??= takenFromAll()
    unlocking.catch(() => {})
  }

  async function takenFromAll(): Promise<void> {
    const taken = await ring.take(await inner.keys())
    if (!taken.ok) throw new JournalFault(taken.refusal)
  }

  function append(at: number, events: readonly Event[]): Promise<{ head: number }> {
    const fresh: WrappedKey[] = []
    const sealed = events.map((event) => sealing.sealed(event, fresh))
    // What becomes of them becomes of the append.
    if (fresh.length > 0) inner.putKeys(fresh).catch(() => {})
    return inner.append(at, sealed)
  }

  /** All snapshots of a journal are sealed with one key, each part with another vector. */
  async function put(snapshot: NewSnapshot): Promise<void> {
    const { seq, version, state } = snapshot
    let id = ring.idOf('snapshot')
    if (id === undefined) {
      const key = ring.add('snapshot')
      id = key.id
      await inner.putKeys([key])
    }
    const seals = sealing.seals()
    const sealed = await sealState(id, ring.key(id), placeOf(snapshot), { state, seals })
    await inner.putSnapshot({ seq, version, state: sealed })
  }
}

function placeOf({ seq, version }: Pick<Snapshot, 'seq' | 'version'>): string {
  return `${seq} ${version}`
}
