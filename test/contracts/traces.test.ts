// Traces from turns of a real heart to a collector on loopback that reads OTLP: whole, linked, over failures and restarts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeLanguage } from '../../src/content/language.ts'
import { KeptFile } from '../../src/observe/kept-file.ts'
import { sendTraces, type Traces } from '../../src/observe/traces.ts'
import { commandsFor, contact, okWith, report } from '../laws/random-history.ts'
import { type HandClock, handClock } from '../support/hand-clock.ts'
import { newHeart } from '../support/heart.ts'
import { type Receiver, receiver } from '../support/receiver.ts'
import { type ServedHeart, servedHeart } from '../support/served-heart.ts'
import { readShortSite } from '../support/short-site.ts'

/** `web` reads what `dns` says, and its password stands nowhere. */
const SITE = readShortSite(`
nodes: { n1: {} }
roles:
  dns: { outputs: { ip: {} }, inputs: { zone: lab } }
  web: { inputs: { ip: { from: dns.ip }, password: { default: hunter2hunter2, sensitive: true } }, retry: { attempts: 2 } }
deployments: { d: { roles: [dns, web] } }
`)

let served: ServedHeart
let clock: HandClock
let collector: Receiver
let directory: string
let traces: Traces | undefined
beforeEach(async () => {
  served = servedHeart(newHeart(makeLanguage()))
  clock = handClock(served.heart.now)
  collector = await receiver()
  collector.answer = () => ({ status: 200 })
  directory = mkdtempSync(join(tmpdir(), 'anneal-traces-'))
  served.tell({ kind: 'startSession', by: 'ann', stays: true })
})
afterEach(async () => {
  await end()
  await collector.close()
  rmSync(directory, { recursive: true, force: true })
})

test('a cycle is a trace, each run a span in it, with its times, its attributes and what it follows from', async () => {
  await begin()
  firstCycle()
  await end()
  const [dns, failed, web, cycle, ...others] = spans()
  expect(others).toEqual([])
  expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(1)
  expect(cycle).toMatchObject({ name: 'SYNC site', kind: 2 })
  expect(cycle?.parentSpanId ?? '').toBe('')
  expect(cycle?.attributes).toMatchObject({
    'cicd.pipeline.name': 'site',
    'cicd.pipeline.run.id': 'cycle-1',
    'cicd.pipeline.result': 'success',
    'anneal.cycle.cause': 'commit',
    'anneal.cycle.cause.words': 'commit of revision 1 by ann',
    'anneal.cycle.runs': 3,
    'anneal.cycle.failed_runs': 1,
    'anneal.cycle.cut': false,
    'anneal.revision': 1,
  })
  for (const run of [dns, failed, web]) expect(run).toMatchObject({ parentSpanId: cycle?.spanId, kind: 1 })
  expect(dns).toMatchObject({ name: 'apply dns', links: [] })
  expect(dns?.attributes).toMatchObject({
    'cicd.pipeline.task.name': 'apply d/dns',
    'cicd.pipeline.task.run.id': 'run-1',
    'cicd.pipeline.task.run.result': 'success',
    'cicd.pipeline.task.run.url.full': 'https://anneal.example.org/api/v1/runs/run-1',
    'cicd.pipeline.task.type': 'deploy',
    'anneal.node_role': 'd/n1/dns',
    'anneal.run.cause': 'new',
  })
  expect(dns?.tookMs).toBe(2_000)
  expect(failed?.attributes).toMatchObject({
    'cicd.pipeline.task.run.result': 'failure',
    'error.type': 'failed',
  })
  expect(failed?.status).toEqual({ code: 2, message: 'it said no' })
  expect(failed?.links).toEqual([{ to: dns?.spanId, kind: 'output', input: 'ip' }])
  expect(web?.links).toEqual([
    { to: failed?.spanId, kind: 'before' },
    { to: dns?.spanId, kind: 'output', input: 'ip' },
  ])
  expect(cycle?.tookMs).toBe(4_000 + 2_000)
})

