// A journal that says how long it took until what was written was durable; else it is the one that it wraps.
import type { JournalStore, JournalWriter } from '../journal/journal.ts'
import { answer } from '../model/refusal.ts'

export interface TimedJournal {
  store: JournalStore
  /** Milliseconds, of each append that succeeded. One listens; before, nobody hears. */
  onAppend(listener: (ms: number) => void): void
}

export function timedJournal(store: JournalStore): TimedJournal {
  let tell = (_ms: number): void => {}
  const timed: JournalStore = {
    async openWriter(holder) {
      const opened = await store.openWriter(holder)
      return opened.ok ? answer(timedWriter(opened.value, (ms) => tell(ms))) : opened
    },
    openReader: () => store.openReader(),
  }
  return {
    store: timed,
    onAppend: (listener) => {
      tell = listener
    },
  }
}

function timedWriter(writer: JournalWriter, tell: (ms: number) => void): JournalWriter {
  return {
    snapshot: () => writer.snapshot(),
    events: (after) => writer.events(after),
    head: () => writer.head(),
    blob: (digest) => writer.blob(digest),
    keys: () => writer.keys(),
    putKeys: (keys) => writer.putKeys(keys),
    ...(writer.lost ? { lost: writer.lost } : {}),
    close: () => writer.close(),
    putBlobs: (blobs) => writer.putBlobs(blobs),
    putSnapshot: (snapshot) => writer.putSnapshot(snapshot),
    async append(at, events) {
      const began = performance.now()
      const appended = await writer.append(at, events)
      tell(performance.now() - began)
      return appended
    },
  }
}
