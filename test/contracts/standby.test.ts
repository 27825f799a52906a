// Servers that share a journal in PostgreSQL: one anneals, the others follow it, and one of them goes on when it is gone.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { makeAccess } from '../../src/api/access/access.ts'
import { makeServerKey, makeToken } from '../../src/api/access/credentials.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { connectTo, type PostgresPlace } from '../../src/journal/postgres-place.ts'
import { DEFAULT_LIMITS, DEFAULT_LISTEN, DEFAULT_SESSIONS } from '../../src/model/server-settings.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import { answer } from '../../src/model/refusal.ts'
import { lockOf } from '../../src/journal/postgres-schema.ts'
import type { Recorded } from '../../src/model/event.ts'
import type { Feed, SiteNow } from '../../src/model/operations.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import { instantRunner } from '../support/instant-runner.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { contentOf } from '../support/serving.ts'
import { sse } from '../support/sse.ts'
import { standby, type StandbyOptions, type TestStandby } from '../support/standby.ts'
import { all, value } from './journal.ts'

const SITE = `
nodes: { n1: {}, n2: {} }
roles: { dns: { inputs: { zone: lab } }, web: { requires: [dns] } }
deployments: { d: { nodes: "true", roles: [dns, web] } }
`

let postgres: TestPostgres
const servers: TestStandby[] = []
beforeAll(async () => {
  postgres = await testPostgres()
})
afterEach(async () => {
  for (const one of servers.splice(0)) await one.close()
})
afterAll(() => postgres.stop())

const empty: SiteNow = {
  site: { name: 'site', nodes: {}, deployments: {}, roles: {}, defaults: {} },
  content: new Map(),
}

type Began = (run: string, end: (outcome: RunOutcome) => void) => void

/** `began`: told of each run, which ends when somebody says so; without one they are done at once. */
async function server(
  place: PostgresPlace,
  host: string,
  { began, ...options }: { began?: Began } & Omit<StandbyOptions, 'host'> = {},
): Promise<TestStandby> {
  const parts: SiteParts = {
    store: memoryJournal(),
    language: makeLanguage(),
    clock: systemClock,
    makeRunner: async (_, events) => {
      let run = ''
      return instantRunner(
        (report) => events.report(report),
        began && {
          outcome(order) {
            run = order.run
            return 'never'
          },
          started: (end) => began(run, end),
        },
      )
    },
    makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
    holder: { pid: 1, host, what: 'a test' },
  }
  const made = await standby(parts, empty, place, { host, ...options })
  servers.push(made)
  return made
}

type MakeAccess = NonNullable<StandbyOptions['access']>

const site = shortSite(readShortSite(SITE))

function up(
  { operations }: Pick<TestStandby, 'operations'>,
  onFeed: (feed: Feed) => void = () => {},
): ReturnType<TestStandby['operations']['up']> {
  return operations.up({
    site,
    content: contentOf(site),
    by: 'ann',
    message: 'a change',
    confirm: async () => true,
    onFeed,
    signal: new AbortController().signal,
    stay: false,
  })
}

