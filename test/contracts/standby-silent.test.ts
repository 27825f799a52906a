// A server that has the journal and is stopped: a standby says which and for how long, takes over, and what wakes up changes nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { verifyWhole } from '../../src/journal/moving.ts'
import { readPlace } from '../../src/journal/postgres-place.ts'
import { postgresWhole } from '../../src/journal/postgres-whole.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { type Running, siteDir, type SiteDir } from '../support/site-dir.ts'
import { untilIn } from '../support/until.ts'
import { value } from './journal.ts'

// Each starts several programs.
vi.setConfig({ testTimeout: 180_000 })

let postgres: TestPostgres
let database: string
let first: SiteDir
let second: SiteDir
let stopped: Running
let asking: Running
const over = new AbortController()
const until = untilIn(over.signal)

/** What the script on the node did, whoever began it. */
const told = (): string[] => {
  const path = first.path('told')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

beforeAll(async () => {
  postgres = await testPostgres()
  database = postgres.url()
  const env = { ANNEAL_DATABASE: database }
  first = siteDir({ env })
  second = siteDir({ env })
  for (const site of [first, second]) {
    const run = `trap 'echo ended >>"${first.path('told')}"; exit 1' TERM
echo begun >>"${first.path('told')}"
while [ ! -e "${first.path('go')}" ]; do sleep 0.1; done
echo done >>"${first.path('told')}"`
    site.make({ roles: { one: { apply: { run } } } })
  }
  stopped = first.start('serve', '--listen', '127.0.0.1:0')
  await stopped.says(/http:\/\/\S+/)
  asking = first.start('up', '--yes')
  await Promise.race([
    until(() => told().includes('begun')),
    asking.ended.then(({ said }) => Promise.reject(new Error(said))),
  ])
  stopped.kill('SIGSTOP')
})
afterAll(async () => {
  over.abort()
  for (const site of [first, second]) await site.end()
  await postgres.stop()
})

async function standby(patience: string): Promise<{ running: Running; url: string }> {
  second.write({ 'server.yaml': `standby: { patience: ${patience} }\n` })
  const running = second.start('serve', '--listen', '127.0.0.1:0')
  const [url] = await running.says(/http:\/\/[\d.:]+/)
  return { running, url }
}

test('a standby says which process has the journal and is silent, the same at every door, and hands nothing on', async () => {
  const { running, url } = await standby('100h')
  const version = async (): Promise<{ standby?: { silent?: object } }> =>
    (await (await fetch(`${url}/version`)).json()) as { standby?: { silent?: object } }
  const silent = await until(async () => (await version()).standby?.silent)
  expect(silent).toMatchObject({ holder: { pid: stopped.pid }, patienceMs: 360_000_000 })
  const words = new RegExp(
    `anneal serve .*[(]pid ${stopped.pid} on host .+[)] has had the journal for .+ and gave no sign of life for .+: after 100 h 00 min this server takes over`,
  )
  await running.says(words)
  expect((await second.anneal('status')).stdout).toMatch(words)
  const { lines } = await second.json('status')
  expect(lines[0]?.['standby'].silent).toMatchObject({ holder: { pid: stopped.pid } })
  const refused = await second.anneal('up', '--yes')
  expect(refused.code).not.toBe(0)
  expect(refused.said).toMatch(words)
  running.kill('SIGTERM')
  await running.ended
})

test('it takes over after its patience, and ends on the node what the silent one has under way there', async () => {
  const { running } = await standby('6s')
  await running.says(/this server anneals from now on/)
  await until(() => told().length >= 3)
  expect(told()).toEqual(['begun', 'ended', 'begun'])
})

test('what wakes up writes nothing more, touches no node, and ends', async () => {
  stopped.kill('SIGCONT')
  expect((await stopped.ended).code).toBe(1)
  await asking.ended
  writeFileSync(first.path('go'), '')
  expect(await second.anneal('up', '--yes')).toMatchObject({ code: 0 })
  expect(told()).toEqual(['begun', 'ended', 'begun', 'done'])
  const place = value(readPlace(database))
  expect(await verifyWhole(postgresWhole(place, '0.1.0').openWhole)).toMatchObject({ ok: true })
})
