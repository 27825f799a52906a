// A story of kills, by seed: servers and their database end at any moment while changes are annealed; what must hold is looked for.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeLanguage } from '../../src/content/language.ts'
import { remember } from '../../src/engine/memory.ts'
import { verifyWhole } from '../../src/journal/moving.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { postgresWhole } from '../../src/journal/postgres-whole.ts'
import { type PostgresPlace, readPlace } from '../../src/journal/postgres-place.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { Recorded } from '../../src/model/event.ts'
import { dice } from '../simulation/dice.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { contentOf } from '../support/serving.ts'
import { historyOf } from './history.ts'
import { siteOf } from './kill-site.ts'

export interface KillReport {
  kills: { engine: number; standby: number; postgres: number }
  /** From the kill of the one that annealed until another one says that it does. */
  takeoversMs: number[]
  runs: number
  lost: number
  acknowledged: number
  events: number
}

const CHILD = fileURLToPath(new URL('./elected-child.ts', import.meta.url))

interface Child {
  process: ChildProcess
  url: string
  active: boolean
  over: boolean
}

export async function tellKills(postgres: TestPostgres, seed: number, kills: number): Promise<KillReport> {
  const address = postgres.url()
  const place = placeOf(address)
  const roll = dice(seed, 'kills')
  const children: (Child | undefined)[] = [undefined, undefined]
  const starting = new Set<Promise<void>>()
  let ending = false
  const report: KillReport = {
    kills: { engine: 0, standby: 0, postgres: 0 },
    takeoversMs: [],
    runs: 0,
    lost: 0,
    acknowledged: 0,
    events: 0,
  }
  const acknowledged: string[] = []
  let becameActive = (): void => {}

  try {
    await Promise.all([start(0), start(1)])
    await change(1, 60_000)
    for (let kill = 0; kill < kills; kill++) {
      await change(kill + 2)
      await sleep(roll.between(0, 120))
      await hurt(roll.pick(['engine', 'engine', 'postgres', 'standby'] as const))
      await acknowledge(`after kill ${kill}`)
    }
    await change(kills + 2, 60_000)
    await atRest(kills + 2)
    await judge()
    return report
  } finally {
    ending = true
    await Promise.allSettled(starting)
    for (const child of children) child?.process.kill('SIGKILL')
  }

  /** As whoever keeps a service running does: one that has ended is started again. */
  function start(at: number): Promise<void> {
    const started = (async () => {
      while (!ending) {
        const child = await begin(at)
        if (child) {
          children[at] = child
          return
        }
        await sleep(50)
      }
    })()
    starting.add(started)
    void started.finally(() => starting.delete(started))
    return started
  }

  async function begin(at: number): Promise<Child | undefined> {
    const process_ = spawn(process.execPath, [CHILD, address, `server-${at}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const child: Child = { process: process_, url: '', active: false, over: false }
    const told = new Promise<boolean>((resolve) => {
      process_.once('exit', () => {
        child.over = true
        resolve(false)
        if (children[at] !== child) return
        children[at] = undefined
        if (!ending) void start(at)
      })
      createInterface({ input: process_.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const said = JSON.parse(line) as { url?: string; active?: boolean }
        if (said.url !== undefined) child.url = said.url
        if (said.active) {
          child.active = true
          becameActive()
        }
        resolve(true)
      })
    })
    return (await told) ? child : undefined
  }

  async function hurt(who: keyof KillReport['kills']): Promise<void> {
    report.kills[who]++
    const active = children.find((child) => child?.active)
    const standby = children.find((child) => child && !child.active)
    if (who === 'standby') return void standby?.process.kill('SIGKILL')
    const began = performance.now()
    const next = new Promise<void>((resolve) => (becameActive = resolve))
    if (who === 'engine') active?.process.kill('SIGKILL')
    else {
      await postgres.kill()
      await postgres.start()
    }
    if (!active) return
    await next
    if (who === 'engine' && standby) report.takeoversMs.push(performance.now() - began)
  }

  async function change(version: number, patienceMs = 300): Promise<void> {
    const site = siteOf(version)
    await insisting((url) =>
      httpOperations({ url, by: 'ann' }).up({
        site,
        content: contentOf(site),
        by: 'ann',
        message: `version ${version}`,
        confirm: async () => true,
        onFeed: () => {},
        // It goes on when nobody waits any more.
        signal: AbortSignal.timeout(patienceMs),
        stay: false,
      }),
    )
  }

  /** Anything that is answered with yes must be there in the end. */
  async function acknowledge(why: string): Promise<void> {
    await insisting(async (url) => {
      const operations = httpOperations({ url, by: 'ann' })
      return operations.control(
        { kind: 'hold', targets: ['n0'], why },
        { by: 'ann', onFeed: () => {}, signal: new AbortController().signal, stay: false },
      )
    })
    acknowledged.push(why)
    await insisting((url) =>
      httpOperations({ url, by: 'ann' }).control(
        { kind: 'release', targets: ['n0'] },
        { by: 'ann', onFeed: () => {}, signal: AbortSignal.timeout(300), stay: false },
      ),
    )
  }

  async function insisting(ask: (url: string) => Promise<Answer<unknown>>): Promise<void> {
    let last = ''
    for (let tries = 0; tries < 400; tries++) {
      const some = children.filter((child) => child && !child.over && child.url !== '')
      const child = some.length > 0 ? roll.pick(some) : undefined
      const told = child && (await ask(child.url))
      if (told?.ok) return
      last = told ? told.refusal.message : last
      await sleep(50)
    }
    throw new Error(`seed ${seed}: nobody takes what is asked (${last})`)
  }

  async function atRest(version: number): Promise<void> {
    for (let tries = 0; tries < 1_200; tries++) {
      const child = children.find((one) => one?.active && !one.over)
      const told =
        child &&
        (await httpOperations({ url: child.url, by: 'ann' })
          .status()
          .catch(() => undefined))
      if (told?.ok && told.value.ready && (await wantsVersion(version))) return
      await sleep(50)
    }
    throw new Error(`seed ${seed}: it does not come to rest`)
  }

  async function wantsVersion(version: number): Promise<boolean> {
    return (await read()).some(
      ({ event }) => event.kind === 'revisionProposed' && event.message === `version ${version}`,
    )
  }

  async function read(): Promise<Recorded[]> {
    const opened = await journal().openReader()
    if (!opened.ok) return []
    const events: Recorded[] = []
    for await (const batch of opened.value.events(0)) events.push(...batch)
    await opened.value.close()
    return events
  }

  function journal(): ReturnType<typeof postgresJournal> {
    return postgresJournal(place, { site: 'site', toolVersion: '0.0.0' })
  }

  async function judge(): Promise<void> {
    const whole = await verifyWhole(postgresWhole(place, '0.0.0').openWhole)
    if (!whole.ok) throw new Error(`seed ${seed}: ${whole.refusal.message}`)
    const events = await read()
    const history = historyOf(events)
    const problem = history.problem ?? lostIn(events)
    if (problem !== undefined) throw new Error(`seed ${seed}: ${problem}`)
    const opened = await journal().openReader()
    if (!opened.ok) throw new Error(opened.refusal.message)
    const { world } = await remember(opened.value, makeLanguage())
    await opened.value.close()
    const wrong = [...world.nodeRoles.values()].filter(({ state }) => state !== 'active')
    if (wrong.length > 0)
      throw new Error(`seed ${seed}: ${wrong.length} node-roles are not active in the end`)
    report.runs = history.runs
    report.lost = history.lost
    report.events = events.length
    report.acknowledged = acknowledged.length
  }

  function lostIn(events: readonly Recorded[]): string | undefined {
    const held = new Set(events.flatMap(({ event }) => (event.kind === 'held' ? [event.why] : [])))
    const gone = acknowledged.filter((why) => !held.has(why))
    return gone.length > 0 ? `acknowledged and gone: ${gone.join(', ')}` : undefined
  }
}

function placeOf(address: string): PostgresPlace {
  const read = readPlace(address)
  if (!read.ok) throw new Error(read.refusal.message)
  return read.value
}
