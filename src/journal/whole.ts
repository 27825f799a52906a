// A whole journal as it stands: who it is, its batches with their chain, contents and keys; what is copied, exported and verified.
import type { Answer, Refusal } from '../model/refusal.ts'
import type { Identity } from './chain.ts'
import type { WrappedKey } from './journal.ts'
import type { Link } from './walk.ts'

/** Snapshots are not in it: they are made of the rest. */
export type Piece =
  | { kind: 'batch'; link: Link }
  | { kind: 'blob'; digest: string; bytes: Uint8Array }
  | { kind: 'key'; key: WrappedKey }

export interface WholeJournal {
  /** For people: where it is. */
  shown: string
  identity: Identity
  /** Batches in order, up to the last one that was there when it was opened, then the rest. Throws `JournalFault`. */
  pieces(): AsyncIterable<Piece>
  /** What is said of it where something in it is not what was written. */
  damaged(what: string): Refusal
  close(): Promise<void>
}

/** Refuses as `JournalStore.openReader` does. */
export type OpenWhole = () => Promise<Answer<WholeJournal>>

export interface JournalPlace {
  shown: string
  openWhole: OpenWhole
  /**
   * Makes a journal of these pieces, in one step: while they come, and when it throws, there is none. Refuses with `notEmpty` where
   * there is one.
   */
  make(identity: Identity, tool: string, pieces: AsyncIterable<Piece>): Promise<Answer<void>>
  /** Puts what stands there aside, so that nobody takes it for the journal; says where it is now. */
  putAside(): Promise<string>
}
