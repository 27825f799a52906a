// Loads: what waits to be written as one commit, whatever writes it.
import { batchText, EVENTS_PER_BATCH, type Part } from './codec.ts'
import type { WrappedKey } from './journal.ts'

/** One commit. */
export interface Load {
  batches: { firstSeq: number; lastSeq: number; text: Text }[]
  /** Kinds of events that this session has not used before, with the first event of each. */
  kinds: { kind: string; seq: number }[]
  blobs: [string, Uint8Array][]
  keys: WrappedKey[]
  parts: { id: string; part: number; text: Text }[]
  snapshots: { id: string; seq: number; version: number; parts: number }[]
}

/** As it was made, or the bytes of it: a thread is given these, which costs no copy. */
export type Text = string | Uint8Array<ArrayBuffer>

export function bytesOf(text: Text): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : text
}

/** What is put into a commit whole and in its turn. */
export type Item =
  | { kind: 'turn'; firstSeq: number; parts: Part[]; newKinds: Load['kinds'] }
  | { kind: 'blobs'; blobs: [string, Uint8Array][] }
  | { kind: 'keys'; keys: readonly WrappedKey[] }
  | { kind: 'part'; part: Load['parts'][number] }
  | { kind: 'snapshot'; snapshot: Load['snapshots'][number] }

export function loadOf(items: Item[]): Load {
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
