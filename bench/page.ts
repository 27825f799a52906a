// Measures the page in a real browser on a made-up fleet: first paint, event to pixel, frames while scrolling and filtering, memory.
import { chromium, type Page } from 'playwright-core'
import { madeUpServer } from './made-up-server.ts'

const NODES = Number(process.env['NODES'] ?? 10_000)
const ROLES = Number(process.env['ROLES'] ?? 20)
const PER_SECOND = Number(process.env['PER_SECOND'] ?? 1_000)
const SECONDS = Number(process.env['SECONDS'] ?? 120)
const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

const server = await madeUpServer({ nodes: NODES, roles: ROLES, perSecond: PER_SECOND, flipMs: 250 })
const browser = await chromium.launch({
  executablePath: BROWSER,
  args: ['--no-sandbox', '--enable-precise-memory-info'],
})
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
say(`${NODES} nodes x ${ROLES} roles, ${PER_SECOND} state changes a second, chromium ${browser.version()}`)

await page.goto(server.url, { waitUntil: 'commit' })
await page.waitForSelector('.matrix canvas')
const paints = await page.evaluate(() =>
  performance.getEntriesByType('paint' as 'mark').map(({ name, startTime }) => [name, startTime]),
)
for (const [name, at] of paints as [string, number][]) say(`${name}: ${at.toFixed(0)} ms`)
const board = await page.evaluate(firstCell)
say(`first cell of the board on screen: ${board.toFixed(0)} ms after navigation`)
say(`memory at the beginning: ${await heap(page)} MiB of JavaScript`)

say(`event to pixel: ${percentiles(await eventToPixel(page, 40_000))}`)
say(`frames at rest, with the changes coming in: ${percentiles(await frames(page, 5_000, 'none'))}`)
say(`frames while scrolling 10,000 px/s: ${percentiles(await frames(page, 5_000, 'scroll'))}`)
say(`frames while a filter is typed again and again: ${percentiles(await frames(page, 5_000, 'filter'))}`)
for (let passed = 0; passed < SECONDS; passed += 30) {
  await page.waitForTimeout(30_000)
  say(`memory after ${passed + 30} s more: ${await heap(page)} MiB of JavaScript`)
}
await browser.close()
server.close()

/** From the moment in which the server set the first cell until the canvas has its colour. */
async function eventToPixel(page_: Page, ms: number): Promise<number[]> {
  const from = server.flips.length
  const seen = await page_.evaluate(watchPixel, ms)
  const latencies: number[] = []
  const flips = server.flips.slice(from)
  for (const { at, state } of flips) {
    const shown = seen.find((each) => each.at >= at && each.state === state)
    if (shown !== undefined) latencies.push(shown.at - at)
  }
  return latencies
}

/** When the first cell of the board has a colour that is not the paper's. */
function firstCell(): Promise<number> {
  return new Promise((found) => {
    const look = (): void => {
      const canvas = document.querySelector('.matrix canvas') as HTMLCanvasElement
      const [r, g, b] = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
        195,
        canvas.height / 2,
        1,
        1,
      ).data
      if ((r as number) + (g as number) + (b as number) < 3 * 253) found(performance.now())
      else requestAnimationFrame(look)
    }
    look()
  })
}

function watchPixel(ms: number): Promise<{ at: number; state: string }[]> {
  const canvas = document.querySelector('.matrix canvas') as HTMLCanvasElement
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  // Down along the left edge of the first column, where no letter is, to the first colour of a cell.
  let y = 60
  for (; y < 300; y++) {
    const [r = 0, g = 0] = context.getImageData(191, y, 1, 1).data
    if (r > g + 40 || g > r + 10) break
  }
  y += 2
  const seen: { at: number; state: string }[] = []
  let before = ''
  const until = performance.now() + ms
  return new Promise((done) => {
    const look = (): void => {
      const [r = 0, g = 0] = context.getImageData(191, y, 1, 1).data
      const state = r > g + 40 ? 'error' : 'active'
      if (state !== before) seen.push({ at: Date.now(), state })
      before = state
      if (performance.now() < until) requestAnimationFrame(look)
      else done(seen)
    }
    look()
  })
}

async function frames(page_: Page, ms: number, what: 'none' | 'scroll' | 'filter'): Promise<number[]> {
  return page_.evaluate(
    ([duration, doing]) =>
      new Promise<number[]>((done) => {
        const matrix = document.querySelector('.matrix') as HTMLElement
        const field = document.querySelector('.filters input') as HTMLInputElement
        const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
        const type = (text: string): void => {
          own?.set?.call(field, text)
          field.dispatchEvent(new Event('input', { bubbles: true }))
        }
        const times: number[] = []
        let last = performance.now()
        const until = last + duration
        let typed = 0
        const frame = (now: number): void => {
          times.push(now - last)
          last = now
          if (doing === 'scroll') matrix.scrollTop = (matrix.scrollTop + 167) % (matrix.scrollHeight - 1_000)
          if (doing === 'filter' && times.length % 12 === 0)
            type(['n', 'n0', 'n00', 'n001', 'n0012', ''][typed++ % 6] as string)
          if (now < until) requestAnimationFrame(frame)
          else {
            type('')
            done(times)
          }
        }
        requestAnimationFrame(frame)
      }),
    [ms, what] as const,
  )
}

async function heap(page_: Page): Promise<string> {
  const client = await page_.context().newCDPSession(page_)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  await client.detach()
  return (usedSize / 1_048_576).toFixed(1)
}

function percentiles(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(0)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (${sorted.length})`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
