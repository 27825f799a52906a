// The same canary where a server, a runner elsewhere and PostgreSQL have to do with it: in nothing that leaves, and in nothing that is kept.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { found, makeCanarySite, secret } from '../support/canary-site.ts'
import { testPostgres, type TestPostgres } from '../support/postgres.ts'
import { type Receiver, receiver } from '../support/receiver.ts'
import { type Running, siteDir } from '../support/site-dir.ts'
import { sse } from '../support/sse.ts'

const site = siteDir()
const NODES = { here: { local: true }, far: { local: true, runner: { segment: 'far' } } }
/** Of the server itself; the last one is sent to whom it is for. */
const WEBHOOK = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const HOOK = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const HEADER = 'canaryHeaderZq7xK'
let postgres: TestPostgres
let database: string
let collector: Receiver
let post: Receiver
let server: Running
let runner: Running
let url = ''
/** All that left, by where it was seen. */
const left: { where: string; text: string }[] = []

beforeAll(async () => {
  process.env['CANARY'] = secret('env')
  postgres = await testPostgres()
  database = postgres.url()
  process.env['ANNEAL_DATABASE'] = database
  collector = await receiver()
  collector.answer = () => ({ status: 200 })
  post = await receiver()
  makeCanarySite(site, { nodes: NODES })
  site.write({
    'ops.secret': `${WEBHOOK}\n`,
    'hook.secret': `${HOOK}\n`,
    'traces.secret': `${HEADER}\n`,
    'server.yaml': JSON.stringify({
      log: { format: 'json', level: 'debug' },
      traces: { endpoint: `${collector.url}/v1/traces`, headers: { 'X-Key': { file: 'traces.secret' } } },
      webhooks: [{ name: 'ops', url: `${post.url}/hook`, secrets: [{ file: 'ops.secret' }] }],
      hooks: [
        { name: 'look', does: 'drift', role: 'operator', secrets: [{ command: ['cat', 'hook.secret'] }] },
      ],
    }),
  })
  server = site.start('serve', '--listen', '127.0.0.1:0', '--log', 'json')
  ;[, url = ''] = await server.says(/(http:\/\/127\.0\.0\.1:\d+)/)
  const { text, hash } = makeEnrolment('r1')
  await asked('POST', '/api/v1/runners', {
    runner: 'r1',
    labels: { segment: 'far' },
    hash,
    endsAt: Date.now() + 600_000,
  })
  runner = site.startWith(
    { ANNEAL_RUNNER_TOKEN: text },
    'runner',
    '--server',
    url,
    '--state',
    site.path('state'),
  )
  await tell(0, 'up', '--yes')
  makeCanarySite(site, { nodes: NODES, values: { fails: true } })
  await tell(3, 'up', '--yes', '--json')
  makeCanarySite(site, { nodes: NODES })
  await tell(0, 'up', '--yes')
})
afterAll(async () => {
  delete process.env['CANARY']
  delete process.env['ANNEAL_DATABASE']
  await site.end()
  await Promise.all([collector.close(), post.close(), postgres.stop()])
})

async function tell(code: number | undefined, ...words: string[]): Promise<void> {
  const done = await site.anneal(...words)
  left.push({ where: `anneal ${words.join(' ')}`, text: done.said })
  if (code !== undefined) expect(done.code, done.said).toBe(code)
}

/** By who may do all; the answer is among what left. */
async function asked(
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const key = readFileSync(site.path('.anneal', 'server.key'), 'utf8').trim()
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  left.push({ where: `${method} ${path}`, text: [text, ...[...response.headers].flat()].join('\n') })
  return { status: response.status, text }
}

