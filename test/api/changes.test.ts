// What changes something over HTTP: once however often it is sent, on top of what was looked at, with the bytes that it needs.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TOKEN_ROUTES } from '../../src/api/access/token-routes.ts'
import { type AnswersBook, openAnswersBook } from '../../src/api/answers-book.ts'
import { Idempotency, KEPT_MS } from '../../src/api/idempotency.ts'
import { EVERY_ROUTE } from '../../src/api/routes/every-route.ts'
import { digestOf, digestOfBytes } from '../../src/base/digest.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import { SMALL, type TestApi, testApi } from '../support/api.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { sse } from '../support/sse.ts'

let api: TestApi
afterEach(async () => {
  await api?.close()
  expect(api?.mistakes ?? []).toEqual([])
})

describe('once', () => {
  test('a repeat is told what came of the first, another request under the same key is refused', async () => {
    api = await testApi()
    const key = { 'idempotency-key': 'k1' }
    const first = await api.send('POST', '/api/v1/revisions/2/rollback', { message: 'a' }, key)
    const again = await api.send('POST', '/api/v1/revisions/2/rollback', { message: 'a' }, key)
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body])
    const other = await api.send('POST', '/api/v1/revisions/2/rollback', { message: 'b' }, key)
    expect(other).toMatchObject({ status: 422, body: { code: 'keyReused' } })
    const { body } = await api.get<{ items: unknown[] }>('/api/v1/revisions')
    expect(body.items.length).toBe(3)
  })

  test('who comes while the first is under way waits for it', async () => {
    const once = new Idempotency()
    let done = (): void => {}
    let times = 0
    const carryOut = async (): Promise<{ status: number; headers: []; body: string }> => {
      times++
      await new Promise<void>((resolve) => {
        done = resolve
      })
      return { status: 200, headers: [], body: 'x' }
    }
    const both = [once.once('k', 'a', carryOut), once.once('k', 'a', carryOut)]
    await new Promise(setImmediate)
    done()
    expect(await Promise.all(both)).toEqual([
      { status: 200, headers: [], body: 'x' },
      { status: 200, headers: [], body: 'x' },
    ])
    expect(times).toBe(1)
  })

  test('kept for a day and within bounds; what was our mistake may be tried again', async () => {
    let now = 0
    const once = new Idempotency(() => now, { entries: 2, bytes: 10_000 })
    let status = 500
    const carryOut = async (): Promise<{ status: number; headers: []; body: string }> => ({
      status,
      headers: [],
      body: '',
    })
    expect(await once.once('a', 'x', carryOut)).toMatchObject({ status: 500 })
    status = 200
    expect(await once.once('a', 'x', carryOut)).toMatchObject({ status: 200 })
    for (const key of ['b', 'c', 'd']) await once.once(key, 'x', carryOut)
    expect(once.size).toBe(2)
    now = 24 * 3_600_000
    expect(await once.once('d', 'another', carryOut)).toMatchObject({ status: 200 })
  })
})

