// Who holds a part of the site: what of a control, a proposal, a list and a stream is theirs, asked of a real server.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Control } from '../../src/model/control.ts'
import type { CriticalPath, CycleView } from '../../src/model/cycle.ts'
import type { NodeView, RevisionView, StatusView } from '../../src/model/view.ts'
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

test('a reference to a secret is followed where the server is: only who may commit in the whole site brings one', async () => {
  const site = readShortSite(TWO_DEPLOYMENTS)
  const key = { type: 'string', default: 'x', sensitive: true }
  await api.serving.commit(shortSite(changed(site, { roles: { db: { inputs: { v: 1, key } } } } as never)))
  const path = ['deployments', 'store', 'values', 'db', 'key']
  const edited = async (value: unknown, headers: Record<string, string>, at = path): Promise<unknown> => {
    const body = { edits: [{ path: at, value }], message: '' }
    const told = await api.send<{ places?: { message: string }[] }>('POST', '/api/v1/revisions', body, {
      ...headers,
      'if-match': '*',
    })
    return told.status === 201 ? 201 : told.body.places?.map(({ message }) => message)
  }
  const reference = { secret: { command: ['cat', '/etc/passwd'] } }
  const all = bearer(api.key)
  const brings = 'only who may commit in the whole site brings a reference that is not in it yet'
  expect(await edited(reference, store)).toEqual([brings])
  expect(await edited({ secret: { file: 1 } }, all)).toEqual([
    expect.stringMatching(/not shown; expected secret:/),
  ])
  expect(await edited(reference, all)).toBe(201)
  const { items } = (await api.get<{ items: RevisionView[] }>('/api/v1/revisions', all)).body
  const { revision, onto } = items[0] as RevisionView
  expect((await api.send('POST', `/api/v1/revisions/${revision}/commit`, { onto }, all)).status).toBe(200)
  // What is there already stands in nobody's way.
  expect(await edited(2, store, ['deployments', 'store', 'values', 'db', 'v'])).toBe(201)
  expect(await edited(reference, store, ['deployments', 'store', 'overrides', 'n1/db', 'key'])).toBe(201)
})

test('what is counted is counted of what is theirs: status, machines, cycles, revisions', async () => {
  const asked = async <T>(path: string): Promise<T> => (await api.get<T>(`/api/v1${path}`, store)).body
  const head = await asked<StatusView & { nodeRoles: number }>('/status?notable=10')
  expect(head).toMatchObject({ nodeRoles: 1, counts: { active: 1, error: 0 }, temperature: 0, ready: true })
  expect(head.roles.map(({ deployment }) => deployment)).toEqual(['store'])
  await api.send('POST', '/api/v1/controls', { kind: 'hold', targets: ['shop', 'node:n1'] }, bearer(api.key))
  const { holds } = await asked<StatusView>('/status')
  expect(holds.map(({ scope }) => scope)).toEqual([{ kind: 'node', node: 'n1' }])
  const nodes = await asked<{ items: NodeView[] }>('/nodes')
  expect(nodes.items.map(({ name, nodeRoles }) => [name, nodeRoles])).toEqual([['n1', 1]])
  for (const path of ['/nodes/n2', '/nodes/n2/facts']) {
    const told = await api.get<{ message: string }>(`/api/v1${path}`, store)
    expect([path, told.status, told.body.message]).toEqual([
      path,
      404,
      'there is no node n2 in what token:store may read',
    ])
  }
  expect(await asked('/nodes/n1')).toMatchObject({
    node: { nodeRoles: 1 },
    nodeRoles: [{ id: 'store/n1/db' }],
  })
  const shopOnly = await proposed({ deployments: { shop: { values: { web: { v: 2 } } } } })
  const own = await proposed({ deployments: { store: { values: { db: { v: 2 } } } } })
  const revisions = await asked<{ items: RevisionView[] }>('/revisions')
  const numbers = revisions.items.map(({ revision }) => revision)
  expect(numbers).toContain(own)
  expect(numbers).not.toContain(shopOnly)
  expect(revisions.items[0]).toMatchObject({ nodes: 1, roles: 1 })
  const [cycle] = (await asked<{ items: CycleView[] }>('/cycles')).items
  expect(cycle).toMatchObject({ runs: 1, nodes: 1, failed: 0 })
  const path = await asked<CriticalPath>(`/cycles/${cycle?.cycle}`)
  expect(new Set(path.steps.map(({ nodeRole }) => nodeRole))).not.toContain('base/n1/log')
  const before = (await asked<{ items: CycleView[] }>('/cycles')).items.length
  await api.send(
    'POST',
    '/api/v1/controls',
    { kind: 'release', targets: ['shop', 'node:n1'] },
    bearer(api.key),
  )
  await api.send('POST', '/api/v1/controls', { kind: 'run', targets: ['shop'], only: false }, bearer(api.key))
  await api.serving.rest()
  const all = await api.get<{ items: CycleView[] }>('/api/v1/cycles', bearer(api.key))
  expect(all.body.items.length).toBeGreaterThan(before)
  expect((await asked<{ items: CycleView[] }>('/cycles')).items.length).toBe(before)
  expect((await api.get(`/api/v1/cycles/${all.body.items[0]?.cycle}`, store)).status).toBe(404)
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
