// Elsewhere: what the API needs of the desk to speak with runners, and the challenges that they sign.
import { digestOfBytes } from '../base/digest.ts'
import { type Answer, refuse } from '../model/refusal.ts'
import type { Desk } from '../runner/desk.ts'
import { makeSecret } from './access/credentials.ts'

export interface Elsewhere {
  desk: Desk
  leaseMs: number
  /** Whose leftovers on nodes the runners may end. */
  owner: string
  challenges: Challenges
  /** Of key pairs: whether it could be anybody's public one, and whether that one was signed with. */
  keys: {
    isPublicKey(text: string): boolean
    isSigned(text: string, signature: string, publicKey: string): boolean
  }
}

export function notHere<T>(): Answer<T> {
  return refuse({ code: 'notServing', message: 'this server hands nothing to runners' })
}

const CHALLENGE_MS = 60_000
const CHALLENGES_MOST = 10_000

/** Each is good once, soon, and for the runner that asked. */
export class Challenges {
  readonly #open = new Map<string, { runner: string; endsAt: number }>()

  make(runner: string, now: number): string {
    const { text } = makeSecret()
    this.#open.set(digestOfBytes(text), { runner, endsAt: now + CHALLENGE_MS })
    for (const [old, { endsAt }] of this.#open) {
      if (this.#open.size <= CHALLENGES_MOST && endsAt > now) break
      this.#open.delete(old)
    }
    return text
  }

  take(text: string, runner: string, now: number): boolean {
    const key = digestOfBytes(text)
    const found = this.#open.get(key)
    this.#open.delete(key)
    return found !== undefined && found.runner === runner && found.endsAt > now
  }
}
