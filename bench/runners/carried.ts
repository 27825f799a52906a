// A site carried out by one server that anneals, one that stands by, and runners, each a process, over a journal in PostgreSQL.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import { findServer } from '../../src/client/find-server.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import { type Connection, jsonInit, request } from '../../src/client/request.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { type PostgresPlace, readPlace } from '../../src/journal/postgres-place.ts'
import type { Operations } from '../../src/model/operations.ts'
import type { StatusView } from '../../src/model/view.ts'
import type { TestPostgres } from '../../test/support/postgres.ts'
import { type Running, type SiteDir, siteDir } from '../../test/support/site-dir.ts'
import type { Sample } from '../harness/question.ts'
import type { Stamps } from './made-up-machines.ts'
import { familySeconds, processorSeconds } from './processor-time.ts'
import { filesOfSite, type Size } from './site.ts'

export interface Load extends Size {
  runners: number
  slots: number
}

/** Figures, and how long an order is as it travels. */
export async function carried(
  postgres: TestPostgres,
  load: Load,
): Promise<{ sample: Sample; orderBytes: number }> {
  const address = postgres.url()
  const directories = [siteDir(), siteDir()] as const
  const children: ChildProcess[] = []
  try {
    const [active, standby] = directories
    for (const one of directories) one.write(filesOfSite(load))
    const server = await serve(active, address)
    const other = await serve(standby, address)
    const connection = await connectionTo(active)
    const operations = httpOperations(connection)
    const urls = `${server.url},${other.url}`
    const names = Array.from({ length: load.runners }, (_, i) => `r${i}`)
    for (const name of names)
      children.push(await runnerAt(operations, urls, name, load.slots, active.path(`${name}.json`)))
    while ((await hereOf(operations)) < load.runners) await later(50)
    const cpuOf = (): Record<string, number> => ({
      engine: processorSeconds(server.running.pid),
      standby: processorSeconds(other.running.pid),
      runners: children.reduce((sum, { pid = 0 }) => sum + processorSeconds(pid), 0),
      PostgreSQL: familySeconds(postgres.pid()),
    })
    const before = cpuOf()
    await commit(connection)
    await rest(connection)
    const after = cpuOf()
    const stamps = await stampsOf(
      children,
      names.map((name) => active.path(`${name}.json`)),
    )
    const told = await toldBy(placeOf(address), load, stamps)
    const cpu = Object.entries(after).map(([name, seconds]) => [`CPU ${name}`, seconds - (before[name] ?? 0)])
    return {
      sample: { ...told, ...Object.fromEntries(cpu) },
      orderBytes: Math.max(...stamps.map(({ orderBytes }) => orderBytes)),
    }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    for (const one of directories) await one.end()
  }
}

async function serve(site: SiteDir, address: string): Promise<{ running: Running; url: string }> {
  const running = site.start(
    'serve',
    '--listen',
    '127.0.0.1:0',
    '--database',
    address,
    '--log',
    'json',
    '--log-level',
    'warn',
  )
  const [url = ''] = await running.says(/http:\/\/127\.0\.0\.1:\d+/)
  return { running, url }
}

async function connectionTo(site: SiteDir): Promise<Connection> {
  for (;;) {
    const found = await findServer(site.path('.anneal'), 'bench')
    if (found?.ok) return found.value.connection
    await later(50)
  }
}

async function runnerAt(
  operations: Operations,
  urls: string,
  runner: string,
  slots: number,
  stampFile: string,
): Promise<ChildProcess> {
  const { text, hash } = makeEnrolment(runner)
  const endsAt = Date.now() + 600_000
  const invited = await operations.runners.invite({ runner, labels: {}, hash, endsAt, by: 'bench' })
  if (!invited.ok) throw new Error(invited.refusal.message)
  const program = join(import.meta.dirname, 'made-up-runner.ts')
  return spawn(process.execPath, [program, urls, text, String(slots), stampFile], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function hereOf(operations: Operations): Promise<number> {
  const found = await operations.runners.list()
  return found.ok ? found.value.filter(({ state }) => state === 'here').length : 0
}

/** The server proposed what its files say when it began. Nobody follows what comes of it. */
async function commit(connection: Connection): Promise<void> {
  const committed = await request(connection, '/api/v1/revisions/1/commit', jsonInit('POST', { onto: 0 }))
  if (!committed.ok) throw new Error(committed.refusal.message)
}

async function rest(connection: Connection): Promise<void> {
  for (;;) {
    const status = await request<Pick<StatusView, 'atRest' | 'ready'>>(connection, '/api/v1/status')
    if (status.ok && status.value.atRest && status.value.ready) return
    await later(250)
  }
}

async function stampsOf(children: readonly ChildProcess[], files: readonly string[]): Promise<Stamps[]> {
  await Promise.all(
    children.map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      return gone
    }),
  )
  return files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Stamps)
}

function placeOf(address: string): PostgresPlace {
  const place = readPlace(address)
  if (!place.ok) throw new Error(place.refusal.message)
  return place.value
}

/**
 * By the journal: from the commit to the last run that it took. A claim is stamped with the beginning of its turn, so is what came of it; both
 * are durable before anybody hears of them.
 */
async function toldBy(
  place: PostgresPlace,
  { nodes, roles }: Size,
  stamps: readonly Stamps[],
): Promise<Sample> {
  const runs = Object.assign({}, ...stamps.map((one) => one.runs)) as Stamps['runs']
  const opened = await postgresJournal(place, { site: 'bench', toolVersion: '0' }).openReader()
  if (!opened.ok) throw new Error(opened.refusal.message)
  const toStart: number[] = []
  const toAccepted: number[] = []
  let from = 0
  let until = 0
  for await (const recorded of opened.value.events(0)) {
    for (const { at, event } of recorded) {
      if (event.kind === 'revisionCommitted') from = at
      if (event.kind === 'runStarted') toStart.push((runs[event.run]?.[0] ?? NaN) - at)
      if (event.kind !== 'runFinished' || event.outcome.result !== 'ok') continue
      toAccepted.push(at - (runs[event.run]?.[1] ?? NaN))
      until = at
    }
  }
  await opened.value.close()
  if (toStart.length !== nodes * roles || toAccepted.length !== nodes * roles)
    throw new Error(`${toStart.length} runs began and ${toAccepted.length} ended well, of ${nodes * roles}`)
  const wall = (until - from) / 1_000
  return {
    runs: toAccepted.length / wall,
    wall,
    'requests a run': stamps.reduce((sum, one) => sum + one.requests, 0) / toAccepted.length,
    'to start p50': shareOf(toStart, 0.5),
    'to start p99': shareOf(toStart, 0.99),
    'to accepted p50': shareOf(toAccepted, 0.5),
    'to accepted p99': shareOf(toAccepted, 0.99),
  }
}

function shareOf(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? NaN
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
