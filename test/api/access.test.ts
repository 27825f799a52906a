// The door of a real server: every way in, how each of them ends, what is turned away, and what of it is in the trail.
import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { bearer, type Guarded, guarded } from '../support/guarded.ts'

let api: Guarded
afterEach(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Me {
  name: string
  via: { kind: string }
  rights: string[]
  deployments?: string[]
}

test('the key of the server: an admin of this machine, by the name that the command line says', async () => {
  api = await guarded()
  const me = await api.get<Me>('/api/v1/me', {
    ...bearer(api.key),
    'x-anneal-by': encodeURIComponent('zoé@desk'),
  })
  expect(me.body).toMatchObject({ name: 'zoé@desk', via: { kind: 'key' } })
  expect(me.body.rights).toContain('admin')
  expect((await api.get('/api/v1/me', bearer(`${api.key.slice(0, -1)}!`))).status).toBe(401)
  const hostile = await api.get<Me>('/api/v1/me', { ...bearer(api.key), 'x-anneal-by': '%E0%A4%A' })
  expect(hostile.body.name).toBe('somebody on this machine')
  const escapes = encodeURIComponent('\u001b[2Jann')
  expect((await api.get<Me>('/api/v1/me', { ...bearer(api.key), 'x-anneal-by': escapes })).body.name).toBe(
    '␛[2Jann',
  )
})

test('nobody is let in by default, and nothing is told of what is there', async () => {
  api = await guarded()
  for (const path of ['/api/v1/status', '/api/v1/tokens', '/api/v1/me', '/api/v1/events']) {
    const turned = await api.get<{ code: string }>(path)
    expect([path, turned.status, turned.body.code]).toEqual([path, 401, 'unauthenticated'])
    expect(turned.headers.get('www-authenticate')).toBe('Bearer')
  }
  expect((await api.send('POST', '/api/v1/tokens', { token: 'x', grants: [{ role: 'admin' }] })).status).toBe(
    401,
  )
})

test('a token from its issue to its end', async () => {
  api = await guarded()
  const request = { token: 'ci', grants: [{ role: 'operator', deployments: ['store'] }], why: 'the build' }
  const issued = await api.send<{ secret: string; token: object }>(
    'POST',
    '/api/v1/tokens',
    request,
    bearer(api.key),
  )
  expect(issued.status).toBe(201)
  const { secret } = issued.body
  expect(secret).toMatch(/^annt_ci\.[\w-]{43}$/)
  const me = await api.get<Me>('/api/v1/me', bearer(secret))
  expect(me.body).toMatchObject({
    name: 'token:ci',
    deployments: ['store'],
    rights: ['read', 'operate', 'approve'],
  })
  expect((await api.get('/api/v1/tokens', bearer(secret))).status).toBe(403)
  const listed = await api.get<{ items: object[] }>('/api/v1/tokens', bearer(api.key))
  expect(listed.body.items).toMatchObject([
    { token: 'ci', state: 'valid', usedAt: expect.any(Number) as unknown },
  ])
  expect(JSON.stringify(listed.body)).not.toContain(secret.slice(8))
  expect((await api.send('DELETE', '/api/v1/tokens/ci?why=leaked', undefined, bearer(api.key))).status).toBe(
    200,
  )
  const over = await api.get<{ detail: string }>('/api/v1/me', bearer(secret))
  expect([over.status, over.body.detail]).toEqual([401, 'the token ci is revoked'])
})

test('a token ends when it expires; one of another name, or cut, is none', async () => {
  api = await guarded()
  const secret = await api.token('short', [{ role: 'viewer' }], Date.now() + HOUR)
  expect((await api.get('/api/v1/me', bearer(secret))).status).toBe(200)
  expect((await api.get('/api/v1/me', bearer(secret.replace('short', 'other')))).status).toBe(401)
  expect((await api.get('/api/v1/me', bearer(secret.slice(0, -1)))).status).toBe(401)
  api.later(HOUR)
  expect((await api.get('/api/v1/me', bearer(secret))).status).toBe(401)
})

async function signedIn(): Promise<string> {
  const link = await api.send<{ url: string }>(
    'POST',
    '/api/v1/links',
    {},
    { ...bearer(api.key), 'x-anneal-by': 'ann' },
  )
  const opened = await fetch(link.body.url, { redirect: 'manual' })
  expect(opened.status).toBe(200)
  const [cookie = ''] = opened.headers.getSetCookie()
  expect(cookie).toMatch(/^anneal_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
  return cookie.split(';')[0] ?? ''
}

test('a one-time link opens one session, once, within a minute', async () => {
  api = await guarded()
  const link = await api.send<{ url: string }>(
    'POST',
    '/api/v1/links',
    {},
    { ...bearer(api.key), 'x-anneal-by': 'ann' },
  )
  const opened = await fetch(link.body.url)
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect((await api.get<Me>('/api/v1/me', { cookie })).body).toMatchObject({
    name: 'ann',
    via: { kind: 'session', by: 'link' },
  })
  const again = await fetch(link.body.url)
  expect([again.status, again.headers.getSetCookie()]).toEqual([401, []])
  const late = await api.send<{ url: string }>('POST', '/api/v1/links', {}, bearer(api.key))
  api.later(MINUTE)
  expect((await fetch(late.body.url)).status).toBe(401)
  expect((await fetch(`${api.url}/auth/link?code=guess`)).status).toBe(401)
})

test('a session slides, ends in any case, and is ended by who signs out or by an admin', async () => {
  api = await guarded({ sessions: { idleMs: HOUR, mostMs: 2 * HOUR } })
  const cookie = await signedIn()
  const status = async (): Promise<number> => (await api.get('/api/v1/me', { cookie })).status
  api.later(HOUR - 1_000)
  expect(await status()).toBe(200)
  api.later(HOUR - 1_000)
  expect(await status()).toBe(200)
  api.later(5_000)
  expect(await status()).toBe(401)

  const second = await signedIn()
  const list = await api.get<{ items: { session: string; name: string }[] }>('/api/v1/sessions', {
    cookie: second,
  })
  expect(list.body.items).toMatchObject([{ name: 'ann', signedIn: 'link', address: '127.0.0.1' }])
  const { session = '' } = list.body.items[0] ?? {}
  expect((await api.send('DELETE', `/api/v1/sessions/${session}`, undefined, bearer(api.key))).status).toBe(
    200,
  )
  expect((await api.get('/api/v1/me', { cookie: second })).status).toBe(401)

  const third = await signedIn()
  const out = await api.send('POST', '/auth/logout', undefined, {
    cookie: third,
    'sec-fetch-site': 'same-origin',
  })
  expect([out.status, out.headers.getSetCookie()[0]]).toEqual([204, expect.stringContaining('Max-Age=0')])
  expect((await api.get('/api/v1/me', { cookie: third })).status).toBe(401)
})

test('what a page of somebody else makes a browser ask is turned away; a bearer token needs no page', async () => {
  api = await guarded()
  const cookie = await signedIn()
  const host = new URL(api.url).host
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await api.send('POST', '/api/v1/links', {}, { cookie, ...headers })).status
  expect(await ask({ 'sec-fetch-site': 'same-origin' })).toBe(201)
  expect(await ask({ origin: `http://${host}` })).toBe(201)
  for (const site of ['cross-site', 'same-site', 'none', ''])
    expect(await ask({ 'sec-fetch-site': site })).toBe(403)
  for (const origin of [
    'https://evil.example.org',
    'null',
    `https://${host}`,
    `http://${host}.evil.example.org`,
    '',
  ])
    expect(await ask({ origin })).toBe(403)
  expect(await ask({})).toBe(403)
  expect((await api.get('/api/v1/me', { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(200)
  expect(
    (await api.send('POST', '/api/v1/links', {}, { ...bearer(api.key), origin: 'https://evil.example.org' }))
      .status,
  ).toBe(201)
})

/** With headers that `fetch` does not let one write. */
function raw(
  path: string,
  headers: Record<string, string | string[]>,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(api.url + path, { headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('on this machine alone no other name leads here', async () => {
  api = await guarded()
  const { port } = new URL(api.url)
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, '127.0.0.1'])
    expect((await raw('/version', { host })).status).not.toBe(403)
  for (const host of [
    'evil.example.org',
    `evil.example.org:${port}`,
    '127.0.0.1.evil.example.org',
    'localhost.evil.example.org',
  ])
    expect([host, (await raw('/api/v1/me', { host, ...bearer(api.key) })).status]).toEqual([host, 403])
})

test('hostile headers and cookies give a refusal, in no time', async () => {
  api = await guarded()
  const hostile: Record<string, string | string[]>[] = [
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: 'Basic YWRtaW46YWRtaW4=' },
    { authorization: `Bearer ${'a'.repeat(12_000)}` },
    { authorization: 'Bearer annk_' },
    { authorization: 'Bearer annt_.' },
    { authorization: `Bearer annt_../../x.${'x'.repeat(43)}` },
    { authorization: `Bearer annt___proto__.${'x'.repeat(43)}` },
    { authorization: `Bearer annt_constructor.${'x'.repeat(43)}` },
    { authorization: 'Bearer a.b.c' },
    { cookie: 'anneal_session' },
    { cookie: 'anneal_session=' },
    { cookie: `anneal_session=${'x'.repeat(12_000)}` },
    { cookie: '=;=;;;anneal_session=%00;' },
    { cookie: ['anneal_session=a', 'anneal_session=b'] },
    { cookie: '__Host-anneal_session=x' },
    { cookie: 'a=b;'.repeat(3_000) },
  ]
  for (const headers of hostile) {
    const { status } = await raw('/api/v1/me', headers)
    expect([headers, status]).toEqual([
      headers,
      expect.toSatisfy((one) => one === 401 || one === 429) as unknown,
    ])
  }
})

test('who shows credentials that are not good waits longer and longer; who has a good one does not', async () => {
  api = await guarded({
    limits: { perPrincipal: PLENTY, perAddress: PLENTY, failures: { burst: 3, perSecond: 0.1 } },
  })
  const bad = (): Promise<{ status: number; headers: Headers }> =>
    api.get('/api/v1/me', bearer(`annt_x.${'y'.repeat(43)}`))
  for (let tries = 0; tries < 3; tries++) expect((await bad()).status).toBe(401)
  const turned = await bad()
  expect(turned.status).toBe(429)
  expect(Number(turned.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await api.get('/api/v1/me', bearer(api.key))).status).toBe(200)
  api.later(10_000)
  expect((await bad()).status).toBe(401)
})

const PLENTY = { burst: 100_000, perSecond: 100_000 }

test('a principal has its own measure, an address another one', async () => {
  api = await guarded({
    limits: {
      perPrincipal: { burst: 2, perSecond: 1 },
      perAddress: { burst: 7, perSecond: 1 },
      failures: PLENTY,
    },
  })
  const one = await api.token('one', [{ role: 'viewer' }])
  const other = await api.token('other', [{ role: 'viewer' }])
  const ask = async (secret: string): Promise<number> => (await api.get('/api/v1/me', bearer(secret))).status
  expect([await ask(one), await ask(one), await ask(one)]).toEqual([200, 200, 429])
  expect([await ask(other), await ask(other), await ask(other)]).toEqual([200, 200, 429])
  expect([await ask(api.key), await ask(api.key)]).toEqual([200, 429])
  api.later(1_000)
  expect(await ask(one)).toBe(200)
})

test('behind a proxy that is believed each address has its own measure and stands in the trail; nobody else makes one up', async () => {
  const limits = { perPrincipal: PLENTY, perAddress: { burst: 2, perSecond: 1 }, failures: PLENTY }
  const asked = async (proxies: string[], forwarded: string): Promise<number> => {
    api = await guarded({ limits, proxies })
    const secret = await api.token('ci', [{ role: 'viewer' }])
    const ask = async (words: string): Promise<number> =>
      (await api.get('/api/v1/tokens', { ...bearer(secret), 'x-forwarded-for': words })).status
    for (let from = 0; from < 2; from++) await ask(`198.51.100.${from}, ${forwarded}`)
    return ask(`198.51.100.9, ${forwarded}`)
  }
  const addresses = async (): Promise<unknown[]> => (await api.trail()).map(({ address }) => address)
  // Not believed: all come from who connects, whatever they say.
  expect(await asked([], '')).toBe(429)
  expect(await addresses()).toEqual(['127.0.0.1', '127.0.0.1'])
  await api.close()
  // What stands before the address that the proxy itself adds is made up by who came to it.
  expect(await asked(['127.0.0.0/8'], '203.0.113.7')).toBe(429)
  expect((await addresses())[0]).toBe('203.0.113.7')
  await api.close()
  expect(await asked(['127.0.0.1', '10.0.0.0/8'], '10.1.2.3')).toBe(403)
  expect((await addresses())[0]).toBe('198.51.100.0')
})

test('who holds a part of the site is let in to that part', async () => {
  api = await guarded()
  const store = await api.token('store', [{ role: 'viewer', deployments: ['store'] }])
  const seen = await api.get<{ items: { id: string }[] }>('/api/v1/node-roles', bearer(store))
  expect(seen.body.items.map(({ id }) => id)).toEqual(['store/n1/db'])
  expect((await api.get('/api/v1/node-roles/store/n1/db', bearer(store))).status).toBe(200)
  const other = await api.get<{ detail: string }>('/api/v1/node-roles/base/n1/log', bearer(store))
  expect([other.status, other.body.detail]).toEqual([403, 'token:store has not the right read in base'])
})

test('who did what is in the trail with the way in; equal refusals of a minute are counted', async () => {
  api = await guarded()
  const viewer = await api.token('ci', [{ role: 'viewer' }])
  await api.send(
    'POST',
    '/api/v1/tokens',
    { token: 'new', grants: [{ role: 'viewer' }], why: 'to see' },
    { ...bearer(api.key), 'x-anneal-by': 'ann' },
  )
  for (let tries = 0; tries < 5; tries++) await api.get('/api/v1/tokens', bearer(viewer))
  for (let tries = 0; tries < 3; tries++) await api.get('/api/v1/status', bearer(`annt_x.${'y'.repeat(43)}`))
  await api.get('/api/v1/status')
  const before = await api.trail()
  expect(before.map(({ by, what, outcome }) => `${by} ${what} ${outcome}`)).toEqual([
    'ann POST /api/v1/tokens taken',
    'token:ci GET /api/v1/tokens notAllowed',
    'nobody GET /api/v1/status unauthenticated',
  ])
  expect(before[0]).toMatchObject({
    target: 'new',
    why: 'to see',
    via: { kind: 'key' },
    address: '127.0.0.1',
  })
  api.later(MINUTE)
  const after = (await api.trail()).slice(before.length)
  expect(after.map(({ by, outcome, times }) => `${by} ${outcome} ${times}`)).toEqual([
    'token:ci notAllowed 4',
    'nobody unauthenticated 2',
  ])
  const page = await api.get<{ entries: { what: string }[] }>('/api/v1/audit?by=ann', bearer(api.key))
  expect(page.body.entries.map(({ what }) => what)).toContain('tokenIssued')
  expect(api.logged.filter((line) => line.includes('notAllowed'))).toHaveLength(5)
})

test('whoever makes up unlike requests fills neither the trail nor the memory', async () => {
  api = await guarded({ limits: { perPrincipal: PLENTY, perAddress: PLENTY, failures: PLENTY } })
  const secret = await api.token('ci', [{ role: 'viewer' }])
  for (let i = 0; i < 150; i++) await api.send('DELETE', `/api/v1/tokens/t${i}`, undefined, bearer(secret))
  for (let i = 0; i < 150; i++) await api.get('/api/v1/me', bearer(`annt_x${i}.${'y'.repeat(43)}`))
  api.later(MINUTE)
  expect((await api.trail()).length).toBeLessThan(10)
})

test('no secret is in the log, in the trail or in what is answered', async () => {
  api = await guarded()
  const secret = await api.token('ci', [{ role: 'viewer' }])
  const cookie = await signedIn()
  await api.get('/api/v1/tokens', bearer(secret))
  await api.get('/api/v1/me', bearer(`${secret}x`))
  const told = JSON.stringify([api.logged, await api.trail()])
  for (const hidden of [secret.split('.')[1], cookie.split('=')[1], api.key.slice(5)])
    expect(told).not.toContain(hidden)
})
