// Sessions of people in a browser: kept in memory by a digest, with an end that slides and one that does not.
import type { Grant, Via } from '../../model/access.ts'
import { digestOf, makeSecret } from './credentials.ts'

export interface SessionTimes {
  /** Without a request for so long it is over. */
  idleMs: number
  /** After so long it is over in any case. */
  mostMs: number
}

export interface SessionView {
  session: string
  name: string
  signedIn: 'link' | 'oidc'
  grants: readonly Grant[]
  since: number
  usedAt: number
  /** If it is not used before. */
  endsAt: number
  address: string
}

export interface NewSession {
  name: string
  grants: readonly Grant[]
  signedIn: 'link' | 'oidc'
  subject?: string
  address: string
}

export interface Sessions {
  /** The secret for the cookie. */
  open(session: NewSession, now: number): { secret: string; session: string }
  find(secret: string, now: number): (SessionView & { via: Via }) | undefined
  /** Without using it. */
  has(session: string, now: number): boolean
  /** Latest first. */
  list(now: number): SessionView[]
  end(session: string): boolean
}

/** The one that was used longest ago makes room. */
const SESSIONS_MOST = 1_000

interface Kept extends NewSession {
  session: string
  since: number
  usedAt: number
}

export function sessions({ idleMs, mostMs }: SessionTimes, most = SESSIONS_MOST): Sessions {
  /** By the digest of the secret; the last used stands last. */
  const kept = new Map<string, Kept>()
  return { open, find, has, list, end }

  function open(wanted: NewSession, now: number): { secret: string; session: string } {
    const { text, hash } = makeSecret()
    const session = `session-${hash.slice(0, 12)}`
    kept.set(hash, { ...wanted, session, since: now, usedAt: now })
    if (kept.size > most) kept.delete(kept.keys().next().value as string)
    return { secret: text, session }
  }

  function find(secret: string, now: number): (SessionView & { via: Via }) | undefined {
    const hash = digestOf(secret)
    const one = kept.get(hash)
    if (!one) return undefined
    kept.delete(hash)
    if (endOf(one) <= now) return undefined
    const used = { ...one, usedAt: now }
    kept.set(hash, used)
    const { session, signedIn: by, subject } = used
    return {
      ...view(used),
      via: { kind: 'session', session, by, ...(subject === undefined ? {} : { subject }) },
    }
  }

  function has(session: string, now: number): boolean {
    return list(now).some((one) => one.session === session)
  }

  function list(now: number): SessionView[] {
    return [...kept.values()]
      .filter((one) => endOf(one) > now)
      .map(view)
      .reverse()
  }

  function end(session: string): boolean {
    for (const [hash, one] of kept) if (one.session === session) return kept.delete(hash)
    return false
  }

  function endOf({ since, usedAt }: Kept): number {
    return Math.min(usedAt + idleMs, since + mostMs)
  }

  function view(one: Kept): SessionView {
    const { session, name, signedIn, grants, since, usedAt, address } = one
    return { session, name, signedIn, grants, since, usedAt, endsAt: endOf(one), address }
  }
}
