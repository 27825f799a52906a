// Who holds a part of the site: what of a control, a proposal, a list and a stream is theirs, asked of a real server.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Control } from '../../src/model/control.ts'
import { bearer, type Guarded, guarded, TWO_DEPLOYMENTS } from '../support/guarded.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'
import { sse } from '../support/sse.ts'

let api: Guarded
let store: Record<string, string>
beforeEach(async () => {
  api = await guarded()
  store = bearer(await api.token('store', [{ role: 'author', deployments: ['store'] }]))
})
afterEach(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

const MINE = expect.not.toSatisfy((status: number) => status === 401 || status === 403) as unknown

test.each<[unknown, Control]>([
  [MINE, { kind: 'hold', targets: ['store'] }],
  [MINE, { kind: 'hold', targets: ['store/n1/db'] }],
  [MINE, { kind: 'run', targets: ['deployment:store'], only: false }],
  [403, { kind: 'hold', targets: [] }],
  [403, { kind: 'hold', targets: ['base'] }],
  [403, { kind: 'hold', targets: ['store', 'base'] }],
  [403, { kind: 'hold', targets: ['node:n1'] }],
  [403, { kind: 'run', targets: ['n1/log'], only: false }],
  [403, { kind: 'retry', targets: ['base/n1/log'] }],
  [403, { kind: 'approve', targets: ['shop'] }],
  [403, { kind: 'cancel', targets: ['run-1'] }],
  [403, { kind: 'stop' }],
  // It has run, and is marked once: an author has not that right.
  [403, { kind: 'retry', targets: ['store/n1/db'] }],
  [403, { kind: 'approve', targets: ['store/n1/db'] }],
])('%s: %j', async (status, control) => {
  const run = api.serving.head() > 0 ? 'run-1' : ''
  expect(run).toBe('run-1')
  expect((await api.send('POST', '/api/v1/controls', control, store)).status).toEqual(status)
})

async function proposed(change: object): Promise<number> {
  const site = shortSite(changed(readShortSite(TWO_DEPLOYMENTS), change as never))
  const made = await api.serving.operations.propose({ site, content: new Map(), by: 'ann', message: '' })
  if (!made.ok || !made.value) throw new Error('nothing was proposed')
  return made.value.revision.revision
}

test.each([
  [MINE, { deployments: { store: { values: { db: { v: 2 } } } } }],
  [403, { deployments: { shop: { values: { web: { v: 2 } } } } }],
  [403, { deployments: { shop: { values: { web: { v: 2 } } }, store: { values: { db: { v: 2 } } } } }],
  // A role of both.
  [403, { nodes: { n1: { rack: 'r1' } } }],
  // A node of nobody is of the whole site.
  [403, { nodes: { n9: null, spare: {} } }],
])('%s: to commit %j', async (status, change) => {
  const revision = await proposed(change)
  const body = { onto: 1 }
  expect((await api.send('POST', `/api/v1/revisions/${revision}/commit`, body, store)).status).toEqual(status)
})

test.each([
  [MINE, { deployments: { store: { values: { db: { v: 2 } } } } }],
  [403, { deployments: { shop: { values: { web: { v: 2 } } } } }],
  [403, { deployments: { store: { values: { db: { v: 2 } } } }, nodes: { n2: { rack: 'r2' } } }],
  // Refused by whoever would carry it out.
  [400, { deployments: { store: { parent: 'nowhere' } } }],
  [400, { deployments: { store: { nodes: '1 +' } } }],
])('%s: to bring up %j', async (status, change) => {
  const site = shortSite(changed(readShortSite(TWO_DEPLOYMENTS), change as never))
  const asked = await api.send('POST', '/api/v1/ups', { site, message: '' }, store)
  expect(asked.status).toEqual(status)
})

test('a proposal of another part is not theirs to discard', async () => {
  const shop = await proposed({ deployments: { shop: { values: { web: { v: 2 } } } } })
  expect((await api.send('POST', `/api/v1/revisions/${shop}/discard`, {}, store)).status).toBe(403)
  const own = await proposed({ deployments: { store: { values: { db: { v: 2 } } } } })
  expect((await api.send('POST', `/api/v1/revisions/${own}/discard`, {}, store)).status).toBe(200)
})

test('lists hold what is theirs, and what was of somebody else is not told by its number', async () => {
  const runs = await api.get<{ items: { nodeRole: string }[] }>('/api/v1/runs', store)
  expect(runs.body.items.map(({ nodeRole }) => nodeRole)).toEqual(['store/n1/db'])
  const all = await api.get<{ items: { run: string; nodeRole: string }[] }>('/api/v1/runs', bearer(api.key))
  const other = all.body.items.find(({ nodeRole }) => !nodeRole.startsWith('store/'))
  expect((await api.get(`/api/v1/runs/${other?.run}`, store)).status).toBe(403)
  expect((await api.get(`/api/v1/runs/${other?.run}/log`, store)).status).toBe(403)
  expect((await api.get('/api/v1/runs/run-999/log', store)).status).toBe(403)
  for (const path of ['/api/v1/execs', '/api/v1/trace?word=x', '/api/v1/revisions/1', '/api/v1/audit'])
    expect([path, (await api.get(path, store)).status]).toEqual([path, 403])
})

test('the stream tells what is theirs; what is of the trail is told to an admin alone', async () => {
  const viewer = bearer(await api.token('viewer', [{ role: 'viewer' }]))
  const kinds = async (headers: Record<string, string>): Promise<Set<string>> => {
    const heard = new Set<string>()
    const stop = new AbortController()
    for await (const { event, data } of sse(`${api.url}/api/v1/events?after=0`, {
      signal: stop.signal,
      headers,
    })) {
      const told = JSON.parse(data || '{}') as { event?: { nodeRole?: string } }
      heard.add(event)
      if (told.event?.nodeRole !== undefined) heard.add(told.event.nodeRole)
      if (event === 'states') break
    }
    stop.abort()
    return heard
  }
  const [admin, site, part] = [await kinds(bearer(api.key)), await kinds(viewer), await kinds(store)]
  expect(admin).toContain('tokenIssued')
  for (const heard of [site, part]) expect(heard).not.toContain('tokenIssued')
  expect(site).toContain('base/n1/log')
  expect(part).toContain('store/n1/db')
  expect(part).not.toContain('base/n1/log')
})

test('a stream ends when what it was opened with is good no more', async () => {
  const admitted = async (): Promise<(() => Promise<boolean>) | undefined> => {
    const headers = new Headers({ host: '127.0.0.1', ...store })
    const knock = {
      method: 'GET',
      route: '/api/v1/events',
      params: {},
      headers,
      remote: '127.0.0.1',
      secure: false,
    }
    const who = await api.access.admit(knock)
    return who.ok ? who.value.stillIn : undefined
  }
  const stillIn = await admitted()
  expect(await stillIn?.()).toBe(true)
  await api.send('DELETE', '/api/v1/tokens/store', undefined, bearer(api.key))
  expect(await stillIn?.()).toBe(false)
})