test('each question of the API, with each thing that there is to be asked about', async () => {
  const document = JSON.parse((await asked('GET', '/openapi.json')).text) as {
    paths: Record<string, JsonObject>
  }
  const { items } = JSON.parse((await asked('GET', '/api/v1/runs?limit=1000')).text) as {
    items: { run: string }[]
  }
  const runs = items.map(({ run }) => run)
  const values: Record<string, string[]> = {
    deployment: ['d', 'top'],
    node: ['here', 'far'],
    name: ['here', 'far'],
    role: ['vault', 'ping', 'pong'],
    run: runs,
    revision: ['1', '2', '3'],
    cycle: ['1', '2', '3'],
  }
  const paths = Object.entries(document.paths).flatMap(([path, item]) => ('get' in item ? [path] : []))
  const whole = paths
    .filter((path) => !/\/events$|\/auth|\/work\//.test(path))
    .flatMap((path) => filled(path, values))
  const more = [
    ...['vault', 'ping', 'pong'].flatMap((role) =>
      ['a_package', 'b_parent', 'f_hint', 'h_role', 'file', 'seed', 'others', 'there', 'all'].map(
        (input) => `/api/v1/node-roles/d/far/${role}?input=${input}`,
      ),
    ),
    ...[
      '',
      'deployments',
      'deployments.d',
      'deployments.top.values',
      'nodes.here',
      'defaults',
      'roles.vault',
    ].map((at) => `/api/v1/revisions/1?at=${at}`),
    '/api/v1/graph/node-roles?target=site',
    '/api/v1/why?nodeRole=here/vault',
    '/api/v1/trace?word=here/vault.early',
    '/api/v1/trace?word=d&word=vault&word=c_deployment',
  ]
  let answered = 0
  for (const path of [...whole, ...more]) if ((await asked('GET', path)).status === 200) answered++
  expect(answered).toBeGreaterThan(60)
  for (const name of ['here', 'far']) {
    const { text } = await asked('GET', `/api/v1/nodes/${name}`)
    expect(JSON.parse(text)).toMatchObject({ hints: { vault: { f_hint: '(sensitive)' } } })
  }
  expectNothing()
})

function filled(path: string, values: Record<string, string[]>): string[] {
  const name = /\{(\w+)\}/.exec(path)?.[1]
  if (name === undefined) return [path]
  return (values[name] ?? []).flatMap((value) => filled(path.replace(`{${name}}`, value), values))
}

test('what is asked for with a secret in it does not say it again, also when it is asked for twice', async () => {
  const key = { 'if-match': '*', 'idempotency-key': 'k1' }
  const path = ['deployments', 'd', 'overrides', 'here/vault', 'g_override']
  const edits = [{ path, value: `${secret('override')}, another one` }]
  for (let times = 0; times < 2; times++)
    expect(await asked('POST', '/api/v1/revisions', { edits, message: 'anew' }, key)).toMatchObject({
      status: 201,
    })
  await asked('GET', '/api/v1/revisions/4')
  await asked('GET', '/api/v1/revisions/4/diff')
  await asked('POST', '/api/v1/revisions/4/discard', {})
  await asked(
    'POST',
    '/api/v1/revisions',
    { edits: [{ path: path.slice(0, 2), value: secret('override') }], message: '' },
    { 'if-match': '*' },
  )
  await asked('POST', '/api/v1/rehearsals', { what: { kind: 'committed' }, afresh: true, times: 1 })
  await asked('POST', '/api/v1/rinses/preview', { targets: ['here/vault'] })
  await asked('POST', '/api/v1/drift', { targets: [] })
  await asked('GET', '/api/v1/audit')
  expectNothing()
})

test('the stream of all that ever happened, and metrics in both forms', async () => {
  const stop = new AbortController()
  const headers = {
    authorization: `Bearer ${readFileSync(site.path('.anneal', 'server.key'), 'utf8').trim()}`,
  }
  let text = ''
  for await (const { event, data } of sse(`${url}/api/v1/events?after=0`, { headers, signal: stop.signal })) {
    text += `${data}\n`
    if (event === 'states') break
  }
  stop.abort()
  expect(text).toContain('"runFinished"')
  left.push({ where: 'events', text })
  await asked('GET', '/metrics')
  await asked('GET', '/metrics', undefined, { accept: 'application/openmetrics-text' })
  expectNothing()
})

test.each([
  ['status', '--all'],
  ['why', 'far/vault'],
  ['why', 'far/vault', 'command'],
  ['files', 'far/vault'],
  ['files', 'far/vault', '--diff'],
  ['trace', 'here/vault.early'],
  ['diff', '--check'],
  ['drift'],
  ['timeline'],
  ['show', '2', '--roles'],
  ['logs', 'far/vault'],
  ['runners'],
  ['simulate'],
  ['audit'],
])('anneal %s', async (...words) => {
  await tell(undefined, ...words)
  await tell(undefined, ...words, '--json')
  expectNothing()
})

test('after its end: what it logged, sent to others, exports, and left in the database and on disk', async () => {
  server.kill('SIGTERM')
  left.push({ where: 'server', text: (await server.ended).said })
  runner.kill('SIGTERM')
  left.push({ where: 'runner', text: (await runner.ended).said })
  expect(post.received.length).toBeGreaterThan(0)
  expect(collector.received.length).toBeGreaterThan(0)
  expect(collector.received.at(-1)?.headers['x-key']).toBe(HEADER)
  for (const { path, body, headers } of [...post.received, ...collector.received])
    left.push({ where: path, text: body + JSON.stringify({ ...headers, 'x-key': '' }) })
  await tell(0, 'journal', 'export')
  await tell(0, 'audit', 'export')
  expect(left.find(({ where }) => where === 'anneal journal export')?.text.length).toBeGreaterThan(1_000)
  expectNothing()
  const kept = [...filesIn('.anneal'), ...filesIn('state')]
  expect(kept.map(({ where }) => where)).toEqual(expect.arrayContaining(['.anneal/answers.ndjson']))
  const stands = await rowsOf(database)
  expect(stands.some(({ text }) => text.includes('"runFinished"'))).toBe(true)
  for (const { where, text } of [...kept, ...stands]) expect([where, secretsIn(text)]).toEqual([where, []])
})

function expectNothing(): void {
  for (const { where, text } of left.splice(0)) expect([where, secretsIn(text)]).toEqual([where, []])
}

function secretsIn(text: string): string[] {
  return [...found(text), ...[WEBHOOK, HOOK, HEADER].filter((secret) => text.includes(secret))]
}

function filesIn(folder: string): typeof left {
  const names = readdirSync(site.path(folder), { recursive: true }) as string[]
  const files = names.filter((name) => statSync(site.path(folder, name)).isFile())
  return files.map((name) => ({
    where: join(folder, name),
    text: readFileSync(site.path(folder, name), 'latin1'),
  }))
}

/** Each row of each table as text, and what is packed in it unpacked. */
async function rowsOf(address: string): Promise<typeof left> {
  const { searchParams } = new URL(address)
  const [host, schema] = [searchParams.get('host') as string, searchParams.get('schema') as string]
  const client = new pg.Client({ host, user: 'anneal', database: 'postgres' })
  await client.connect()
  try {
    const tables = await client.query<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
      [schema],
    )
    const rows: typeof left = []
    for (const { name } of tables.rows) {
      const all = await client.query<Record<string, unknown>>(`SELECT * FROM "${schema}"."${name}"`)
      for (const row of all.rows) rows.push({ where: name, text: textOf(row) })
    }
    return rows
  } finally {
    await client.end()
  }
}

function textOf(row: Record<string, unknown>): string {
  const parts = Object.values(row).map((value) => {
    if (!Buffer.isBuffer(value)) return JSON.stringify(value)
    const bytes = row['packing'] === 1 && value === row['bytes'] ? zstdDecompressSync(value) : value
    return Buffer.from(bytes).toString('latin1')
  })
  return parts.join('\n')
}
