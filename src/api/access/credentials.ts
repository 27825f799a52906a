// Credentials: 256 random bits each, told once and kept as a digest; what is random needs no slow hash.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Digest } from '../../base/digest.ts'

export interface Credential {
  /** Shown once. */
  text: string
  hash: Digest
}

/** `annk_...`: the key of a server, which its file holds. */
export function makeServerKey(): Credential {
  return credential(`annk_${secret()}`)
}

/** `annt_NAME.SECRET`: whoever finds one that leaked knows which it is. */
export function makeToken(name: string): Credential {
  return credential(`annt_${name}.${secret()}`)
}

/** `annr_...`: lets a runner of that name enrol, once. */
export function makeEnrolment(runner: string): Credential {
  return credential(`annr_${runner}.${secret()}`)
}

/** `annl_...`: what a runner shows while it holds its lease. */
export function makeLease(runner: string): Credential {
  return credential(`annl_${runner}.${secret()}`)
}

export function isLease(text: string): boolean {
  return text.startsWith('annl_')
}

/** For sessions and links. */
export function makeSecret(): Credential {
  return credential(secret())
}

/** Its name, which says nothing yet of whether it is good; undefined where it has not the form of a token. */
export function tokenName(text: string): string | undefined {
  return /^annt_([a-z0-9-]{1,63})\.[\w-]{43}$/.exec(text)?.[1]
}

export function isServerKey(text: string): boolean {
  return text.startsWith('annk_')
}

/** In the same time whatever it is: how far it was right is told to nobody. */
export function isOf(text: string, kept: Digest): boolean {
  return timingSafeEqual(
    Buffer.from(digestOf(text), 'hex'),
    Buffer.from(kept.padEnd(64, '0').slice(0, 64), 'hex'),
  )
}

export function digestOf(text: string): Digest {
  return hash('sha256', text)
}

function credential(text: string): Credential {
  return { text, hash: digestOf(text) }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
