// Access for the owner's own commands alone: whoever shows the key of this start may do everything, nobody else anything.
import { timingSafeEqual } from 'node:crypto'
import { digestOfBytes } from '../base/digest.ts'
import { answer, refuse } from '../model/refusal.ts'
import type { Access, Caller } from './caller.ts'

const OPEN: ReadonlySet<string> = new Set(['/version', '/healthz', '/readyz'])

export function keyAccess(key: string): Access {
  return {
    admit({ route, headers }) {
      if (OPEN.has(route)) return answer(callerOf('anybody', false))
      const shown = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1]
      if (shown === undefined || !isSame(shown, key))
        return refuse({ code: 'unauthenticated', message: 'nobody is known by what was shown' })
      return answer(callerOf(decoded(headers.get('x-anneal-by')) ?? 'key', true))
    },
    allow: () => answer(undefined),
    note: async () => {},
    routes: [],
  }
}

function callerOf(name: string, all: boolean): Caller {
  return { name, may: () => all, mayEverywhere: () => all }
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(digestOfBytes(one)), Buffer.from(digestOfBytes(other)))
}

function decoded(text: string | null): string | undefined {
  try {
    return text === null ? undefined : decodeURIComponent(text).slice(0, 200)
  } catch {
    return undefined
  }
}