/** What ends the session of whoever has the lock, as the death of its process does. */
async function cutActive(place: PostgresPlace): Promise<void> {
  const client = await connectTo(place, 'test')
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) | objid::bigint = $1`,
    [lockOf(place.schema)],
  )
  await client.end()
}

async function eventsIn(place: PostgresPlace): Promise<Recorded[]> {
  const reader = value(await postgresJournal(place, { site: 's', toolVersion: '0' }).openReader())
  const events = await all(reader)
  await reader.close()
  return events
}

/** The numbers of events from there on, until one comes that `isLast` says is the last. */
async function numbers(
  url: string,
  lastId: number,
  isLast: (seq: number, kind: string) => boolean,
): Promise<number[]> {
  const seen: number[] = []
  const stop = new AbortController()
  for await (const { id, event } of sse(`${url}/api/v1/events`, { lastId, signal: stop.signal })) {
    if (id === undefined || event === 'states') continue
    seen.push(Number(id))
    if (isLast(Number(id), event)) stop.abort()
  }
  return seen
}

test('one anneals; the other answers the same, hands on what changes something, and follows', async () => {
  const place = postgres.place()
  const first = await server(place, 'first')
  const second = await server(place, 'second')
  expect(first.serving.standby?.()).toBeUndefined()
  expect(await up(second)).toMatchObject({ ok: true, value: { outcome: 'ready' } })
  expect(second.serving.standby?.()).toMatchObject({ active: { url: first.url } })
  expect(await second.operations.status()).toEqual(await first.operations.status())
  const ready = async ({ url }: TestStandby): Promise<unknown> => (await fetch(`${url}/readyz`)).json()
  expect(await ready(first)).toEqual({ ok: true, role: 'active' })
  expect(await ready(second)).toEqual({ ok: true, role: 'standby' })
  const head = first.serving.head()
  const expected = Array.from({ length: head }, (_, i) => i + 1)
  for (const { url } of [first, second])
    expect(await numbers(url, 0, (seq) => seq === head)).toEqual(expected)
})

test('when the one that anneals is cut off, another goes on: nothing acknowledged is lost, what was in flight runs again', async () => {
  const place = postgres.place()
  const begun = new Map<string, (outcome: RunOutcome) => void>()
  let isInFlight = (): void => {}
  const inFlight = new Promise<void>((resolve) => (isInFlight = resolve))
  const first = await server(place, 'first', {
    began(run, end) {
      begun.set(run, end)
      if (begun.size === 2) isInFlight()
    },
  })
  const second = await server(place, 'second')
  const third = await server(place, 'third')
  const asked = up(first)
  await inFlight
  const before = await eventsIn(place)
  const head = before.length
  const heard = await numbers(third.url, 0, (seq) => seq === head)
  await cutActive(place)
  const winner = await Promise.race([
    second.serving.active.then(() => second),
    third.serving.active.then(() => third),
  ])
  const other = winner === second ? third : second
  expect(await asked).toMatchObject({ ok: false })
  expect(first.serving.fault()).toMatchObject({ code: 'journalFault' })
  // A report that comes late comes to nobody.
  for (const end of begun.values()) end(DONE)
  await winner.serving.rest()
  const after = await eventsIn(place)
  expect(after.slice(0, head)).toEqual(before)
  const runs = await winner.operations.runs({})
  const results = runs.ok ? runs.value.map(({ nodeRole, result }) => `${nodeRole} ${result}`) : []
  expect(results.sort()).toEqual([
    'd/n1/dns lost',
    'd/n1/dns ok',
    'd/n1/web ok',
    'd/n2/dns lost',
    'd/n2/dns ok',
    'd/n2/web ok',
  ])
  // Whoever listened goes on at any of them where they were.
  const rest = await numbers(other.url, head, (seq) => seq === after.length)
  expect([...heard, ...rest]).toEqual(after.map(({ seq }) => seq))
  expect(await other.operations.status()).toMatchObject({ ok: true, value: { ready: true } })
})

test('whoever takes over takes in first what was written until then, however far behind it was', async () => {
  const place = postgres.place()
  const first = await server(place, 'first')
  let isBehind = true
  const second = await server(place, 'second', {
    between: (store) => ({
      async openWriter(holder) {
        const opened = await store.openWriter(holder)
        if (opened.ok) isBehind = false
        return opened
      },
      async openReader() {
        const opened = await store.openReader()
        if (!opened.ok) return opened
        const { value: reader } = opened
        return answer({
          ...reader,
          snapshot: async () => undefined,
          async *events(after) {
            if (!isBehind) yield* reader.events(after)
          },
        })
      },
    }),
  })
  expect(await up(first)).toMatchObject({ ok: true })
  expect(second.serving.head()).toBe(0)
  await cutActive(place)
  await second.serving.active
  await second.serving.rest()
  expect(await second.operations.status()).toMatchObject({ ok: true, value: { ready: true } })
  const runs = await second.operations.runs({})
  expect(runs.ok && runs.value).toHaveLength(4)
})

test('a database that is killed and comes back is annealed on by a standby', async () => {
  const place = postgres.place()
  const first = await server(place, 'first')
  const second = await server(place, 'second')
  expect(await up(first)).toMatchObject({ ok: true })
  const before = await eventsIn(place)
  await postgres.kill()
  await first.serving.failed
  await vi.waitFor(() => expect(second.notices.join('\n')).toMatch(/does not answer/), { timeout: 300_000 })
  await postgres.start()
  await second.serving.active
  await second.serving.rest()
  expect((await eventsIn(place)).slice(0, before.length)).toEqual(before)
  expect(await second.operations.status()).toMatchObject({ ok: true, value: { ready: true } })
  expect(second.notices.join('\n')).toMatch(/does not answer[^]*anneals from now on/)
})

test('rights are those of who asks, whichever server they ask; nobody vouches for themselves', async () => {
  const place = postgres.place()
  const access: MakeAccess = (serving, peerHash) =>
    makeAccess({
      serving,
      settings: { listen: DEFAULT_LISTEN, limits: DEFAULT_LIMITS, sessions: DEFAULT_SESSIONS },
      peerHash,
      clock: systemClock,
      log: () => {},
    })
  const first = await server(place, 'first', { access })
  const second = await server(place, 'second', { access })
  const [looker, worker] = [makeToken('looker'), makeToken('worker')]
  for (const [token, { hash }, role] of [
    ['looker', looker, 'viewer'],
    ['worker', worker, 'admin'],
  ] as const)
    value(await first.serving.operations.access.issueToken({ token, hash, grants: [{ role }], by: 'ann' }))
  await second.serving.moveOn?.()
  const pause = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(`${second.url}/api/v1/controls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ kind: 'hold', targets: [], why: 'a test' }),
    })
    await response.text()
    return response.status
  }
  const forged = Buffer.from(
    JSON.stringify({ name: 'eve', via: { kind: 'key' }, grants: [{ role: 'admin' }] }),
  ).toString('base64url')
  expect(await pause({})).toBe(401)
  expect(await pause({ 'x-anneal-for': forged })).toBe(401)
  expect(await pause({ authorization: `Bearer ${makeServerKey().text}`, 'x-anneal-for': forged })).toBe(401)
  expect(await pause({ authorization: `Bearer ${looker.text}`, 'x-anneal-for': forged })).toBe(403)
  expect(await pause({ authorization: `Bearer ${worker.text}` })).toBe(200)
  const audited = await first.serving.operations.access.audit({})
  expect(audited.ok && audited.value.entries.at(-1)).toMatchObject({
    by: 'token:worker',
    via: { kind: 'token', token: 'worker' },
    what: 'POST /api/v1/controls',
  })
})

const DONE: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: 3 }
