// What the main thread sends to the writing thread of a SQLite journal, and what comes back.
import type { Load } from './load.ts'

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

export interface Reply {
  /** It was not done, and why. */
  fault?: string
}
