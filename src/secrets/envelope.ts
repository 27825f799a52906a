// Envelopes: bytes sealed by AES-256-GCM under a key, bound to the place where they stand, so that none can stand elsewhere.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

/** Held as OpenSSL has it: made anew for each use, a key would cost five times what sealing does. */
export type Key = KeyObject

/** A key that wraps others; its name tells nothing of it. */
export interface WrappingKey {
  id: string
  key: Key
}

export const KEY_BYTES = 32
/** Never used twice with one key: 96 random bits, as NIST SP 800-38D 8.2.2 allows for up to 2^32 uses of a key. */
const IV_BYTES = 12
const TAG_BYTES = 16

export function newKey(): Key {
  return keyOf(randomBytes(KEY_BYTES))
}

export function keyOf(bytes: Buffer): Key {
  return createSecretKey(bytes)
}

export function wrappingKey(key: Key): WrappingKey {
  const hash = createHash('sha256').update('anneal wrapping key\n').update(key.export())
  return { id: hash.digest('hex').slice(0, 16), key }
}

/** The initialisation vector, the ciphertext and its tag, in this order. */
export function seal(key: Key, bytes: Uint8Array, place: string): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
  return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Undefined when these are not bytes that were sealed with this key for this place. */
export function open(key: Key, sealed: Uint8Array, place: string): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
