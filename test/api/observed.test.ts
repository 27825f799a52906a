// A server as those who watch it see it: scraped by a real request, its requests counted and logged, hooks called.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonObject } from '../../src/base/json.ts'
import type { LogLevel } from '../../src/base/log.ts'
import { systemClock } from '../../src/engine/clock.ts'
import type { SecretReference } from '../../src/model/secret-reference.ts'
import type { AccessRole } from '../../src/model/access.ts'
import { answer, refuse } from '../../src/model/refusal.ts'
import { METRICS, type MetricSpec } from '../../src/observe/metric-table.ts'
import { type Observing, startObserving } from '../../src/observe/observing.ts'
import { webhookSignature } from '../../src/observe/webhook-signature.ts'
import { apiOver, SMALL, type TestApi } from '../support/api.ts'
import { OPEN } from '../support/open-access.ts'
import { readSecretsBy } from '../support/read-secrets.ts'
import { testServing } from '../support/serving.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { sse } from '../support/sse.ts'

const KEY = Buffer.alloc(32, 9)

let api: TestApi
let observing: Observing
let directory: string
let logged: { level: LogLevel; message: string; fields: JsonObject }[]
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'anneal-observed-'))
  logged = []
  const serving = await testServing()
  const begun = await startObserving({
    serving: {
      ...serving,
      operations: { ...serving.operations, drift: () => Promise.resolve(answer({} as never)) },
    },
    settings: {
      metrics: true,
      webhooks: [],
      hooks: [
        {
          name: 'look',
          does: 'drift',
          role: 'operator' as AccessRole,
          secrets: [{ kind: 'env', name: 'LOOK' }],
        },
      ],
    },
    directory,
    version: '1.2.3',
    clock: systemClock,
    log: (level, message, fields = {}) => void logged.push({ level, message, fields }),
    logsTurns: true,
    readSecret: readSecretsBy({ LOOK: `whsec_${KEY.toString('base64')}` }),
    env: {},
    readSite: () => Promise.resolve(refuse({ code: 'nothingThere', message: 'no files here' })),
  })
  if (!begun.ok) throw new Error(begun.refusal.message)
  observing = begun.value
  await serving.commit(shortSite(readShortSite(SMALL)))
  await serving.rest()
  const { watch, metrics, hooks } = observing
  // As a door would: whoever is called carol may do nothing.
  const access: typeof OPEN = {
    ...OPEN,
    admit: (knock) =>
      knock.headers.get('x-test') === 'carol'
        ? refuse({ code: 'notAllowed', message: 'carol may not' })
        : OPEN.admit(knock),
  }
  api = await apiOver(serving, access, { watch, hooks, ...(metrics ? { metrics } : {}) })
})
afterEach(async () => {
  await observing.close()
  await api.close()
  rmSync(directory, { recursive: true, force: true })
})

test('what is scraped is what the table says: each metric with its type, and how the site stands', async () => {
  const { text, type } = await scraped()
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  const types = Object.fromEntries(
    [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name, of]) => [name, of]),
  )
  for (const [name, spec] of Object.entries<MetricSpec>(METRICS))
    expect([name, types[name]]).toEqual([name, spec.type])
  const values = valuesIn(text)
  expect(values).toMatchObject({
    [`anneal_build_info{version="1.2.3",node="${process.version}"}`]: 1,
    'anneal_node_roles{deployment="d",role="web",state="active"}': 2,
    'anneal_nodes{alive="yes"}': 2,
    anneal_temperature_ratio: 0,
    anneal_cycles_open: 0,
    'anneal_cycles_ended_total{result="ready"}': 1,
    'anneal_runs_finished_total{role="dns",action="apply",result="ok"}': 2,
    anneal_journal_events: api.serving.head(),
  })
  expect(values['process_resident_memory_bytes']).toBeGreaterThan(1_000_000)
  const open = await scraped('application/openmetrics-text; version=1.0.0')
  expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(open.text.endsWith('# EOF\n')).toBe(true)
})

test('requests are counted by the template of their route, and no word of a client becomes a series', async () => {
  await api.get('/api/v1/node-roles/d/n1/web')
  await api.get('/api/v1/node-roles/d/n9/web')
  await api.get('/api/v1/nowhere/at-all')
  await api.send('POST', '/api/v1/status', {})
  await fetch(`${api.url}/version`, { method: 'BREW' }).catch(() => {})
  const values = valuesIn((await scraped()).text)
  const route = '/api/v1/node-roles/{deployment}/{node}/{role}'
  expect(values).toMatchObject({
    [`anneal_http_requests_total{method="GET",route="${route}",status="200"}`]: 1,
    [`anneal_http_requests_total{method="GET",route="${route}",status="404"}`]: 1,
    'anneal_http_requests_total{method="GET",route="unmatched",status="404"}': 1,
    [`anneal_http_request_duration_seconds_count{method="GET",route="${route}"}`]: 2,
  })
  expect(Object.keys(values).join('\n')).not.toMatch(/n9|nowhere|BREW/)
})

