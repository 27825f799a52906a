// One-time links: a secret that opens one session, once, within a minute.
import type { Grant } from '../../model/access.ts'
import { digestOf, makeSecret } from './credentials.ts'

export interface Link {
  name: string
  grants: readonly Grant[]
}

export interface Links {
  make(link: Link, now: number): { secret: string; endsAt: number }
  /** Undefined where it was used, is too old, or never was. */
  take(secret: string, now: number): Link | undefined
}

const LINK_LIVES_MS = 60_000
const LINKS_MOST = 100

export function links(): Links {
  const made = new Map<string, Link & { endsAt: number }>()
  return {
    make(link, now) {
      const { text, hash } = makeSecret()
      const endsAt = now + LINK_LIVES_MS
      made.set(hash, { ...link, endsAt })
      if (made.size > LINKS_MOST) made.delete(made.keys().next().value as string)
      return { secret: text, endsAt }
    },
    take(secret, now) {
      const hash = digestOf(secret)
      const link = made.get(hash)
      made.delete(hash)
      return link && now < link.endsAt ? { name: link.name, grants: link.grants } : undefined
    },
  }
}
