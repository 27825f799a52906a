// A small site served by `anneal serve` in a process of its own, and a real browser that looks at it.
// Its journal is embedded, or in a PostgreSQL of its own where ANNEAL_TEST_JOURNAL says `postgres`, as vitest.config.ts does for a second round.
import { existsSync, readFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { freePort } from '../support/free-port.ts'
import { testPostgres } from '../support/postgres.ts'
import { HERE, type Running, siteDir, type SiteDir, type SiteParts } from '../support/site-dir.ts'

export interface PageSite {
  site: SiteDir
  url(): string
  browser: Browser
  /** Somebody who came by a one-time link and may do everything, at an address of the page. */
  open(path?: string, dark?: boolean): Promise<Page>
  /** Somebody with a token of that role. */
  openAs(role: 'viewer' | 'operator' | 'author', path?: string): Promise<Page>
  /** Somebody whom the server does not know. */
  openAsNobody(path?: string): Promise<Page>
  /** The server ends at once; `start` begins another one at the same address. */
  stop(): Promise<void>
  /** Somebody ends it kindly: it drains. Resolves once it is over. */
  drain(): Promise<void>
  start(): Promise<void>
  /** Lets `slow` on a node go on. */
  letGo(node: string): void
  /** Its files say something else from then on, and that is committed. */
  change(more: MoreOfSite): Promise<void>
  /** What pages complained about; stays empty but for what a test expects. */
  complaints: string[]
  end(): Promise<void>
}

/** What a test has beside the rest, or in its stead. */
export interface MoreOfSite {
  nodes?: SiteParts['nodes']
  roles?: SiteParts['roles']
  place?: SiteParts['place']
  files?: Record<string, string>
}

const SCRIPTS = {
  'packages/p/scripts/motd.j2': '{{ inputs.text }} to all\nkey={{ inputs.key }}\n',
  'packages/p/scripts/motd.sh': `printf '\\033[32mgreeting\\033[0m is %s\\n' "$ANNEAL_INPUT_TEXT"\nprintf 'title \\033]0;evil\\007 here\\n'\necho "token=hunter2" >> "$ANNEAL_OUTPUTS"; echo "length=long" >> "$ANNEAL_OUTPUTS"\n`,
  'packages/p/scripts/slow.sh': `echo waiting; echo for go\nwhile [ "$ANNEAL_NODE" = n2 ] && [ ! -e "$ANNEAL_INPUT_GO" ]; do sleep 0.1; done\necho done\n`,
  'packages/p/scripts/broken.sh': `[ "$ANNEAL_NODE" = n3 ] && { echo 'no space left on device' >&2; exit 3; }\necho "disk=sda" >> "$ANNEAL_OUTPUTS"\n`,
}

/** Its revision 1 is committed: n3/broken fails, n2/slow runs until it is let go, all else becomes active. */
export async function pageSite(more: MoreOfSite = {}): Promise<PageSite> {
  const postgres = process.env['ANNEAL_TEST_JOURNAL'] === 'postgres' ? await testPostgres() : undefined
  const site = siteDir(postgres && { env: { ANNEAL_DATABASE: postgres.url() } })
  makeSite(site, more)
  const complaints: string[] = []
  const contexts: BrowserContext[] = []
  let server: Running | undefined
  // Pages come to it again and again while it is away.
  const listen = `127.0.0.1:${await freePort()}`
  const url = `http://${listen}`
  const start = async (): Promise<void> => {
    server = site.start('serve', '--listen', listen)
    await server.says(/http:\/\/127\.0\.0\.1:\d+/)
  }
  const stop = async (): Promise<void> => {
    server?.kill('SIGKILL')
    await server?.ended
  }
  const drain = async (): Promise<void> => {
    server?.kill('SIGINT')
    await server?.ended
  }
  const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const key = readFileSync(site.path('.anneal', 'server.key'), 'utf8').trim()
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-anneal-by': 'ann',
    }
    const response = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    const told = (await response.json()) as Record<string, unknown>
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(told)}`)
    return told
  }
  await start()
  await ask('/revisions/1/commit', { onto: 0 })
  const browser = await chromium.launch({
    executablePath: browserPath(),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })

  const newPage = async (options: Parameters<Browser['newContext']>[0]): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, ...options })
    contexts.push(context)
    // Nobody waits so long but in vain, however much else the machine has to do.
    context.setDefaultTimeout(180_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
    page.on('console', (message) => {
      // Answers that are no success are the page's to show, and tests look at that.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text())
    })
    return page
  }
  let tokens = 0
  return {
    site,
    url: () => url,
    browser,
    complaints,
    start,
    stop,
    drain,
    async change(next) {
      makeSite(site, next)
      const proposed = await site.json('propose', '-m', 'as the test says')
      const proposal = proposed.lines.find(({ kind }) => kind === 'proposal')
      if (proposal === undefined) throw new Error(`nothing was proposed: ${proposed.done.said}`)
      await ask(`/revisions/${proposal['revision']}/commit`, { onto: proposal['onto'] })
    },
    letGo: () => site.write({ go: '' }),
    async open(path = '/', dark = false) {
      const page = await newPage({ colorScheme: dark ? 'dark' : 'light' })
      const link = await ask('/links', {})
      await page.goto(String(link['url']))
      await page.getByRole('navigation', { name: 'Views' }).waitFor()
      if (path !== '/') await page.goto(url + path)
      return page
    },
    async openAs(role, path = '/') {
      const told = await ask('/tokens', { token: `${role}-${++tokens}`, grants: [{ role }] })
      const page = await newPage({ extraHTTPHeaders: { authorization: `Bearer ${String(told['secret'])}` } })
      await page.goto(url + path)
      return page
    },
    async openAsNobody(path = '/') {
      const page = await newPage({})
      await page.goto(url + path)
      return page
    },
    async end() {
      for (const context of contexts) await context.close()
      await browser.close()
      await site.end()
      await postgres?.stop()
    },
  }
}

function makeSite(site: SiteDir, more: MoreOfSite): void {
  const racked = (rack: string): object => ({ ...HERE, labels: { rack } })
  site.make({
    nodes: { n1: racked('r1'), n2: racked('r1'), n3: racked('r2'), n4: racked('r2'), ...more.nodes },
    deployment: { nodes: 'true' },
    roles: {
      motd: {
        parallel: true,
        inputs: {
          text: { type: 'string', default: 'welcome' },
          key: { type: 'string', default: 'k3y-of-motd', sensitive: true },
        },
        outputs: { name: { value: 'node.name' }, token: { sensitive: true }, length: {} },
        files: { [site.path('motd')]: { template: 'scripts/motd.j2', mode: '0600' } },
        apply: 'scripts/motd.sh',
      },
      slow: {
        parallel: true,
        requires: ['motd'],
        inputs: {
          go: { type: 'string', default: site.path('go') },
          names: { from: 'motd.name', take: 'map' },
        },
        apply: 'scripts/slow.sh',
      },
      broken: {
        parallel: true,
        requires: ['motd'],
        inputs: { system: { fact: 'os.name' } },
        outputs: { disk: {} },
        apply: 'scripts/broken.sh',
        retry: { attempts: 1 },
      },
      ...more.roles,
    },
    place: [{ role: 'motd', values: { text: 'hello' } }, 'slow', 'broken', ...(more.place ?? [])],
  })
  site.write({ ...SCRIPTS, ...more.files })
}

/** Debian's, or whatever `CHROMIUM` names. */
function browserPath(): string {
  const named = process.env['CHROMIUM']
  if (named !== undefined) return named
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  )
  if (found === undefined)
    throw new Error('there is no Chromium here: apt-get install chromium, or name one by CHROMIUM')
  return found
}

/** What axe finds on a page, one line each; by these rules alone, or by all that it has. */
export async function barriers(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules ? axe.withRules(rules) : axe.withTags(AXE_TAGS)).analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  )
}

const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** A button that is on: what one may do is known a moment after the view is there. */
export async function press(page: Page, label: string): Promise<void> {
  await page.locator('button[aria-disabled="false"]').getByText(label, { exact: true }).click()
}

/** Presses it, says why in its dialog, and does it. */
export async function act(page: Page, label: string, why = ''): Promise<void> {
  await press(page, label)
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(why)
  await dialog.getByRole('button', { name: label, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

/** Every cell of the board as who hears the page is told of it, `node, role: state`, walked by keys. */
export async function cellsOf(page: Page): Promise<string[]> {
  const grid = page.getByRole('grid')
  const lines = Number(await grid.getAttribute('aria-rowcount'))
  const columns = Number(await grid.getAttribute('aria-colcount')) - 1
  await grid.focus()
  await page.keyboard.press('Control+Home')
  const cells: string[] = []
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < columns; column++) {
      await page.keyboard.press('ArrowRight')
      // What was said of the place before is still said for a moment.
      const cell = page.locator(`#cell-${line}-${column}`)
      const told = cell.filter({ hasText: CELL, hasNotText: cells.at(-1) ?? 'no cell yet' })
      cells.push(CELL.exec(await told.innerText())?.[0] ?? '')
    }
    for (const key of ['Home', 'ArrowDown']) await page.keyboard.press(key)
  }
  return cells
}

const CELL = /^[^,:]+, [^,:]+: [a-z ]+/

/** Until it says so, wherever on the page. */
export async function says(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor()
}