test('who follows events is counted while they do, and their stream is no slow request', async () => {
  const { signal } = new AbortController()
  for await (const { event } of sse(`${api.url}/api/v1/events`, { signal })) {
    expect(valuesIn((await scraped()).text)['anneal_stream_clients']).toBe(1)
    if (event === 'states') break
  }
  await until(async () => valuesIn((await scraped()).text)['anneal_stream_clients'] === 0)
  const text = (await scraped()).text
  expect(text).toContain('anneal_http_requests_total{method="GET",route="/api/v1/events",status="200"} 1')
  expect(text).not.toContain(
    'anneal_http_request_duration_seconds_count{method="GET",route="/api/v1/events"}',
  )
})

test('every refusal is logged with who asked for what, under an id that the answer bears, too', async () => {
  const told = await api.get('/api/v1/node-roles/d/n9/web', { 'x-request-id': 'from-the-client' })
  expect(told.headers.get('x-request-id')).toBe('from-the-client')
  const made = await api.get('/api/v1/status', { 'x-request-id': 'not an id\u00e9' })
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  await api.get('/api/v1/status', { 'x-test': 'carol', authorization: 'Bearer hunter2' })
  await api.send('POST', '/api/v1/hooks/look', {})
  await until(() =>
    Promise.resolve(logged.filter(({ message }) => message === 'request refused').length >= 3),
  )
  expect(logged.filter(({ message }) => message === 'request refused')).toMatchObject([
    {
      level: 'warn',
      fields: {
        request: 'from-the-client',
        principal: 'ann',
        method: 'GET',
        status: 404,
        code: 'unknownNodeRole',
      },
    },
    { level: 'warn', fields: { route: '/api/v1/status', status: 403, code: 'notAllowed' } },
    { level: 'warn', fields: { route: '/api/v1/hooks/{name}', status: 401, code: 'unauthenticated' } },
  ])
  const all = JSON.stringify(logged)
  expect(all).toContain('cycle ended')
  expect(all).not.toMatch(/hunter2|s3cret/)
})

test('a hook that is signed is taken by the door, once; what is too large is not read', async () => {
  const call = (body: string, id: string): Promise<Response> => {
    const timestamp = Math.floor(Date.now() / 1000)
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature({ id, timestamp, body }, [KEY]),
    }
    return fetch(`${api.url}/api/v1/hooks/look`, { method: 'POST', headers, body })
  }
  const taken = await call('{"any": "thing" }', 'msg_1')
  expect([taken.status, await taken.json()]).toEqual([200, { hook: 'look', does: 'drift' }])
  const again = await call('{"any": "thing" }', 'msg_1')
  expect([again.status, await again.json()]).toEqual([409, expect.objectContaining({ code: 'replayed' })])
  expect((await call('x'.repeat(300_000), 'msg_2')).status).toBe(413)
})

test('a server does not begin where a secret is not to be had', async () => {
  const begin = async (secrets: SecretReference[]): Promise<unknown> => {
    const begun = await startObserving({
      serving: api.serving,
      settings: {
        metrics: false,
        webhooks: [{ name: 'ops', url: 'http://127.0.0.1:1/', events: ['run.failed'], secrets }],
        hooks: [],
      },
      directory,
      version: '',
      clock: systemClock,
      log: () => {},
      logsTurns: false,
      readSecret: readSecretsBy({ SHORT: 'hunter2' }),
      env: {},
      readSite: () => Promise.reject(new Error('not asked')),
    })
    return begun.ok ? 'begun' : begun.refusal.message
  }
  expect(await begin([{ kind: 'file', path: '/nowhere/secret' }])).toMatch(
    /^server.yaml, webhooks ops: the file \/nowhere\/secret: it cannot be read \(ENOENT\)/,
  )
  expect(await begin([{ kind: 'env', name: 'ABSENT' }])).toMatch(
    /the environment variable ABSENT: it is not set/,
  )
  expect(await begin([{ kind: 'env', name: 'SHORT' }])).toMatch(/a secret is whsec_/)
  expect(await begin([{ kind: 'env', name: 'SHORT' }])).not.toContain('hunter2')
})

async function scraped(accept = 'text/plain'): Promise<{ text: string; type: string | null }> {
  const response = await fetch(`${api.url}/metrics`, { headers: { accept } })
  expect(response.status).toBe(200)
  return { text: await response.text(), type: response.headers.get('content-type') }
}

function valuesIn(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

/** What is told a moment after it happened: asked again until it is so, or the test runs out of time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}
