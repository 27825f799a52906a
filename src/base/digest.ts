// Digests: SHA-256 in hex, of bytes or of the canonical text of a value.
import { hash } from 'node:crypto'
import { canonical } from './canonical.ts'
import type { Json } from './json.ts'

/** 64 hex digits. */
export type Digest = string

export function digestOf(value: Json): Digest {
  return hash('sha256', canonical(value))
}

export function digestOfBytes(bytes: string | Uint8Array): Digest {
  return hash('sha256', bytes)
}
