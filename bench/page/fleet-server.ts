// A server of a fleet in a process of its own: the real stack over a real journal, machines that are made up, so many state changes a second.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAccess } from '../../src/api/access/access.ts'
import { makeServerKey } from '../../src/api/access/credentials.ts'
import { startServer } from '../../src/api/server.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { Serving } from '../../src/engine/serving.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { State } from '../../src/model/reason.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import { DEFAULT_LIMITS, DEFAULT_LISTEN, DEFAULT_SESSIONS } from '../../src/model/server-settings.ts'
import { startObserving } from '../../src/observe/observing.ts'
import { timedJournal } from '../../src/observe/timed-journal.ts'
import type { Runner, RunnerEvents } from '../../src/runner/runner.ts'
import { KEY_PLACE, keySourceAt } from '../../src/secrets/key-place.ts'
import { WrappingKeys } from '../../src/secrets/key-ring.ts'
import { sealedJournal } from '../../src/secrets/sealed-journal.ts'
import { keepPast, reached, siteOf, type FleetSettings as Size } from './made-up-fleet.ts'

export interface FleetSettings extends Size {
  /** State changes; each run is two: one as it starts, one as it ends. */
  perSecond: number
}

/** What it tells its parent, who asks for it by its kind, and by `work` for all else to begin. */
export type FleetWord =
  | { kind: 'ready'; url: string; key: string }
  | { kind: 'usage'; usage: Usage }
  | { kind: 'flips'; flips: Flip[] }
  | { kind: 'working' }

/** Since the process began. */
export interface Usage {
  cpuMs: number
  /** Bytes now. */
  rss: number
  /** Of states, as they were told. */
  changes: number
  /** How late the event loop came to something at most, since it was asked last. */
  lateMs: number
}

/** The node-role of the first cell of the board took this state in a turn of that moment. */
export interface Flip {
  at: number
  state: State
}

const RUN_MS = 400
const TICK_MS = 20
const LISTEN = { host: '127.0.0.1', port: 0 }
const HOLDER = { pid: process.pid, host: 'bench', what: 'bench' }

if (process.send !== undefined) await serveFleet(JSON.parse(process.argv[2] ?? '{}') as FleetSettings)

async function serveFleet(settings: FleetSettings): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-fleet-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  process.once('disconnect', () => process.exit(0))
  const journal = timedJournal(
    sealedJournal(
      sqliteJournal(directory, { site: 'fleet', toolVersion: '0' }),
      new WrappingKeys(async () => ({ ok: true, value: keySourceAt(KEY_PLACE, directory) })),
    ),
  )
  const ids = await keepPast(journal.store, settings, HOLDER)
  const beacon = [...ids].sort()[0] as string
  const serving = given(
    await serveSite(
      {
        store: journal.store,
        language: makeLanguage(),
        clock: systemClock,
        makeRunner: async (_, events) => machines(events, beacon),
        makeExecutor: () => Promise.reject(new Error('nobody is asked to carry out anything by hand')),
        holder: HOLDER,
      },
      { now: { site: siteOf(settings), content: new Map() }, files: { changed: never }, by: 'bench' },
    ),
  )
  const key = makeServerKey()
  const log = (level: string, message: string, fields?: unknown): void =>
    void (level === 'error' && console.error(message, fields))
  const observing = given(
    await startObserving({
      serving,
      settings: { metrics: true, webhooks: [], hooks: [] },
      directory,
      version: '0',
      clock: systemClock,
      log,
      logsTurns: false,
      readSecret: () => Promise.reject(new Error('there are no secrets')),
      env: {},
      readSite: () => Promise.reject(new Error('there are no files')),
      journal,
    }),
  )
  const { watch, metrics, hooks } = observing
  const access = makeAccess({
    serving,
    settings: { listen: DEFAULT_LISTEN, limits: DEFAULT_LIMITS, sessions: DEFAULT_SESSIONS },
    keyHash: key.hash,
    clock: systemClock,
    log,
  })
  const server = await startServer({
    serving,
    version: '0',
    instance: 'bench',
    listen: LISTEN,
    access,
    page: join(import.meta.dirname, '..', '..', 'web', 'dist'),
    transcriptPath: (run) => join(directory, 'runs', `${run}.log`),
    watch,
    ...(metrics ? { metrics } : {}),
    hooks,
    onMistake: (error) => console.error(error),
  })
  const told = follow(serving, beacon)
  await serving.rest()
  process.on('message', (word) => {
    if (word === 'work') work(serving, settings, ids, beacon)
    if (word === 'usage') say({ kind: 'usage', usage: told.usage() })
    if (word === 'flips') say({ kind: 'flips', flips: told.flips.splice(0) })
  })
  say({ kind: 'ready', url: server.url, key: key.text })
}

function say(word: FleetWord): void {
  process.send?.(word)
}

function given<T>(answered: Answer<T>): T {
  if (!answered.ok) throw new Error(answered.refusal.message)
  return answered.value
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

/** Each run takes its time, and one of a hundred fails; never that of the beacon. */
function machines(events: RunnerEvents, beacon: string): Runner {
  return {
    start({ run, token, nodeRole }) {
      const fails = nodeRole !== beacon && Number(run.slice('run-'.length)) % 100 === 7
      const outcome = fails ? FAILED : DONE
      setTimeout(() => events.report({ kind: 'reportRun', run, token, outcome }), RUN_MS)
    },
    cancel() {},
    check() {},
    contact: ({ name }) => void setImmediate(() => events.report(reached(name))),
    close: async () => {},
  }
}

/** Runs of node-roles that somebody asks for: the first cell twice a second, the others in turn, spread over the fleet. */
function work(serving: Serving, { perSecond }: FleetSettings, ids: string[], beacon: string): void {
  const run = (targets: string[]): void => {
    const request = { by: 'bench', onFeed: () => {}, signal: NEVER, stay: false, written: true } as const
    void serving.operations.control({ kind: 'run', targets, only: false }, request)
  }
  let owed = 0
  let next = 0
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    owed += ((now - last) * perSecond) / 2_000
    last = now
    const targets: string[] = []
    for (; owed >= 1; owed--) {
      // A step that has no divisor in common with how many there are comes to each of them.
      next = (next + STEP) % ids.length
      const id = ids[next] as string
      if (id !== beacon) targets.push(id)
    }
    if (targets.length > 0) run(targets)
  }, TICK_MS)
  setInterval(() => run([beacon]), 2 * RUN_MS)
  say({ kind: 'working' })
}

const STEP = 7_919
const NEVER = new AbortController().signal

function follow(serving: Serving, beacon: string): { flips: Flip[]; usage(): Usage } {
  const flips: Flip[] = []
  let [changes, lateMs, last] = [0, 0, performance.now()]
  serving.watch((made) => {
    changes += made.changed.length
    for (const { id, after } of made.changed)
      if (id === beacon && after) flips.push({ at: made.at, state: after.state })
  })
  setInterval(() => {
    const now = performance.now()
    lateMs = Math.max(lateMs, now - last - TICK_MS)
    last = now
  }, TICK_MS)
  return {
    flips,
    usage() {
      const { user, system } = process.cpuUsage()
      const told = { cpuMs: (user + system) / 1_000, rss: process.memoryUsage().rss, changes, lateMs }
      lateMs = 0
      return told
    },
  }
}

const DONE: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: RUN_MS }
const FAILED: RunOutcome = {
  result: 'failed',
  message: 'apply.sh ended with exit code 1: no space left on device',
  tail: 'no space left on device\n',
  retry: false,
  durationMs: RUN_MS,
}
