// What runners in processes of their own carry: 20,000 node-roles on machines that are made up, beside a runner in the server's process.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAccess } from '../../src/api/access/access.ts'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import { Challenges } from '../../src/api/elsewhere.ts'
import { startServer } from '../../src/api/server.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { Serving } from '../../src/engine/serving.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { DEFAULT_LIMITS, DEFAULT_LISTEN, DEFAULT_SESSIONS } from '../../src/model/server-settings.ts'
import { isPublicKey, isSigned } from '../../src/runner/key-pair.ts'
import { LeaseDesk } from '../../src/runner/lease-desk.ts'
import { LogKeeper } from '../../src/runner/log-keeper.ts'
import { routedRunner } from '../../src/runner/routed-runner.ts'
import type { Report } from '../../src/runner/runner.ts'
import { readShortSite, shortSite } from '../../test/support/short-site.ts'
import type { Bench, Sample } from '../harness/question.ts'
import { madeUpRunner, nowhere } from './made-up-machines.ts'

const NODES = 1_000
const ROLES = 20

/** `--runners N`, `--slots N`: so many processes, and so much at once in each. */
export const bench: Bench = async function* ({ options }) {
  const count = numberAfter(options, '--runners') ?? 4
  const slots = numberAfter(options, '--slots') ?? 64
  yield {
    name: `${NODES * ROLES} node-roles on ${NODES} nodes, ${count} runner processes of ${slots} slots`,
    figures: { runs: { unit: '/s', better: 'more' }, wall: { unit: 's' }, 'server CPU': { unit: 's' } },
    rounds: 3,
    contestants: [
      { name: 'runners elsewhere, over HTTP', is: 'ours', measure: () => converge(count, slots) },
      { name: 'the runner in the server', is: 'limit', measure: () => converge(0, slots) },
    ],
  }
}

async function converge(count: number, slots: number): Promise<Sample> {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-bench-'))
  const language = makeLanguage()
  let report: (report: Report) => void = () => {}
  const desk = new LeaseDesk({
    leaseMs: 60_000,
    clock: {
      now: () => performance.now(),
      after(ms, wake) {
        const timer = setTimeout(wake, ms)
        return () => clearTimeout(timer)
      },
    },
    report: (said) => report(said),
    schema: (schema) => language.schema(schema),
    prepare: async (work) => ({ ok: true, work }),
    keepLog: (run) => new LogKeeper({ path: run, mostBytes: 1_000_000, open: async () => nowhere }),
  })
  const site = { name: 'site', nodes: {}, deployments: {}, roles: {}, defaults: {} }
  const served = await serveSite(
    {
      store: sqliteJournal(directory, { site: 'bench', toolVersion: '0', notice: () => {} }),
      language,
      clock: systemClock,
      async makeRunner(_, events) {
        report = (said) => events.report(said)
        desk.open()
        return routedRunner(
          madeUpRunner(events, async () => nowhere),
          desk,
        )
      },
      makeExecutor: () => Promise.reject(new Error('there are no execs here')),
      holder: { pid: process.pid, host: 'here', what: 'a bench' },
    },
    {
      now: { site, content: new Map() },
      files: { changed: () => new Promise<never>(() => {}) },
      by: 'bench',
    },
  )
  if (!served.ok) throw new Error(served.refusal.message)
  const serving = served.value
  const access = makeAccess({
    serving,
    settings: { listen: DEFAULT_LISTEN, limits: DEFAULT_LIMITS, sessions: DEFAULT_SESSIONS },
    whoWorks: (text) => desk.whoShows(text),
    clock: systemClock,
    log: () => {},
  })
  const server = await startServer({
    serving,
    version: '0',
    instance: 'a bench',
    listen: { host: '127.0.0.1', port: 0 },
    access,
    elsewhere: {
      desk,
      leaseMs: 60_000,
      owner: 'bench',
      challenges: new Challenges(),
      keys: { isPublicKey, isSigned },
    },
    transcriptPath: (run) => join(directory, run),
    onMistake(error) {
      throw error
    },
  })
  const runners = await Promise.all(
    Array.from({ length: count }, (_, i) => runnerAt(serving, server.url, `r${i}`, slots)),
  )
  try {
    while (count > 0 && (await hereOf(serving)) < count) await new Promise((later) => setTimeout(later, 20))
    const cpu = process.cpuUsage()
    const from = performance.now()
    await commit(serving, count > 0)
    await serving.rest()
    const wall = (performance.now() - from) / 1_000
    const used = process.cpuUsage(cpu)
    const done = await serving.ask((world) => world.counts.active)
    if (done !== NODES * ROLES) throw new Error(`${done} of ${NODES * ROLES} are active`)
    return { runs: (NODES * ROLES) / wall, wall, 'server CPU': (used.user + used.system) / 1e6 }
  } finally {
    for (const runner of runners) runner.kill('SIGKILL')
    await access.close()
    await serving.close()
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function runnerAt(serving: Serving, url: string, runner: string, slots: number): Promise<ChildProcess> {
  const { text, hash } = makeEnrolment(runner)
  await serving.operations.runners.invite({
    runner,
    labels: {},
    hash,
    endsAt: Date.now() + 60_000,
    by: 'bench',
  })
  const program = join(import.meta.dirname, 'made-up-runner.ts')
  return spawn(process.execPath, [program, url, text, String(slots)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function hereOf(serving: Serving): Promise<number> {
  const found = await serving.operations.runners.list()
  return found.ok ? found.value.filter(({ state }) => state === 'here').length : 0
}

async function commit(serving: Serving, elsewhere: boolean): Promise<void> {
  const names = Array.from({ length: NODES }, (_, i) => `n${i}`)
  const nodes = Object.fromEntries(names.map((name) => [name, elsewhere ? { runner: {} } : {}]))
  const roles = Object.fromEntries(Array.from({ length: ROLES }, (_, i) => [`r${i}`, { inputs: { v: 1 } }]))
  const short = { nodes, roles, deployments: { d: { nodes: 'true', roles: Object.keys(roles) } } }
  const up = await serving.operations.up({
    site: shortSite(readShortSite(JSON.stringify(short))),
    content: new Map(),
    by: 'bench',
    message: 'all of it',
    confirm: async () => true,
    onFeed: () => {},
    signal: new AbortController().signal,
    stay: false,
    written: true,
  })
  if (!up.ok) throw new Error(up.refusal.message)
}

function numberAfter(words: readonly string[], word: string): number | undefined {
  const at = words.indexOf(word)
  return at < 0 ? undefined : Number(words[at + 1])
}
