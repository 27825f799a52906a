// The page in a real browser on a real server of a made-up fleet: first paint, event to pixel, frames, memory, and what the server costs meanwhile.
import { fork } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Bench, Sample } from '../harness/question.ts'
import { pssOf } from './browser-memory.ts'
import type { FleetSettings, FleetWord, Flip, Usage } from './fleet-server.ts'
import { firstCell, framesOf, watchPixel } from './in-the-page.ts'

const ROLES = 20
const PER_SECOND = 1_000
const LATENCY_MS = 20_000
const FRAMES_MS = 5_000
const MIB = 1_048_576

export const bench: Bench = async function* (surroundings) {
  const { options } = surroundings
  const settings = { nodes: Number(options[0] ?? 10_000), roles: ROLES, perSecond: PER_SECOND }
  const minutes = Number(options[1] ?? 1)
  const fleet = await startFleet(settings)
  const server = await chromium.launchServer({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--enable-precise-memory-info'],
  })
  try {
    const browser = await chromium.connect(server.wsEndpoint())
    surroundings.version('chromium', browser.version())
    surroundings.version('fleet', `${settings.nodes} nodes x ${ROLES} roles`)
    const ours = (name: string, measure: () => Promise<Sample>) => [{ name, is: 'ours', measure }] as const
    const opens = async (): Promise<Sample> => {
      const { page, figures } = await open(browser, fleet)
      await page.context().close()
      return figures
    }
    const opening = {
      figures: { 'first paint': { unit: 'ms' }, 'first cells': { unit: 'ms' } },
      rounds: 5,
      goals: [{ figure: 'first paint', atMost: 1_000 }],
    }
    yield { name: 'opened at rest', contestants: ours('page', opens), ...opening }
    await fleet.work()
    const busy = `at ${PER_SECOND} changes a second`
    yield { name: `opened ${busy}`, contestants: ours('page', opens), ...opening }
    const { page } = await open(browser, fleet)
    yield {
      name: 'event to pixel',
      figures: { p99: { unit: 'ms' }, p95: { unit: 'ms' }, p50: { unit: 'ms' }, longest: { unit: 'ms' } },
      rounds: 3,
      contestants: ours(busy, async () => shares(await eventToPixel(page, fleet))),
      goals: [{ figure: 'p99', atMost: 300 }],
    }
    yield {
      name: 'from frame to frame',
      figures: { p95: { unit: 'ms' }, p99: { unit: 'ms' }, p50: { unit: 'ms' }, longest: { unit: 'ms' } },
      rounds: 3,
      contestants: FRAMES.map(([name, what]) => ({
        name,
        is: 'ours' as const,
        measure: async () => shares(await page.evaluate(framesOf, { ms: FRAMES_MS, what })),
      })),
    }
    surroundings.say(`memory at the beginning: ${JSON.stringify(await memoryOf(page, server.process().pid))}`)
    yield {
      name: 'memory and processors, minute by minute',
      figures: {
        'heap of the page': { unit: 'MiB' },
        'all of the browser': { unit: 'MiB' },
        server: { unit: 'MiB' },
        'processor of the server': { unit: '%' },
        'late at most': { unit: 'ms' },
        changes: { unit: '/s', better: 'more' },
      },
      rounds: minutes,
      contestants: ours(busy, async () => {
        const [from, began] = [await fleet.usage(), performance.now()]
        await page.waitForTimeout(60_000)
        const sample = {
          ...(await memoryOf(page, server.process().pid)),
          ...costOf(from, await fleet.usage(), performance.now() - began),
        }
        surroundings.say(`load ${(loadavg()[0] as number).toFixed(1)}: ${JSON.stringify(sample)}`)
        return sample
      }),
    }
  } finally {
    await server.close()
    fleet.end()
  }
}

const FRAMES = [
  ['scrolling 10,000 px/s', 'scroll'],
  ['a filter typed again and again', 'filter'],
  ['looking on', 'none'],
] as const

interface Fleet {
  url: string
  /** Of the server, for who may do all. */
  key: string
  /** From now on states change. */
  work(): Promise<unknown>
  usage(): Promise<Usage>
  /** Those since it was asked last. */
  flips(): Promise<Flip[]>
  end(): void
}

async function startFleet(settings: FleetSettings): Promise<Fleet> {
  const child = fork(join(import.meta.dirname, 'fleet-server.ts'), [JSON.stringify(settings)])
  const ready = await heard('ready')
  return {
    url: ready.url,
    key: ready.key,
    work: () => asked('working', 'work'),
    usage: async () => (await asked('usage')).usage,
    flips: async () => (await asked('flips')).flips,
    end: () => void child.kill(),
  }

  function asked<K extends FleetWord['kind']>(
    kind: K,
    word: string = kind,
  ): Promise<FleetWord & { kind: K }> {
    const answer = heard(kind)
    child.send(word)
    return answer
  }

  function heard<K extends FleetWord['kind']>(kind: K): Promise<FleetWord & { kind: K }> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the server of the fleet ended'))
      const hear = (word: FleetWord): void => {
        if (word.kind !== kind) return
        child.off('message', hear)
        child.off('exit', ended)
        resolve(word as FleetWord & { kind: K })
      }
      child.on('message', hear)
      child.once('exit', ended)
    })
  }
}

/** Somebody who signed in before opens the page, with nothing of it at hand. */
async function open(browser: Browser, { url, key }: Fleet): Promise<{ page: Page; figures: Sample }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const link = await fetch(`${url}/api/v1/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  })
  await context.request.get(((await link.json()) as { url: string }).url)
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'commit' })
  await page.waitForSelector('.matrix canvas')
  const cells = await page.evaluate(firstCell)
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  )
  return { page, figures: { 'first paint': paint ?? Number.NaN, 'first cells': cells } }
}

/**
 * From the moment of the turn that changed the first cell, before it was durable, until the canvas has its colour. One that
 * was over before it could be seen counts until the next like it.
 */
async function eventToPixel(page: Page, fleet: Fleet): Promise<number[]> {
  await fleet.flips()
  const seen = await page.evaluate(watchPixel, LATENCY_MS)
  return (await fleet.flips()).flatMap(({ at, state }) => {
    const shown = seen.find((one) => one.at >= at && one.state === (state === 'active' ? 'active' : 'other'))
    return shown === undefined ? [] : [shown.at - at]
  })
}

/** Of JavaScript after a collection, and of all processes of the browser. */
async function memoryOf(page: Page, pid: number | undefined): Promise<Sample> {
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  await client.detach()
  return { 'heap of the page': usedSize / MIB, 'all of the browser': pssOf(pid ?? 0) / MIB }
}

function costOf(from: Usage, until: Usage, ms: number): Sample {
  return {
    server: until.rss / MIB,
    'processor of the server': (100 * (until.cpuMs - from.cpuMs)) / ms,
    'late at most': until.lateMs,
    changes: (1_000 * (until.changes - from.changes)) / ms,
  }
}

function shares(values: readonly number[]): Sample {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) }
}
