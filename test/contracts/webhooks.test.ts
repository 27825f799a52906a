// Webhooks from turns of a real heart to a receiver on loopback: signed, at least once, over failures and restarts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeLanguage } from '../../src/content/language.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import { WEBHOOK_EVENTS, type WebhookEvent } from '../../src/model/observe-settings.ts'
import { KeptFile } from '../../src/observe/kept-file.ts'
import { readWebhookSecret, signatureProblem } from '../../src/observe/webhook-signature.ts'
import { sendWebhooks, type Webhooks } from '../../src/observe/webhooks.ts'
import { type HandClock, handClock } from '../support/hand-clock.ts'
import { newHeart } from '../support/heart.ts'
import { type Received, type Receiver, receiver } from '../support/receiver.ts'
import { type ServedHeart, servedHeart } from '../support/served-heart.ts'
import { changed, readShortSite } from '../support/short-site.ts'
import { commandsFor, contact, okWith, report } from '../laws/random-history.ts'

const SECRET = readWebhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') as Uint8Array
const SITE = readShortSite(
  '{ nodes: { n1: {}, n2: {} }, roles: { web: {} }, deployments: { d: { roles: [web] } } }',
)
const FAILED: RunOutcome = {
  result: 'failed',
  exit: 1,
  message: 'apply.sh ended with exit code 1',
  tail: 'of a file that nobody should see',
  retry: false,
  durationMs: 9,
}

let served: ServedHeart
let clock: HandClock
let post: Receiver
let directory: string
let told: string[]
let open: Webhooks[]
beforeEach(async () => {
  served = servedHeart(newHeart(makeLanguage()))
  clock = handClock(served.heart.now)
  post = await receiver()
  directory = mkdtempSync(join(tmpdir(), 'anneal-webhooks-'))
  told = []
  open = []
  served.tell({ kind: 'startSession', by: 'ann', stays: true })
})
afterEach(async () => {
  await endAll()
  await post.close()
  rmSync(directory, { recursive: true, force: true })
})

test('what is asked for is told, signed, in words of the specification, and nothing else', async () => {
  await begin({ events: ['run.failed', 'cycle.ended'] })
  commit()
  failAll()
  await post.count(3)
  expect(types()).toEqual(['cycle.ended', 'run.failed', 'run.failed'])
  const [failed] = post.received.filter(({ body }) => body.includes('run.failed')) as [Received]
  expect(signatureProblem(flat(failed), Buffer.from(failed.body), [SECRET], clock.now())).toBeUndefined()
  expect(failed.headers['content-type']).toBe('application/json')
  const { type, timestamp, data } = JSON.parse(failed.body) as Record<string, unknown>
  expect([type, timestamp]).toEqual(['run.failed', new Date(clock.now()).toISOString()])
  expect(data).toMatchObject({
    run: 'run-1',
    nodeRole: 'd/n1/web',
    result: 'failed',
    message: FAILED.message,
  })
  expect(failed.body).not.toContain(FAILED.tail)
  await tells('delivered', 3)
  expect(told).toEqual(['delivered', 'delivered', 'delivered'])
})

test('a failure is tried again, under the same id, with the time of the attempt', async () => {
  await begin({ events: ['run.failed'] })
  post.answer = () => ({ status: post.received.length < 3 ? 500 : 200 })
  commit('n1')
  failAll()
  const first = await post.count(1)
  await tells('retried')
  clock.advance(4_000)
  expect(post.received).toHaveLength(1)
  clock.advance(2_000)
  await post.count(2)
  await tells('retried', 2)
  clock.advance(6 * 60_000)
  const third = await post.count(3)
  await tells('delivered')
  expect(third.headers['webhook-id']).toBe(first.headers['webhook-id'])
  expect(Number(third.headers['webhook-timestamp'])).toBeGreaterThan(
    Number(first.headers['webhook-timestamp']),
  )
  expect(third.body).toBe(first.body)
  expect(signatureProblem(flat(third), Buffer.from(third.body), [SECRET], clock.now())).toBeUndefined()
})