describe('once, over restarts', () => {
  const kept = { status: 201, headers: [['x', 'y']] as [string, string][], body: '{"revision":7}' }
  const never = async (): Promise<never> => {
    throw new Error('it is not carried out again')
  }
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'anneal-answers-'))
    return () => rmSync(directory, { recursive: true })
  })
  const begun: AnswersBook[] = []
  /** As a server that comes after one that was killed: nothing was closed. */
  const restarted = async (now = (): number => 0): Promise<Idempotency> => {
    const book = await openAnswersBook(join(directory, 'answers.ndjson'), () => now() - KEPT_MS)
    begun.push(book)
    return new Idempotency(now, undefined, book)
  }
  afterEach(async () => {
    for (const book of begun.splice(0)) await book.close()
  })

  test('a repeat is told what came of the first, also by the second server after it', async () => {
    expect(await (await restarted()).once('k', 'a', async () => kept)).toEqual(kept)
    for (let times = 0; times < 2; times++) {
      const after = await restarted()
      expect(await after.once('k', 'a', never)).toEqual(kept)
      expect(await after.once('k', 'b', never)).toMatchObject({ code: 'keyReused' })
    }
    const later = await restarted(() => KEPT_MS + 1)
    expect(await later.once('k', 'a', async () => ({ ...kept, body: 'anew' }))).toMatchObject({
      body: 'anew',
    })
  })

  test('what was under way when the server died is not begun again, whatever half of a line there is', async () => {
    const first = await restarted()
    void first.once('k', 'a', () => new Promise<never>(() => {}))
    await first.once('other', 'a', async () => kept)
    appendFileSync(join(directory, 'answers.ndjson'), '{"key":"k","what":"a","sin')
    const after = await restarted()
    expect(await after.once('k', 'a', never)).toMatchObject({ code: 'askedBefore', isDone: false })
    expect(await after.once('other', 'a', never)).toEqual(kept)
  })

  test('a server that begins beside another one takes nothing from its book', async () => {
    const first = await restarted()
    await restarted()
    await first.once('k', 'a', async () => kept)
    expect(await (await restarted()).once('k', 'a', never)).toEqual(kept)
  })

  test('a secret in an answer is told again by the same process, and stands nowhere', async () => {
    const first = await restarted()
    const secret = { ...kept, body: 'annt_s3cret' }
    for (let times = 0; times < 2; times++)
      expect(await first.once('k', 'a', async () => secret, true)).toEqual(secret)
    expect(readFileSync(join(directory, 'answers.ndjson'), 'utf8')).not.toContain('s3cret')
    expect(statSync(join(directory, 'answers.ndjson')).mode & 0o777).toBe(0o600)
    expect(await (await restarted()).once('k', 'a', never)).toMatchObject({
      code: 'askedBefore',
      isDone: true,
    })
  })

  test('what was our mistake may be tried again after one, too', async () => {
    expect(await (await restarted()).once('k', 'a', async () => ({ ...kept, status: 500 }))).toMatchObject({
      status: 500,
    })
    expect(await (await restarted()).once('k', 'a', async () => kept)).toEqual(kept)
  })

  test('every answer with a secret in it is marked as such', async () => {
    api = await testApi()
    const { body: document } = await api.get<JsonObject>('/openapi.json')
    const schemas = (document['components'] as JsonObject)['schemas'] as JsonObject
    const tells = (schema: unknown): boolean => {
      const text = JSON.stringify(schema) ?? ''
      const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(
        ([, name]) => schemas[name ?? ''],
      )
      return /"(secret|token|lease|url)":\{"type":"string"/.test(
        [text, ...named.map((one) => JSON.stringify(one))].join(),
      )
    }
    const telling = Object.entries(document['paths'] as Record<string, JsonObject>)
      .filter(
        ([path, item]) =>
          tells(((item['post'] as JsonObject | undefined)?.['responses'] as JsonObject)?.['201']) &&
          !path.includes('/work/'),
      )
      .map(([path]) => path)
    const marked = [...EVERY_ROUTE, ...TOKEN_ROUTES].filter((route) => 'tellsSecret' in route)
    expect(
      telling.filter((path) => path !== '/api/v1/links' && !marked.some((one) => one.path === path)),
    ).toEqual([])
    expect(marked.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/api/v1/tokens', '/api/v1/runners']),
    )
  })
})