test('what changed an input is linked to, over cycles', async () => {
  await begin()
  firstCycle()
  served.tell({ kind: 'retryNodeRole', nodeRole: 'd/n1/dns', by: 'ann', why: 'a new zone' })
  finish({ ip: '10.0.0.2' })
  finish({})
  served.tell({ kind: 'retryNodeRole', nodeRole: 'd/n1/web', by: 'ann' })
  finish({})
  await end()
  const [, , , first, dns, web, second, again, third] = spans()
  expect(again?.links).toEqual([{ to: dns?.spanId, kind: 'output', input: 'ip', elsewhere: second?.traceId }])
  expect(again?.traceId).toBe(third?.traceId)
  expect(web?.links).toEqual([{ to: dns?.spanId, kind: 'changed', input: 'ip' }])
  expect(web?.attributes['anneal.run.cause']).toBe('inputsChanged')
  expect(second?.attributes['anneal.cycle.cause.words']).toContain('a new zone')
  expect(second?.traceId).not.toBe(first?.traceId)
  expect([dns?.traceId, web?.traceId]).toEqual([second?.traceId, second?.traceId])
})

test('no secret leaves', async () => {
  await begin()
  firstCycle()
  await end()
  expect(collector.received.map(({ body }) => body).join('\n')).not.toContain('hunter2')
})

test('a cycle that a restart cuts is one trace, told as cut; each span is sent once', async () => {
  await begin()
  commit()
  served.heart.now += 2_000
  finish({ ip: '10.0.0.1' })
  await end()
  expect(spans().map(({ name }) => name)).toEqual(['apply dns'])
  // The process is gone, and the run that was in flight with it.
  served.heart.now += 60_000
  served.tell({ kind: 'startSession', by: 'bob', stays: true })
  await begin()
  served.tell(contact('n1', {}))
  finish({})
  await end()
  const [dns, lost, web, cycle, ...others] = spans()
  expect(others).toEqual([])
  expect(lost?.attributes).toMatchObject({
    'cicd.pipeline.task.run.result': 'error',
    'error.type': 'lost',
    'anneal.role': 'web',
  })
  expect(web?.links[0]).toEqual({ to: lost?.spanId, kind: 'before' })
  expect(cycle?.attributes['anneal.cycle.cut']).toBe(true)
  expect(cycle?.events).toEqual(['anneal.session.started'])
  expect(new Set([dns, lost, web, cycle].map((span) => span?.traceId)).size).toBe(1)
  expect(cycle?.tookMs).toBe(2_000 + 60_000)
})

test('while the collector is away nothing is lost, and nothing is sent twice when it is back', async () => {
  collector.answer = () => ({ status: 400 })
  await begin()
  firstCycle()
  await end()
  expect(collector.received.length).toBeGreaterThan(0)
  collector.received.splice(0)
  collector.answer = () => ({ status: 200 })
  await begin()
  await end()
  expect(spans().map(({ name }) => name)).toEqual(['apply dns', 'apply web', 'apply web', 'SYNC site'])
})

test('a collector that comes back gets what it missed, from the same process', async () => {
  let refusals = 0
  collector.answer = () => ({ status: refusals++ < 2 ? 400 : 200 })
  await begin()
  firstCycle()
  while (collector.received.length < 3) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await end()
  collector.received.splice(0, 2)
  expect(spans().map(({ name }) => name)).toEqual(['apply dns', 'apply web', 'apply web', 'SYNC site'])
})

test('a process that dies before it has written down what was taken sends the same spans again', async () => {
  await begin()
  const before = await new KeptFile(join(directory, 'traces.json')).read()
  firstCycle()
  await end()
  const sent = spans()
  collector.received.splice(0)
  await new KeptFile(join(directory, 'traces.json')).write(() => before ?? null)
  await begin()
  await end()
  expect(spans()).toEqual(sent)
})

