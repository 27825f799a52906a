// What the main thread sends to the writing thread of a SQLite journal, and what comes back.
import type { WrappedKey } from './journal.ts'

export interface Start {
  dir: string
  tool: string
  /** Of the codec. */
  format: number
  /** The journal's identity and end, as verified. */
  id: string
  seq: number
  chain: Uint8Array
}

/** Each is answered by one `Reply`; the thread says one more at first, when it is ready. */
export type Order = { kind: 'open'; start: Start } | { kind: 'write'; load: Load } | { kind: 'close' }

/** One commit. */
export interface Load {
  batches: { firstSeq: number; lastSeq: number; text: string }[]
  /** Kinds of events that this session has not used before, with the first event of each. */
  kinds: { kind: string; seq: number }[]
  blobs: [string, Uint8Array][]
  keys: WrappedKey[]
  parts: { id: string; part: number; text: string }[]
  snapshots: { id: string; seq: number; version: number; parts: number }[]
}

export interface Reply {
  /** It was not done, and why. */
  fault?: string
}
