// What a request may be: right paths, methods, words and bodies; each wrong one is told what was probably meant.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '../support/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

test('an unknown word in a query, and a word that is not one of those that there are', async () => {
  const told = await api.get('/api/v1/board?gruop=rack&state=eror')
  expect(told.headers.get('content-type')).toBe('application/problem+json')
  expect(told).toMatchObject({
    status: 400,
    body: {
      code: 'invalidRequest',
      status: 400,
      places: [
        { in: 'query', place: 'gruop', nearest: 'group' },
        { in: 'query', place: 'state.0', nearest: 'error' },
      ],
      next: 'did you mean group?, did you mean error?',
    },
  })
})

test('a path that is none, a method that it does not take, a part that is not there', async () => {
  expect(await api.get('/api/v1/stats')).toMatchObject({ status: 404, body: { nearest: '/api/v1/status' } })
  const posted = await api.send('POST', '/api/v1/status')
  expect(posted).toMatchObject({ status: 405, body: { code: 'wrongMethod' } })
  expect(posted.headers.get('allow')).toBe('GET, HEAD')
  const options = await fetch(`${api.url}/api/v1/status`, { method: 'OPTIONS' })
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD'])
  expect(await api.get('/api/v1/node-roles/d/n1/wbe')).toMatchObject({
    status: 404,
    body: { code: 'unknownNodeRole', nearest: 'd/n1/web', next: 'did you mean d/n1/web?' },
  })
  expect(await api.get('/api/v1/node-roles/d/N!/web')).toMatchObject({
    status: 400,
    body: { places: [{ in: 'path', place: 'node' }] },
  })
})

test('HEAD is GET without a body', async () => {
  const head = await fetch(`${api.url}/api/v1/status`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('every answer says what a browser may do with it', async () => {
  for (const path of ['/api/v1/status', '/nothing', '/api/v1/board?x=1']) {
    const { headers } = await api.get(path)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual([
      'nosniff',
      'no-store',
    ])
  }
})

test('what has not changed is not sent again', async () => {
  const first = await api.get('/api/v1/board')
  const etag = first.headers.get('etag') as string
  expect((await api.get('/api/v1/board', { 'if-none-match': etag })).status).toBe(304)
  expect((await api.get('/api/v1/board', { 'if-none-match': '"other"' })).status).toBe(200)
})

test('a large answer is packed for who can unpack it', async () => {
  const plain = await fetch(`${api.url}/openapi.json`, { headers: { 'accept-encoding': 'identity' } })
  const packed = await fetch(`${api.url}/openapi.json`, { headers: { 'accept-encoding': 'gzip' } })
  expect([plain, packed].map(({ headers }) => headers.get('content-encoding'))).toEqual([null, 'gzip'])
  expect(await packed.json()).toEqual(await plain.json())
})

test('of what is costly only so many at once; others wait in line, as far as it goes', async () => {
  const ask = () => api.get('/api/v1/nodes/n1/history')
  const few = await Promise.all(Array.from({ length: 6 }, ask))
  expect(new Set(few.map(({ status }) => status))).toEqual(new Set([200]))
  const events = api.serving.events.bind(api.serving)
  const gate = Promise.withResolvers<void>()
  api.serving.events = async function* (after) {
    await gate.promise
    yield* events(after)
  }
  const many = Array.from({ length: 50 }, ask)
  // Nothing goes on before somebody has been turned away: one that is answered now was.
  const turnedAway = await Promise.race(many)
  expect(turnedAway).toMatchObject({
    status: 503,
    body: { code: 'notServing', detail: expect.stringMatching(/wait in line/) },
  })
  gate.resolve()
  expect(new Set((await Promise.all(many)).map(({ status }) => status))).toEqual(new Set([200, 503]))
  api.serving.events = events
  expect((await api.get('/api/v1/nodes/n1/history')).status).toBe(200)
})

test('pages of a list: each item once, also when some come in between', async () => {
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await api.get<{ items: { id: string }[]; next?: string }>(
      `/api/v1/node-roles?limit=1${cursor}`,
    )
    seen.push(...body.items.map(({ id }) => id))
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`
  } while (cursor !== '')
  expect(seen).toEqual(['d/n1/dns', 'd/n1/web', 'd/n2/dns', 'd/n2/web'])
  expect(await api.get('/api/v1/node-roles?cursor=what')).toMatchObject({ status: 400 })
})