test('where it is sent on to is not followed, and a receiver that is gone is told nothing more', async () => {
  const webhooks = await begin({ events: ['run.failed', 'cycle.ended'] })
  post.answer = () => ({ status: 302, headers: { location: `${post.url}/elsewhere` } })
  commit('n1')
  failAll()
  await tells('retried')
  expect(post.received.filter(({ path }) => path === '/elsewhere')).toEqual([])
  post.answer = () => ({ status: 410 })
  clock.advance(10_000)
  await tells('givenUp')
  expect(webhooks.queued().get('ops')).toBe(0)
  const before = post.received.length
  retryAll()
  clock.advance(60_000)
  expect([webhooks.queued().get('ops'), post.received.length]).toEqual([0, before])
})

test('a receiver that asks for patience gets it', async () => {
  await begin({ events: ['run.failed'] })
  post.answer = () => ({ status: 503, headers: { 'retry-after': '120' } })
  commit('n1')
  failAll()
  await tells('retried')
  clock.advance(119_000)
  expect(post.received).toHaveLength(1)
  post.answer = () => ({ status: 200 })
  clock.advance(2_000)
  await post.count(2)
})

test('what waited when the process ended, and what happened until the next one, is told by that, once', async () => {
  await begin({ events: ['run.failed', 'cycle.ended'] })
  commit('n1')
  failAll()
  await tells('delivered', 2)
  post.answer = () => ({ status: 500 })
  retryAll()
  await tells('retried')
  await endAll()
  // While nobody watched.
  retryAll()
  post.answer = () => ({ status: 204 })
  const before = post.received.length
  await begin({ events: ['run.failed', 'cycle.ended'] })
  await post.count(before + 1)
  clock.advance(10_000)
  await tells('delivered', 6)
  const ids = (from: number): unknown[] =>
    post.received.slice(from).map(({ headers }) => headers['webhook-id'])
  // Two were told by the first; four since: two of each of the retries.
  expect(new Set(ids(before)).size).toBe(4)
  expect(ids(before).filter((id) => ids(0).slice(0, 2).includes(id))).toEqual([])
  await endAll()
  await begin({ events: ['run.failed', 'cycle.ended'] })
  const after = post.received.length
  retryAll()
  await post.count(after + 2)
  expect(new Set(ids(after)).size).toBe(2)
})

test('a process that dies before it has written down what was delivered tells it again under the same id', async () => {
  await begin({ events: ['run.failed'] })
  const keptBefore = await new KeptFile(join(directory, 'webhooks.json')).read()
  commit('n1')
  failAll()
  const first = await post.count(1)
  await endAll()
  await new KeptFile(join(directory, 'webhooks.json')).write(() => keptBefore ?? null)
  await begin({ events: ['run.failed'] })
  const again = await post.count(2)
  expect(again.headers['webhook-id']).toBe(first.headers['webhook-id'])
  expect(again.body).toBe(first.body)
})

test('a proposal is told when it waits, and not when it was committed in one go', async () => {
  const webhooks = await begin({ events: ['proposal.waiting'] })
  commit()
  served.tell({ kind: 'proposeRevision', site: proposal(), author: 'ann', message: 'more' })
  expect(webhooks.queued().get('ops')).toBe(2)
  clock.advance(61_000)
  const one = await post.count(1)
  expect((JSON.parse(one.body) as { data: object }).data).toMatchObject({ revision: 2, message: 'more' })
  await tells('delivered')
  expect([post.received.length, webhooks.queued().get('ops')]).toEqual([1, 0])
})

