// The Journal interface: an ordered, durable record. One writer, any number of readers.
import type { Json } from '../base/json.ts'
import type { Flowing } from '../base/split.ts'
import type { Event, Recorded } from '../model/event.ts'
import type { Answer, Refusal } from '../model/refusal.ts'

/** Opening refuses with `busy`, `damagedJournal`, `newerJournal` or `journalFault`. */
export interface JournalStore {
  /** Makes the journal when there is none; takes the writer's lock and holds it until `close`. */
  openWriter(holder: Holder): Promise<Answer<JournalWriter>>
  /** Never waits for the writer; refuses with `nothingThere` when there is no journal. */
  openReader(): Promise<Answer<JournalReader>>
  /** Of the writer that was opened last; of journals that several machines can have. */
  tenure?(): Tenure | undefined
}

/** What tells one writer of a journal from those before and after it, wherever they are. */
export interface Tenure {
  /** The same for all writers of this journal, and for those of no other. */
  journal: string
  /** Whether it has the journal still: asked of the database, where its last answer is not of just now. */
  holds(): Promise<boolean>
}

/** Where servers that share a journal find each other; of journals that several machines can have. */
export interface Meeting {
  /** Undefined where nobody has the writer's lock. */
  holder(): Promise<Holding | undefined>
  /**
   * Takes the lock from whoever has it, if it gave no sign of life for so long: what it still wants to write is refused. What the
   * database says where it may not be taken.
   */
  endSilent(ms: number): Promise<string | undefined>
  /** Of whoever has the lock; for those alone who may write. */
  tellDoor(door: Door): Promise<void>
  /** Calls back when something was appended, often enough that who also looks now and then misses nothing for long. */
  listen(heard: () => void): { close(): Promise<void> }
  close(): Promise<void>
}

/** Who has the writer's lock, as far as it was said. */
export interface Holding {
  holder?: Holder
  heldMs?: number
  door?: Door
  /**
   * Since its last sign of life, by the clock of the database. Absent where they come, where it promised none, as versions before did,
   * and where that may not be seen.
   */
  silentMs?: number
}

/** How one server of a site is asked by another one. */
export interface Door {
  /** Without a slash at its end. */
  url: string
  /** Made up at each start: whoever shows it is a server of this site. */
  key: string
}

/** Who writes, for whoever finds the lock taken. */
export interface Holder {
  pid: number
  host: string
  /** The command that runs, e.g. `anneal up`. */
  what: string
}

export interface JournalReader {
  /** The newest snapshot, or undefined. `seq` is the last event that it contains. */
  snapshot(): Promise<Snapshot | undefined>
  /**
   * Events after `after`, in order, in batches, up to the last one that is durable when the end is reached; call again
   * to see what came since. Throws `JournalFault` when what is read is not what was written.
   */
  events(after: number): AsyncIterable<Recorded[]>
  /** Sequence number of the last event; 0 for an empty journal. */
  head(): Promise<number>
  blob(digest: string): Promise<Uint8Array | undefined>
  /** Of all sealed values, as they stand now. */
  keys(): Promise<WrappedKey[]>
  close(): Promise<void>
}

export interface JournalWriter extends JournalReader {
  /**
   * All events of one turn, durable when the promise resolves; several appends may share one commit. Order is that of
   * the calls. Rejects with `JournalFault` when the disk says no, and then takes no further append: what was not
   * acknowledged may or may not be there after reopening, what was acknowledged is.
   */
  append(at: number, events: readonly Event[]): Promise<{ head: number }>
  /** Kept beside the events, by digest; durable before the next append that follows it resolves. */
  putBlobs(blobs: ReadonlyMap<string, Uint8Array>): Promise<void>
  /**
   * All of them in one step, each in the place of one with the same id; durable before the next append that follows it
   * resolves. They stand beside the events, so that wrapping them anew rewrites none.
   */
  putKeys(keys: readonly WrappedKey[]): Promise<void>
  /**
   * `version` is the shape of `state`; a reader of another version ignores it and replays from the start. `state` is
   * made and written in slices with appends between them: it must be as of `seq` however late, until the promise resolves.
   */
  putSnapshot(snapshot: NewSnapshot): Promise<void>
  /** Resolves when it was found, though nobody asked, that nothing can be appended any more: the lock is gone. */
  lost?: Promise<Refusal>
}

export interface Snapshot {
  seq: number
  version: number
  state: Json
  /** It holds what is marked sensitive: a journal that seals, seals it whole. Comes back without this word. */
  secret?: true
}

export interface NewSnapshot extends Omit<Snapshot, 'state'> {
  state: Flowing
}

/** The key of one sealed value, wrapped under a key that is not in the journal; `under` names that one. */
export interface WrappedKey {
  id: string
  under: string
  wrapped: Uint8Array
}

/**
 * For proofs: stands between the journal and its disk. `n` counts the writes (commits) of one store from 1, on through
 * closing and opening. A throw from `beforeWrite` fails the write before it happened; one from `afterWrite` hides that
 * it did: in both cases the appends in it reject, and all later ones.
 */
export interface JournalFaults {
  beforeWrite?(n: number): void | Promise<void>
  afterWrite?(n: number): void | Promise<void>
}

/** The disk said no, or a journal that was sound when opened is not any more; `refusal` is what to tell an operator. */
export class JournalFault extends Error {
  override name = 'JournalFault'
  readonly refusal: Refusal

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options)
    this.refusal = refusal
  }
}
