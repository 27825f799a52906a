// Checksums of what a journal keeps beside its events: blobs and snapshots.
import { createHash } from 'node:crypto'
import type { Packing } from './chain.ts'

export function blobSum(digest: string, packing: Packing, bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${digest} ${packing}\n`).update(bytes).digest()
}

/** Over all parts in their order, and what the snapshot says of itself. */
export class SnapshotSum {
  readonly #hash

  constructor(id: string) {
    this.#hash = createHash('sha256').update(id)
  }

  add(packing: Packing, bytes: Uint8Array): void {
    this.#hash.update(`${packing} ${bytes.length}\n`).update(bytes)
  }

  end(seq: number, version: number): Buffer {
    return this.#hash.update(`${seq} ${version}`).digest()
  }
}
