// The stream of events: every one once and in order, however often one comes and goes and however slowly one reads.
import { get, type ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { Follower } from '../../src/api/follower.ts'
import { Live } from '../../src/api/live.ts'
import type { StatesMessage } from '../../src/model/board.ts'
import type { Event, PublicRecorded, Recorded } from '../../src/model/event.ts'
import { type TestApi, apiOver, testApi } from '../support/api.ts'
import type { Instant } from '../support/instant-runner.ts'
import { testServing } from '../support/serving.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'
import { type Sse, sse } from '../support/sse.ts'
import { dice } from '../simulation/dice.ts'

let api: TestApi | undefined
afterEach(async () => {
  await api?.close()
  expect(api?.mistakes).toEqual([])
})

const fleet = (nodes: number, roles = 5): ReturnType<typeof readShortSite> =>
  readShortSite(`
nodes: { ${Array.from({ length: nodes }, (_, i) => `n${i}: {}`).join(', ')} }
roles:
  r0: { inputs: { v: 1, key: { default: hunter2, sensitive: true } }, outputs: { said: } }
${Array.from({ length: roles - 1 }, (_, i) => `  r${i + 1}: { requires: [r${i}], inputs: { v: 1, said: { from: r0.said } } }`).join('\n')}
deployments: { d: { roles: [${Array.from({ length: roles }, (_, i) => `r${i}`).join(', ')}] } }
`)

const SAID: Instant = {
  outcome: () => ({ result: 'ok', changed: true, outputs: { said: 1 }, filesChanged: [], durationMs: 1 }),
}

test('a thousand times gone and back while a fleet anneals: every event once and in order, states in the end as they are', async () => {
  const serving = await testServing(SAID)
  api = await apiOver(serving)
  const roll = dice(7, 'follower')
  const site = fleet(400)
  const fed = feed(
    serving,
    [1, 2].map((v) => changed(site, { roles: { r0: { inputs: { v } } } })),
  )
  const seen: number[] = []
  const states = new Map<string, string>()
  let times = 0
  let over = false
  let stop = new AbortController()
  void fed.then(() => {
    over = true
    stop.abort()
  })
  while (times < 1_000 || !over || (seen.at(-1) ?? 0) < serving.head()) {
    times++
    stop = new AbortController()
    let left = roll.between(1, 40)
    const url = `${api.url}/api/v1/events${seen.length === 0 ? '?after=0' : ''}`
    for await (const message of sse(url, { lastId: seen.at(-1), signal: stop.signal })) {
      take(message, seen, states)
      const hasAll = over && seen.at(-1) === serving.head() && message.event === 'states'
      if (--left === 0 || hasAll) break
    }
    stop.abort()
  }
  await fed
  expect(times).toBeGreaterThanOrEqual(1_000)
  expect(seen).toEqual(Array.from({ length: serving.head() }, (_, i) => i + 1))
  expect(states.size).toBe(2_000)
  expect(new Set(states.values())).toEqual(new Set(['active']))
}, 300_000)

test('several at once, one of whom does not read: nobody waits for anybody, and each has everything', async () => {
  const serving = await testServing(SAID)
  api = await apiOver(serving)
  const site = fleet(300)
  const stop = new AbortController()
  const slow = await opened(`${api.url}/api/v1/events?after=0`)
  const readers = [0, 1, 2, 3].map(() => ({ seen: [] as number[], states: new Map<string, string>() }))
  const reading = readers.map(async ({ seen, states }) => {
    const url = `${(api as TestApi).url}/api/v1/events?after=0`
    for await (const message of sse(url, { signal: stop.signal })) take(message, seen, states)
  })
  await feed(
    serving,
    [1, 2].map((v) => changed(site, { roles: { r0: { inputs: { v } } } })),
  )
  const hasAll = ({ seen, states }: (typeof readers)[number]): boolean =>
    seen.at(-1) === serving.head() && [...states.values()].every((state) => state === 'active')
  let isBroken = false
  for (const one of reading)
    one.catch(() => {
      isBroken = true
    })
  while (!isBroken && !readers.every(hasAll)) await new Promise(setImmediate)
  stop.abort()
  await Promise.all(reading)
  const all = Array.from({ length: serving.head() }, (_, i) => i + 1)
  for (const { seen, states } of readers) {
    expect(seen).toEqual(all)
    expect(states.size).toBe(1_500)
  }
  // Who did not read is not far behind in our memory, and is told all the rest once they do.
  const late: number[] = []
  for await (const message of slow.messages()) {
    take(message, late, new Map())
    if (late.at(-1) === serving.head()) break
  }
  expect(late).toEqual(all)
  slow.end()
})

test('what is sensitive is in no event, and a proposal comes without its target', async () => {
  api = await testApi()
  const events: PublicRecorded[] = []
  const stop = new AbortController()
  for await (const { event, data } of sse(`${api.url}/api/v1/events?after=0`, { signal: stop.signal })) {
    if (event === 'states') break
    events.push(JSON.parse(data) as PublicRecorded)
  }
  const text = JSON.stringify(events)
  expect(text).not.toContain('s3cret')
  expect(events.filter(({ event }) => event.kind === 'runStarted')[0]).toMatchObject({
    event: { nodeRole: 'd/n1/dns', inputs: { zone: 'lab', key: '(sensitive)' } },
  })
  expect(events.findLast(({ event }) => event.kind === 'revisionProposed')?.event).toEqual({
    kind: 'revisionProposed',
    revision: 2,
    onto: 0,
    author: 'ann',
    message: 'a change',
  })
  const whole: Recorded[] = []
  for await (const batch of api.serving.events(0)) whole.push(...batch)
  expect(JSON.stringify(whole)).toContain('s3cret')
})

test('only some kinds, only a part of the site', async () => {
  api = await testApi()
  const kinds = await until(`${api.url}/api/v1/events?after=0&kinds=runFinished,states`, 'states')
  expect(new Set(kinds.map(({ event }) => event))).toEqual(new Set(['runFinished', 'message', 'states']))
  expect(kinds.filter(({ event }) => event === 'runFinished').length).toBe(4)
  const part = await until(`${api.url}/api/v1/events?after=0&target=n2`, 'states')
  const told = JSON.stringify(part)
  expect(told).toContain('d/n2/web')
  expect(told).not.toContain('d/n1/')
  expect(await api.get('/api/v1/events?kinds=runFinishd')).toMatchObject({
    status: 400,
    body: { places: [{ place: 'kinds', nearest: 'runFinished' }] },
  })
  expect(await api.get('/api/v1/events?target=n9')).toMatchObject({ status: 404 })
  expect(await api.get('/api/v1/events?after=100000')).toMatchObject({ status: 400 })
})

test('a turn costs those who listen what changed in it, and is formatted once for all', async () => {
  const serving = await testServing(SAID)
  api = await apiOver(serving)
  const site = fleet(200, 2)
  await feed(serving, [site])
  let questions = 0
  const counted: typeof serving = {
    ...serving,
    ask(question) {
      questions++
      return serving.ask(question)
    },
  }
  const live = await Live.begin(counted)
  // The last one hears of few kinds of events and of all states, as the page does.
  const readers = [false, false, true].map((isPage) => {
    const outgoing = new PassThrough()
    outgoing.resume()
    const parts = {
      ...(isPage && { events: ({ kind }: Event) => kind === 'cycleEnded' }),
      live,
      serving,
      outgoing: outgoing as unknown as ServerResponse,
      after: live.head,
      knows: true,
    }
    return new Follower(parts)
  })
  await new Promise(setImmediate)
  const before = { ...live.work }
  const head = serving.head()
  questions = 0
  await feed(serving, [changed(site, { deployments: { d: { overrides: { 'n7/r1': { v: 9 } } } } })])
  const { events, states } = live.work
  // Three listen, and each event is formatted once; of 400 node-roles one moves, through a few states.
  expect(events - before.events).toBe(serving.head() - head)
  expect(states - before.states).toBeLessThan(10)
  // A question would wait for the next turn to be durable.
  expect(questions).toBe(0)
  for (const reader of readers) reader.end()
  live.close()
})

/** Checks the order as it goes. */
function take({ id, event, data }: Sse, seen: number[], states: Map<string, string>): void {
  if (event === 'states') {
    const message = JSON.parse(data) as StatesMessage
    expect(message.seq).toBeGreaterThanOrEqual(seen.at(-1) ?? 0)
    for (const view of message.changed) states.set(view.id, view.state)
    for (const gone of message.gone) states.delete(gone)
  } else if (data !== '') {
    expect(Number(id)).toBe((seen.at(-1) ?? 0) + 1)
    seen.push(Number(id))
  }
}

async function until(url: string, last: string, stop = new AbortController()): Promise<Sse[]> {
  const told: Sse[] = []
  for await (const message of sse(url, { signal: stop.signal })) {
    told.push(message)
    if (message.event === last) break
  }
  return told
}

async function feed(serving: TestApi['serving'], sites: ReturnType<typeof readShortSite>[]): Promise<void> {
  for (const site of sites) {
    await serving.commit(shortSite(site))
    await serving.rest()
  }
}

interface Opened {
  messages(): AsyncGenerator<Sse>
  end(): void
}

/** A connection that is not read from until somebody asks for messages. */
function opened(url: string): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const asked = get(url, (response) => {
      response.pause()
      resolve({
        async *messages() {
          let rest = ''
          for await (const chunk of response as AsyncIterable<Buffer>) {
            rest += chunk.toString()
            for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
              const block = rest.slice(0, end)
              rest = rest.slice(end + 2)
              const field = (name: string): string | undefined =>
                block
                  .split('\n')
                  .find((line) => line.startsWith(`${name}: `))
                  ?.slice(name.length + 2)
              const id = field('id')
              yield {
                event: field('event') ?? 'message',
                data: field('data') ?? '',
                ...(id === undefined ? {} : { id }),
              }
            }
          }
        },
        end: () => asked.destroy(),
      })
    })
    asked.on('error', reject)
  })
}
