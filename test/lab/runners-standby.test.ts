// A runner of a site with two servers on PostgreSQL: the one that anneals is killed, the runner goes on to the other, and what was in flight is settled once.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import { findServer } from '../../src/client/find-server.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import type { Operations } from '../../src/model/operations.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { type Running, type SiteDir, siteDir } from '../support/site-dir.ts'

const sites = [siteDir(), siteDir()] as const
const [first] = sites
const gate = first.path('gate')
const trace = first.path('trace')
let postgres: TestPostgres
let servers: { running: Running; url: string; operations: Operations }[]
let runner: Running
let over = false

afterAll(async () => {
  over = true
  await Promise.all(sites.map((one) => one.end()))
  await postgres.stop()
})

const GATED = `#!/bin/sh
echo begin >>${trace}
echo "waits at the gate"
while [ ! -e ${gate} ]; do sleep 0.05; done
echo end >>${trace}
`

function traced(word: string): number {
  const lines = existsSync(trace) ? readFileSync(trace, 'utf8').split('\n') : []
  return lines.filter((line) => line === word).length
}

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) {
    if (over) throw new Error('the story is over')
    await new Promise((later) => setTimeout(later, 50))
  }
}

/** Commits what its files say if it is the first one, and stands by if it is not. */
async function serve(site: SiteDir, address: string): Promise<(typeof servers)[number]> {
  site.make({
    nodes: { a1: { local: true, runner: 'any' } },
    roles: { gated: { summary: 'Waits at a gate', apply: 'apply.sh' } },
    deployment: { nodes: 'true' },
  })
  site.write({ 'packages/p/roles/gated/apply.sh': GATED })
  const running = site.start('serve', '--listen', '127.0.0.1:0', '--database', address)
  const [url] = await running.says(/http:\/\/127\.0\.0\.1:\d+/)
  for (;;) {
    const found = await findServer(site.path('.anneal'), 'ann')
    if (found?.ok) return { running, url, operations: httpOperations(found.value.connection) }
    await new Promise((later) => setTimeout(later, 50))
  }
}

async function runsBy(operations: Operations): Promise<string[]> {
  const runs = await operations.runs({ target: 'd/a1/gated' })
  return runs.ok ? runs.value.map(({ result }) => result) : []
}

beforeAll(async () => {
  postgres = await testPostgres()
  const address = postgres.url()
  servers = [await serve(sites[0], address), await serve(sites[1], address)]
})

test('a runner carries out what the server that anneals has for it', async () => {
  const { text, hash } = makeEnrolment('r1')
  const endsAt = Date.now() + 600_000
  const invite = { runner: 'r1', labels: {}, hash, endsAt, by: 'ann' }
  expect(await servers[0]?.operations.runners.invite(invite)).toMatchObject({ ok: true })
  const urls = servers.map(({ url }) => url).join(',')
  const words = ['runner', '--server', urls, '--state', first.path('state')]
  runner = first.startWith({ ANNEAL_RUNNER_TOKEN: text }, ...words)
  await runner.says(/works for the server/)
  first.start('commit', '--yes')
  await until(() => traced('begin') === 1)
})

test('when that server is killed the runner looks for the other one, and what it held is settled once', async () => {
  const [active, standby] = servers
  active?.running.kill('SIGKILL')
  await active?.running.ended
  await runner.says(/as another server anneals: what was held is given up[^]*works for the server/)
  await until(() => traced('begin') === 2)
  writeFileSync(gate, '')
  const { operations } = standby as (typeof servers)[number]
  await until(async () => {
    const status = await operations.status()
    return status.ok && status.value.atRest && status.value.ready
  })
  expect(await runsBy(operations)).toEqual(['lost', 'ok'])
  // What the first one had begun was ended with its lease, and never came to its end.
  expect(traced('end')).toBe(1)
  const [, second] =
    (await operations.runs({ target: 'd/a1/gated' }).then((runs) => (runs.ok ? runs.value : []))) ?? []
  expect((await sites[1].anneal('logs', second?.run ?? '')).stdout).toContain('waits at the gate')
})