test('turned on in the middle of a cycle, it tells what ends from then on, and the cycle whole', async () => {
  commit()
  served.heart.now += 2_000
  await begin()
  finish({ ip: '10.0.0.1' })
  finish({})
  await end()
  const [dns, web, cycle] = spans()
  expect([dns?.name, web?.name, cycle?.name]).toEqual(['apply dns', 'apply web', 'SYNC site'])
  expect([dns?.tookMs, cycle?.tookMs]).toEqual([2_000, 2_000])
  expect(cycle?.attributes['anneal.cycle.runs']).toBe(2)
  await begin()
  await end()
  expect(spans()).toHaveLength(3)
})

async function begin(): Promise<void> {
  traces = sendTraces({
    serving: served.serving,
    file: new KeptFile(join(directory, 'traces.json')),
    clock,
    log: () => {},
    endpoint: `${collector.url}/v1/traces`,
    headers: { 'x-key': 'of the collector' },
    origin: 'test',
    version: 'test',
    url: 'https://anneal.example.org',
  })
  await traces.ready
}

async function end(): Promise<void> {
  await traces?.close()
  traces = undefined
}

function commit(): void {
  served.tell(...commandsFor({ heart: served.heart, short: SITE }, { do: 'commit', change: {} }))
  served.tell(contact('n1', {}))
}

/** run-1 of dns, run-2 of web that fails, run-3 of it again. */
function firstCycle(): void {
  commit()
  served.heart.now += 2_000
  finish({ ip: '10.0.0.1' })
  served.heart.now += 2_000
  const failed = {
    result: 'failed',
    exit: 1,
    message: 'it said no',
    tail: '',
    retry: true,
    durationMs: 9,
  } as const
  for (const record of served.heart.world.inFlight) served.tell(report(record, failed))
  served.heart.now += 2_000
  served.tell({ kind: 'tick' })
  finish({})
}

function finish(outputs: Record<string, string>): void {
  // Those of now: what one of them lets start is not among them.
  const flying = [...served.heart.world.inFlight]
  for (const record of flying) served.tell(report(record, okWith(outputs)))
}

interface Seen {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  status: object
  tookMs: number
  attributes: Record<string, unknown>
  links: object[]
  events: string[]
}

type Attributes = { key: string; value: Record<string, unknown> }[]
interface Sent {
  resourceSpans: {
    resource: { attributes: Attributes }
    scopeSpans: {
      spans: (Omit<Seen, 'attributes' | 'links' | 'events'> & {
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes: Attributes
        links?: { spanId: string; traceId: string; attributes: Attributes }[]
        events?: { name: string }[]
      })[]
    }[]
  }[]
}

/** As a collector reads them, in the order in which they came. */
function spans(): Seen[] {
  return collector.received.flatMap(({ path, headers, body }) => {
    expect([path, headers['content-type'], headers['x-key']]).toEqual([
      '/v1/traces',
      'application/json',
      'of the collector',
    ])
    return (JSON.parse(body) as Sent).resourceSpans.flatMap(({ resource, scopeSpans }) => {
      expect(record(resource.attributes)).toMatchObject({ 'service.name': 'anneal' })
      return scopeSpans.flatMap((scope) =>
        scope.spans.map(({ startTimeUnixNano, endTimeUnixNano, attributes, links, events, ...told }) => ({
          ...told,
          tookMs: Number((BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1_000_000n),
          attributes: record(attributes),
          links: (links ?? []).map((link) => {
            const of = record(link.attributes)
            return {
              to: link.spanId,
              kind: of['anneal.link'],
              ...(of['anneal.input'] === undefined ? {} : { input: of['anneal.input'] }),
              ...(link.traceId === told.traceId ? {} : { elsewhere: link.traceId }),
            }
          }),
          events: (events ?? []).map(({ name }) => name),
        })),
      )
    })
  })
}

function record(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
