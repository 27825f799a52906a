// A real server on this machine as those who watch it see it, over `kill -9` in the middle of a cycle: nothing lost, nothing double.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readWebhookSecret, signatureProblem } from '../../src/observe/webhook-signature.ts'
import { type Receiver, receiver } from '../support/receiver.ts'
import { type Running, siteDir, type SiteDir } from '../support/site-dir.ts'

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
/** Waits until the file `go` is there. */
const WAITS = 'cd "$ANNEAL_INPUT_DIR"; until [ -e go ]; do sleep 0.02; done'

let site: SiteDir
let post: Receiver
let collector: Receiver
beforeEach(async () => {
  site = siteDir()
  post = await receiver()
  collector = await receiver()
  collector.answer = () => ({ status: 200 })
  const inputs = {
    dir: { type: 'string', default: site.directory },
    password: { type: 'string', default: 'hunter2hunter2', sensitive: true },
  }
  site.make({
    roles: {
      first: { inputs, apply: { run: 'echo "it is $ANNEAL_INPUT_PASSWORD"' } },
      slow: { inputs, apply: { run: WAITS }, requires: ['first'] },
      broken: { inputs, apply: { run: 'exit 1' }, requires: ['slow'], retry: { attempts: 1 } },
    },
  })
  site.write({
    'ops.secret': `${SECRET}\n`,
    'server.yaml': JSON.stringify({
      listen: { host: '127.0.0.1', port: 0 },
      log: { format: 'json', level: 'debug' },
      traces: { endpoint: `${collector.url}/v1/traces` },
      webhooks: [{ name: 'ops', url: `${post.url}/hook`, secrets: [{ file: 'ops.secret' }] }],
    }),
  })
})
afterEach(async () => {
  await site.end()
  await Promise.all([post.close(), collector.close()])
})

test('metrics, traces, webhooks and log of two servers, one of them killed, tell one story', async () => {
  const first = serve()
  const [, url = ''] = await first.says(/^(http:\S+)$/m)
  // It follows to rest, and loses its server on the way.
  site.start('up', '--yes')
  await first.says(/"run started".*"d\/here\/slow"/)
  expect(await metricsOf(url)).toMatchObject({
    anneal_runs_in_flight: 1,
    anneal_cycles_open: 1,
    'anneal_node_roles{deployment="d",role="slow",state="transition"}': 1,
    'anneal_runs_finished_total{role="first",action="apply",result="ok"}': 1,
  })
  first.kill('SIGKILL')
  await first.ended
  site.write({ go: '' })
  const second = serve()
  await second.says(/"cycle ended".*"problems"/)
  const [, again = ''] = await second.says(/^(http:\S+)$/m)
  expect(await metricsOf(again)).toMatchObject({
    anneal_runs_in_flight: 0,
    anneal_cycles_open: 0,
    'anneal_node_roles{deployment="d",role="slow",state="active"}': 1,
    'anneal_node_roles{deployment="d",role="broken",state="error"}': 1,
    'anneal_nodes{alive="yes"}': 1,
  })
  second.kill('SIGTERM')
  const { said } = await second.ended

  const spans = collector.received.flatMap(({ body }) => spansIn(body))
  expect(spans.map(({ name }) => name).sort()).toEqual([
    'SYNC e2e',
    'apply broken',
    'apply first',
    'apply slow',
    'apply slow',
  ])
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(spans.find(({ name }) => name === 'SYNC e2e')?.events?.map(({ name }) => name)).toEqual([
    'anneal.session.started',
  ])

  for (const { headers, body } of post.received) {
    const now = Number(headers['webhook-timestamp']) * 1000
    const secret = readWebhookSecret(SECRET) as Uint8Array
    expect(
      signatureProblem(headers as Record<string, string>, Buffer.from(body), [secret], now),
    ).toBeUndefined()
  }
  expect(post.received.map(({ body }) => typeOf(body)).sort()).toEqual([
    'cycle.ended',
    'run.failed',
    'run.failed',
  ])
  expect(new Set(post.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  const told = [said, ...collector.received.map(({ body }) => body), ...post.received.map(({ body }) => body)]
  expect(told.join('\n')).not.toContain('hunter2')
})

function serve(): Running {
  return site.start('serve', '--log', 'json')
}

async function metricsOf(url: string): Promise<Record<string, number>> {
  const headers = { authorization: `Bearer ${site.read('.anneal/server.key').trim()}` }
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  expect(text).not.toContain('hunter2')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

interface SentSpan {
  name: string
  traceId: string
  spanId: string
  events?: { name: string }[]
}

function spansIn(body: string): SentSpan[] {
  const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] }
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

function typeOf(body: string): string {
  return (JSON.parse(body) as { type: string }).type
}