test('a step of a rollout that waits for a word is told once, also over a restart', async () => {
  await begin({ events: ['step.waiting'] })
  const rollout = readShortSite('{ probe: 1, then: [100%], approve: true }')
  const stepped = changed(SITE, { deployments: { d: { roles: [{ role: 'web', rollout }] } } })
  commit(undefined, stepped)
  succeedAll()
  commit(undefined, changed(stepped, { roles: { web: { inputs: { port: 81 } } } }))
  succeedAll()
  const one = await post.count(1)
  expect((JSON.parse(one.body) as { data: object }).data).toMatchObject({
    deployment: 'd',
    role: 'web',
    nodes: 2,
  })
  served.tell({ kind: 'tick' })
  await tells('delivered')
  await endAll()
  const webhooks = await begin({ events: ['step.waiting'] })
  served.tell({ kind: 'tick' })
  expect([post.received.length, webhooks.queued().get('ops')]).toEqual([1, 0])
})

test('a node that is lost is told once for each time that it was lost', async () => {
  await begin({ events: ['node.lost', 'drift.found'] })
  commit('n1')
  const fault = { code: 'unreachable', message: 'no answer' } as const
  const lose = (): unknown =>
    served.tell({ kind: 'reportContact', node: 'n1', outcome: { result: 'fault', fault } })
  lose()
  served.heart.now += 1_000
  lose()
  await post.count(1)
  served.heart.now += 1_000
  served.tell(contact('n1', {}))
  lose()
  const second = await post.count(2)
  expect(JSON.parse(second.body)).toMatchObject({ type: 'node.lost', data: { node: 'n1', fault } })
  expect(types()).toEqual(['node.lost', 'node.lost'])
})

async function begin({ events }: { events: WebhookEvent[] }): Promise<Webhooks> {
  expect(WEBHOOK_EVENTS).toEqual(expect.arrayContaining(events))
  const webhooks = sendWebhooks({
    serving: served.serving,
    webhooks: [{ name: 'ops', url: `${post.url}/hook`, events, secrets: [SECRET] }],
    file: new KeptFile(join(directory, 'webhooks.json')),
    origin: 'test',
    clock,
    chance: () => 0,
    log: () => {},
    tell: (_, result) => {
      told.push(result)
      for (const look of looks) look()
    },
  })
  open.push(webhooks)
  await webhooks.ready
  return webhooks
}

const looks = new Set<() => void>()

/** Resolves when so many were told of as this. */
function tells(result: string, many = 1): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (told.filter((one) => one === result).length < many) return
      looks.delete(look)
      resolve()
    }
    looks.add(look)
    look()
  })
}

async function endAll(): Promise<void> {
  await Promise.all(open.splice(0).map((webhooks) => webhooks.close()))
}

function commit(only?: string, site = SITE): void {
  const short =
    only === undefined ? site : changed(site, { nodes: only === 'n1' ? { n2: null } : { n1: null } })
  served.tell(...commandsFor({ heart: served.heart, short }, { do: 'commit', change: {} }))
  for (const { name } of served.heart.world.nodes.values()) served.tell(contact(name, {}))
}

function proposal(): Parameters<typeof Object>[0] {
  const commands = commandsFor(
    { heart: served.heart, short: changed(SITE, { roles: { web: { inputs: { port: 1 } } } }) },
    { do: 'commit', change: {} },
  )
  return (commands[0] as unknown as { site: object }).site
}

function failAll(): void {
  for (const record of served.heart.world.inFlight) served.tell(report(record, FAILED))
}

function succeedAll(): void {
  for (const record of served.heart.world.inFlight) served.tell(report(record, okWith({})))
}

function retryAll(): void {
  served.heart.now += 1_000
  clock.advance(1_000)
  for (const { id } of served.heart.world.nodeRoles.values())
    served.tell({ kind: 'retryNodeRole', nodeRole: id, by: 'ann' })
  failAll()
}

function types(): string[] {
  return post.received.map(({ body }) => (JSON.parse(body) as { type: string }).type).sort()
}

function flat({ headers }: Received): Record<string, string> {
  return headers as Record<string, string>
}