describe('edits', () => {
  const path = ['deployments', 'd', 'values', 'dns', 'zone']

  test('are proposed on top of what was looked at, and of nothing else', async () => {
    api = await testApi()
    const looked = await api.get<JsonObject>('/api/v1/revisions/2?at=deployments.d')
    expect(looked.body['value']).toMatchObject({ members: ['n1', 'n2'] })
    const etag = looked.headers.get('etag') as string
    const edits = { edits: [{ path, value: 'home' }], message: 'another zone' }
    expect(await api.send('POST', '/api/v1/revisions', edits)).toMatchObject({
      status: 428,
      body: { code: 'mustMatch', etag },
    })
    const proposed = await api.send<JsonObject>('POST', '/api/v1/revisions', edits, { 'if-match': etag })
    expect(proposed).toMatchObject({
      status: 201,
      body: {
        revision: { revision: 3, onto: 2 },
        diff: { changes: [{ what: 'change' }, { what: 'change' }] },
      },
    })
    const committed = await api.send('POST', '/api/v1/revisions/3/commit', { onto: 2, message: 'go' })
    expect(committed).toMatchObject({ status: 200, body: { names: ['revision 3'] } })
    await api.serving.rest()
    expect(await api.get('/api/v1/node-roles/d/n1/dns?input=zone')).toMatchObject({
      body: { inputs: [{ input: 'zone', value: 'home', origin: { level: 'deployment' } }, {}] },
    })
    expect(await api.send('POST', '/api/v1/revisions', edits, { 'if-match': etag })).toMatchObject({
      status: 412,
      body: { code: 'movedOn', etag: '"revision-3-committed-3"' },
    })
    expect(await api.send('POST', '/api/v1/revisions/3/commit', { onto: 2 })).toMatchObject({ status: 404 })
  })

  test('what nobody edits here, what is not there, and a value that does not fit', async () => {
    api = await testApi()
    const edit = (edited: string[], value: unknown = 1) =>
      api.send(
        'POST',
        '/api/v1/revisions',
        { edits: [{ path: edited, value }], message: '' },
        { 'if-match': '*' },
      )
    expect(await edit(['deployments', 'd', 'members'])).toMatchObject({ status: 400 })
    expect(await edit(['deployments', 'dd', 'values', 'dns', 'zone'])).toMatchObject({
      status: 400,
      body: { places: [{ in: 'body', place: 'edits.0.path', nearest: 'd' }] },
    })
    expect(await edit(['deployments', 'd', 'values', 'dns', 'zoen'])).toMatchObject({
      status: 400,
      body: { places: [{ place: 'site.deployments.d.values.dns.zoen', nearest: 'zone' }] },
    })
    expect(await edit(['nodes', 'n1', 'available'], 'yes')).toMatchObject({ status: 400 })
  })

  test('a secret is not shown where a revision is', async () => {
    api = await testApi()
    const { body } = await api.get('/api/v1/revisions/2?at=roles')
    expect(JSON.stringify(body)).not.toContain('s3cret')
    expect(JSON.stringify(body)).toContain('(sensitive)')
  })
})

test('a site whose words lead nowhere is refused with each place', async () => {
  api = await testApi()
  const site = shortSite(readShortSite(SMALL)) as unknown as {
    deployments: Record<string, { nodes: unknown; placements: { role: string }[]; values: unknown }>
  }
  const { d } = site.deployments
  if (!d) throw new Error('it has d')
  d.nodes = { expression: '1 +' }
  d.values = { dns: { zoen: 1 } }
  d.placements.push({ ...d.placements[0], role: 'wbe' })
  expect(await api.send('POST', '/api/v1/diff', { site })).toMatchObject({
    status: 400,
    body: {
      places: [
        { place: 'site.deployments.d.nodes', message: expect.stringContaining('1 + is no expression') },
        { place: 'site.deployments.d.placements.2.role', nearest: 'web' },
        { place: 'site.deployments.d.values.dns.zoen', nearest: 'zone' },
      ],
    },
  })
})

test('bytes are brought under their digest, and a site without its bytes is not proposed', async () => {
  api = await testApi()
  const bytes = '#!/bin/sh\n'
  const digest = digestOfBytes(bytes)
  expect(await api.send('POST', '/api/v1/content/missing', { digests: [digest] })).toMatchObject({
    body: { missing: [digest] },
  })
  const put = (under: string): Promise<Response> =>
    fetch(`${api.url}/api/v1/content/${under}`, { method: 'PUT', body: bytes })
  expect((await put('0'.repeat(64))).status).toBe(400)
  expect((await put(digest)).status).toBe(200)
  expect(await api.send('POST', '/api/v1/content/missing', { digests: [digest] })).toMatchObject({
    body: { missing: [] },
  })
})

