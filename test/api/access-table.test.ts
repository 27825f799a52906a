// The table of rights: every route has its row and every row its route, and each role is let in to what its row says.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTE_RIGHTS } from '../../src/api/access/route-rights.ts'
import { EVERY_ROUTE } from '../../src/api/routes/every-route.ts'
import { ACCESS_ROLE_NAMES, ACCESS_ROLES, type AccessRole, type Right } from '../../src/model/access.ts'
import { bearer, type Guarded, guarded } from '../support/guarded.ts'

let api: Guarded
const tokens = new Map<AccessRole, string>()
beforeAll(async () => {
  const plenty = { burst: 100_000, perSecond: 100_000 }
  api = await guarded({ limits: { perPrincipal: plenty, perAddress: plenty, failures: plenty } })
  for (const role of ACCESS_ROLE_NAMES) tokens.set(role, await api.token(role, [{ role }]))
})
afterAll(() => api.close())

const access = await guarded()
const routes = [...EVERY_ROUTE, ...access.access.routes].map(({ method, path }) => `${method} ${path}`)
await access.close()

/** Those that a server has only where it is told to, or that describe the others. */
const OF_OTHERS = ['GET /openapi.json', 'GET /metrics', 'POST /api/v1/hooks/{name}']

test('every route has its row', () => {
  expect(routes.filter((route) => !Object.hasOwn(ROUTE_RIGHTS, route))).toEqual([])
})

test('every row has its route', () => {
  const known = [...routes, ...OF_OTHERS]
  expect(Object.keys(ROUTE_RIGHTS).filter((row) => !known.includes(row))).toEqual([])
})

/** What stands in addresses; none of it is there. */
const PLACES: Record<string, string> = {
  deployment: 'store',
  node: 'n9',
  name: 'n9',
  role: 'nothing',
  run: 'run-999',
  cycle: '999',
  revision: '999',
  token: 'nobody',
  session: 'session-000000000000',
  digest: '0'.repeat(64),
  runner: 'nobody',
  hand: '1',
}

async function statusOf(route: string, secret: string | undefined): Promise<number> {
  const [method = '', path = ''] = route.split(' ')
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => PLACES[name] ?? name)
  const stop = new AbortController()
  const response = await fetch(api.url + place, {
    method,
    redirect: 'manual',
    signal: stop.signal,
    headers: { ...(secret === undefined ? {} : bearer(secret)), 'content-type': 'application/json' },
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }),
  })
  // A stream would go on for ever.
  stop.abort()
  return response.status
}

const LET_IN = expect.not.toSatisfy((status: number) => status === 401 || status === 403) as unknown

test.each(routes)('%s', async (route) => {
  const { right } = ROUTE_RIGHTS[route] ?? { right: 'open' }
  if (right === 'open') {
    expect(await statusOf(route, undefined)).not.toBe(403)
    return
  }
  expect(await statusOf(route, undefined)).toBe(401)
  expect(await statusOf(route, `annt_nobody.${'x'.repeat(43)}`)).toBe(401)
  for (const [role, secret] of tokens) {
    const mayIt = right === 'signedIn' || (ACCESS_ROLES[role] as readonly Right[]).includes(right)
    expect([role, await statusOf(route, secret)]).toEqual([role, mayIt ? LET_IN : 403])
  }
})
