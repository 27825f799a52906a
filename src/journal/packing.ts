// Packing: text and blobs as zstd frames where that pays, as they are where it does not.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Packing } from './chain.ts'

export interface Packed {
  packing: Packing
  bytes: Uint8Array
}

/** Below this a frame saves little and costs more to open than to read. */
const WORTH_IT = 512

export function pack(bytes: Uint8Array): Packed {
  if (bytes.length < WORTH_IT) return { packing: 0, bytes }
  const frame = zstdCompressSync(bytes)
  return frame.length < bytes.length ? { packing: 1, bytes: frame } : { packing: 0, bytes }
}

/** Throws on bytes that are no frame, or would be more than `mostBytes`. */
export function unpack({ packing, bytes }: Packed, mostBytes?: number): Uint8Array {
  if (packing === 0) return bytes
  return zstdDecompressSync(bytes, mostBytes === undefined ? {} : { maxOutputLength: mostBytes })
}
