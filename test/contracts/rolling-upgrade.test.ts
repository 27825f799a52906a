// Two releases side by side, while a site anneals: servers and runners of either take over from, and work for, those of the other.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyWhole } from '../../src/journal/moving.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { type PostgresPlace, readPlace } from '../../src/journal/postgres-place.ts'
import { postgresWhole } from '../../src/journal/postgres-whole.ts'
import type { Recorded } from '../../src/model/event.ts'
import { freePort } from '../support/free-port.ts'
import { NEXT, type NextRelease, nextRelease } from '../support/next-release.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { type Running, siteDir, type SiteDir } from '../support/site-dir.ts'
import { all, value } from './journal.ts'

const NOW = '0.1.0'
const NODES = ['n1', 'n2', 'n3', 'n4']
const ROLES = ['one', 'two', 'three', 'four']

/** A machine with the files of the site and the server that stands on it, of whichever release. */
interface Place {
  site: SiteDir
  address: string
  server?: Running
}

let postgres: TestPostgres
let place: PostgresPlace
let next: NextRelease
let old: Place
let young: Place
const homes: SiteDir[] = []
let over = false

beforeAll(async () => {
  postgres = await testPostgres()
  next = nextRelease()
  const database = postgres.url()
  place = value(readPlace(database))
  const env = { ANNEAL_DATABASE: database }
  old = { site: siteDir({ env }), address: await freeAddress() }
  young = { site: siteDir({ env, home: next.home }), address: await freeAddress() }
  homes.push(old.site, young.site)
  make(1)
})
afterAll(async () => {
  over = true
  for (const site of homes) await site.end()
  next.remove()
  await postgres.stop()
})

test('the next release stands by, and takes over in the middle of a change; a runner of today works on for it', async () => {
  await serve(old, 'anneals')
  await runner(old.site, 'r-old')
  await up(old, 1)
  await serve(young, 'stands by')
  expect(await told(young)).toMatchObject({ version: NEXT, standby: {} })

  await takenOver(2, old, young)
  expect(await told(young)).toEqual(expect.not.objectContaining({ standby: expect.anything() }))
})

test('today’s release stands by for the next one, serves reads, hands on what changes, and takes over from it', async () => {
  await serve(old, 'stands by')
  expect(await told(old)).toMatchObject({ version: NOW })
  await runner(young.site, 'r-young')
  expect((await old.site.anneal('status')).said).toMatch(/stands by[^]*ready/)
  expect((await old.site.anneal('hold', 'n1', '-m', 'asked of a standby')).code).toBe(0)
  expect((await old.site.anneal('release', 'n1')).code).toBe(0)

  await takenOver(3, young, old)
  for (const [name, version] of [
    ['r-old', NOW],
    ['r-young', NEXT],
  ]) {
    const here = new RegExp(`${name} +here .*${version}`)
    await until(async () => here.test((await old.site.anneal('runners')).stdout))
  }
})

test('what both wrote is one history: each success once, nothing twice beyond what was in flight', async () => {
  const report = value(await verifyWhole(postgresWhole(place, NOW).openWhole))
  expect(report.events).toBeGreaterThan(100)
  const inFlight = new Set<string>()
  const done = new Map<string, string>()
  for (const { event } of await events()) {
    if (event.kind === 'runStarted') {
      expect(inFlight).not.toContain(event.nodeRole)
      expect(done.get(event.nodeRole)).not.toBe(event.digest)
      inFlight.add(event.nodeRole)
      done.delete(event.nodeRole)
    } else if (event.kind === 'runFinished') {
      expect(event.outcome.result).toBe('ok')
      inFlight.delete(event.nodeRole)
    } else if (event.kind === 'runLost') inFlight.delete(event.nodeRole)
  }
  expect(inFlight.size).toBe(0)
})

