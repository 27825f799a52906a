// The chain: each stored batch carries a digest over itself and the digest before it, so that a change, a gap or a
// removed batch is noticed.
import { createHash } from 'node:crypto'

export interface StoredBatch {
  firstSeq: number
  lastSeq: number
  /** Of the codec. */
  format: number
  packing: Packing
  bytes: Uint8Array
}

/** How the bytes were packed: 0 as they are, 1 as a zstd frame. */
export type Packing = 0 | 1

/** Who the journal is; the chain starts from it, so that no batch of another journal fits. */
export interface Identity {
  id: string
  site: string
  createdAt: number
  tool: string
}

export function chainStart(identity: Identity): Buffer {
  const { id, site, createdAt, tool } = identity
  return createHash('sha256')
    .update(JSON.stringify([id, site, createdAt, tool]))
    .digest()
}

export function chainAfter(before: Uint8Array, batch: StoredBatch): Buffer {
  const { firstSeq, lastSeq, format, packing, bytes } = batch
  return createHash('sha256')
    .update(before)
    .update(`${firstSeq} ${lastSeq} ${format} ${packing}\n`)
    .update(bytes)
    .digest()
}
