// A real server behind real access, over a site that is simulated; its clock moves when a test says so.
import { makeAccess } from '../../src/api/access/access.ts'
import { digestOf, makeServerKey, makeToken } from '../../src/api/access/credentials.ts'
import type { Access } from '../../src/api/caller.ts'
import type { Grant } from '../../src/model/access.ts'
import type { AuditEntry } from '../../src/model/audit.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_LISTEN,
  DEFAULT_SESSIONS,
  type ServerSettings,
} from '../../src/model/server-settings.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import { apiOver, type TestApi } from './api.ts'
import { testServing } from './serving.ts'
import { readShortSite, shortSite } from './short-site.ts'

export interface Guarded extends TestApi {
  /** What its file would hold. */
  key: string
  /** The secret of a new token. */
  token(name: string, grants: Grant[], expiresAt?: number): Promise<string>
  /** Moves the clock of the door on. */
  later(ms: number): void
  trail(): Promise<AuditEntry[]>
  logged: string[]
  access: Access
}

export const TWO_DEPLOYMENTS = `
nodes: { n1: , n2: }
roles: { log: { inputs: { v: 1 } }, db: { once: true, inputs: { v: 1 } }, web: { inputs: { v: 1 } } }
deployments:
  base: { nodes: [n1, n2], roles: [log] }
  store: { nodes: [n1], roles: [db] }
  shop: { nodes: [n2], roles: [web] }
`

export async function guarded(
  settings: Partial<ServerSettings> = {},
  clientSecret?: string,
  site = TWO_DEPLOYMENTS,
  more: Pick<SiteParts, 'showFiles'> & { templates?: readonly string[] } = {},
): Promise<Guarded> {
  const { templates, ...parts } = more
  const serving = await testServing({}, parts)
  await serving.commit(shortSite(readShortSite(site)), templates)
  await serving.rest()
  const { text: key } = makeServerKey()
  const logged: string[] = []
  let ahead = 0
  const wakes = new Set<{ at: number; wake: () => void }>()
  const now = (): number => Date.now() + ahead
  const access = makeAccess({
    serving,
    settings: { listen: DEFAULT_LISTEN, limits: DEFAULT_LIMITS, sessions: DEFAULT_SESSIONS, ...settings },
    keyHash: digestOf(key),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    clock: {
      now,
      wakeAt(at, wake) {
        const one = { at, wake }
        wakes.add(one)
        return () => void wakes.delete(one)
      },
    },
    log: (level, message, fields) => void logged.push(JSON.stringify({ level, message, ...fields })),
  })
  const api = await apiOver(serving, access)
  const operations = serving.operations.access
  return {
    ...api,
    key,
    logged,
    access,
    async token(name, grants, expiresAt) {
      const { text, hash } = makeToken(name)
      const issued = await operations.issueToken({
        token: name,
        hash,
        grants,
        by: 'ann',
        ...(expiresAt && { expiresAt }),
      })
      if (!issued.ok) throw new Error(issued.refusal.message)
      return text
    },
    later(ms) {
      ahead += ms
      for (const one of wakes) if (one.at <= now() && wakes.delete(one)) one.wake()
    },
    async trail() {
      const page = await operations.audit({})
      if (!page.ok) throw new Error(page.refusal.message)
      return page.value.entries.filter(({ outcome }) => outcome !== undefined)
    },
    async close() {
      await access.close()
      await api.close()
    },
  }
}

export function bearer(text: string): Record<string, string> {
  return { authorization: `Bearer ${text}` }
}