test('a release that writes what today’s cannot read is not half understood: who stands by ends with the reason', async () => {
  next.breakWithThePast()
  await serve(young, 'stands by')
  await kill(old)
  await young.server?.says(/this server anneals from now on/)
  make(4)
  await young.site.anneal('up', '--yes')
  await young.site.anneal('watch', '--until-rest')
  const refused = await old.site.start('serve', '--listen', old.address).ended
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.said).toMatch(/format 4 is newer than format 3/)
  expect((await old.site.anneal('status')).said).toMatch(/newer/)
  expect(await verifyWhole(postgresWhole(place, NOW).openWhole)).toMatchObject({
    refusal: { code: 'newerJournal' },
  })
  expect((await young.site.anneal('journal', 'verify')).code).toBe(0)
})

/** In the middle of a change that an operator beside the older one asked for. */
async function takenOver(version: number, from: typeof old, by: typeof old): Promise<void> {
  make(version)
  const asked = old.site.start('up', '--yes')
  await halfWay(version)
  await kill(from)
  await by.server?.says(/this server anneals from now on/)
  await asked.ended
  await ready(by, version)
}

/** The same files on both machines. */
function make(version: number): void {
  for (const { site } of [old, young]) {
    site.make({
      nodes: Object.fromEntries(
        NODES.map((name, i) => [name, { local: true, ...(i < 2 ? { runner: 'any' } : {}) }]),
      ),
      roles: Object.fromEntries(
        ROLES.map((name, i) => [
          name,
          {
            ...(i === 0 ? {} : { requires: [ROLES[i - 1]] }),
            inputs: { version: { type: 'integer', default: version } },
            outputs: { seen: { type: 'integer' } },
            apply: { run: 'sleep 0.2; echo "seen=$ANNEAL_INPUT_VERSION" >>"$ANNEAL_OUTPUTS"' },
          },
        ]),
      ),
      deployment: { nodes: 'true' },
    })
  }
}

async function serve(at: Place, says: 'anneals' | 'stands by'): Promise<void> {
  at.server = at.site.start('serve', '--listen', at.address)
  await at.server.says(says === 'anneals' ? /http:\/\/\S+/ : /this one stands by/)
  await until(async () => {
    const answered = await fetch(`http://${at.address}/readyz`).catch(() => undefined)
    return answered?.ok === true
  })
}

async function kill(at: Place): Promise<void> {
  at.server?.kill('SIGKILL')
  await at.server?.ended
}

async function runner(site: SiteDir, name: string): Promise<void> {
  const token = (await site.anneal('runners', 'enrol', name)).stdout.trim()
  const servers = [old, young].map(({ address }) => `http://${address}`).join(',')
  const words = ['runner', '--server', servers, '--state', site.path('runner')]
  await site.startWith({ ANNEAL_RUNNER_TOKEN: token }, ...words).says(/works for the server/)
}

async function up(at: Place, version: number): Promise<void> {
  expect(await at.site.anneal('up', '--yes')).toMatchObject({ code: 0 })
  await ready(at, version)
}

/** Some have it, and some do not yet. */
function halfWay(version: number): Promise<void> {
  return until(async () => (await successes(version)) >= NODES.length)
}

async function ready({ site }: Place, version: number): Promise<void> {
  await until(async () => (await successes(version)) === NODES.length * ROLES.length)
  expect(await site.anneal('watch', '--until-rest')).toMatchObject({ code: 0 })
}

async function successes(version: number): Promise<number> {
  const told = (await events()).filter(({ event }) => {
    if (event.kind !== 'runFinished' || event.outcome.result !== 'ok') return false
    return event.outcome.outputs['seen'] === version
  })
  return told.length
}

async function events(): Promise<Recorded[]> {
  const reader = value(await postgresJournal(place, { site: 'e2e', toolVersion: NOW }).openReader())
  const read = await all(reader)
  await reader.close()
  return read
}

async function told({ address }: Place): Promise<Record<string, unknown>> {
  return (await (await fetch(`http://${address}/version`)).json()) as Record<string, unknown>
}

async function freeAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`
}

/** What is asked costs a process or a look at the whole journal: not too often. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!over && !(await holds())) await new Promise((later) => setTimeout(later, 200))
}