test('an exec tells line by line what happens', async () => {
  api = await testApi()
  const response = await fetch(`${api.url}/api/v1/execs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ selection: { text: 'n1' }, argv: ['uptime'] }),
  })
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject)
  expect(lines).toMatchObject([
    { kind: 'started', exec: 'exec-1', nodes: ['n1'] },
    { kind: 'output', node: 'n1', stream: 'stdout', text: 'hello\n' },
    { kind: 'ended', node: 'n1', outcome: { result: 'done', exit: 0 } },
    { kind: 'done', exec: 'exec-1' },
  ])
})

describe('the log of a run', () => {
  test('as text, and as it is printed, byte for byte, resumed where it was left', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'anneal-log-'))
    let finish: (outcome: RunOutcome) => void = () => {}
    const instant = {
      outcome: () => 'never' as const,
      started(report: (outcome: RunOutcome) => void) {
        finish = report
      },
    }
    try {
      api = await testApi(ONE, instant, { transcriptPath: (run) => join(directory, `${run}.log`) })
      const path = join(directory, 'run-1.log')
      const begin = Buffer.from('# 0.000 run-1 apply d/n1/one\no 0.010 \u001b[31mred\u001b[0m \u00e9\n')
      const rest = Buffer.concat([
        Buffer.from('o 0.020 '),
        Buffer.from([0xff, 0xfe, 0x0a]),
        Buffer.from('# 0.030 ok\n'),
      ])
      writeFileSync(path, begin)
      const text = await fetch(`${api.url}/api/v1/runs/run-1/log`)
      expect(Buffer.from(await text.arrayBuffer())).toEqual(begin)
      let heard = ''
      let last = 0
      for await (const { id, event, data } of sse(`${api.url}/api/v1/runs/run-1/log`)) {
        expect(event).toBe('text')
        heard += (JSON.parse(data) as { text: string }).text
        last = Number(id)
        break
      }
      expect(last).toBe(begin.length)
      appendFileSync(path, rest)
      const ended: string[] = []
      let finished = false
      for await (const { id, event, data } of sse(`${api.url}/api/v1/runs/run-1/log`, { lastId: last })) {
        ended.push(event)
        last = Number(id)
        if (event === 'text') heard += (JSON.parse(data) as { text: string }).text
        if (!finished) finish({ result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 })
        finished = true
      }
      expect([ended, last]).toEqual([['text', 'end'], begin.length + rest.length])
      expect(bytesOf(heard)).toEqual(Buffer.concat([begin, rest]))
      expect(await api.get('/api/v1/runs/run-7/log')).toMatchObject({
        status: 404,
        body: { code: 'unknownRun' },
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('of a run that left none', async () => {
    api = await testApi()
    expect(await api.get('/api/v1/runs/run-1/log')).toMatchObject({
      status: 404,
      body: { code: 'nothingThere' },
    })
  })
})

test('who listens is told when the server ends, and it does end', async () => {
  api = await testApi()
  const heard: string[] = []
  const listening = (async () => {
    for await (const { event } of sse(`${api.url}/api/v1/events`)) heard.push(event)
  })()
  while (heard.length === 0) await new Promise(setImmediate)
  await api.server.close()
  await listening
  expect(heard).toEqual(['states', 'closing'])
})

const ONE = `
nodes: { n1: {} }
roles: { one: {} }
deployments: { d: { roles: [one] } }
`

/** Lone surrogates stand for bytes that are no UTF-8. */
function bytesOf(text: string): Buffer {
  return Buffer.concat(
    Array.from(text, (letter) => {
      const code = letter.codePointAt(0) as number
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(letter)
    }),
  )
}

test('a site that is known and has nothing to do is asked for by its digest; all else is to be sent', async () => {
  api = await testApi()
  const site = shortSite(readShortSite(SMALL))
  const digest = digestOf(JSON.parse(JSON.stringify(site)) as JsonObject)
  const same = async (of = digest): Promise<unknown> =>
    (await api.send('POST', '/api/v1/ups/same', { digest: of })).body
  expect(await same()).toEqual({})
  expect((await api.send('POST', '/api/v1/ups/preview', { site })).body).toEqual({ diff: null })
  expect(await same()).toMatchObject({ atRest: { revision: 2, ready: true, nodeRoles: 4 } })
  const other = shortSite(readShortSite(SMALL.replace('lab', 'field')))
  expect((await api.send('POST', '/api/v1/ups/preview', { site: other })).body).toMatchObject({ diff: {} })
  expect(await same(digestOf(JSON.parse(JSON.stringify(other)) as JsonObject))).toEqual({})
  // The same files, and something to say all the same.
  expect(await same()).toMatchObject({ atRest: {} })
  await api.send('POST', '/api/v1/controls', { kind: 'hold', targets: ['n1'], why: 'mine' })
  await api.serving.operations.control(
    { kind: 'retry', targets: ['d/n1/dns'] },
    { by: 'ann', onFeed: () => {}, signal: new AbortController().signal, stay: false, written: true },
  )
  expect(await same()).toEqual({})
})
