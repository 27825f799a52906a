// Every view in light and dark: what each is there for is on it, and axe finds no barrier.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { barriers, pageSite, type PageSite, press } from './page-site.ts'

let served: PageSite
let pages: Record<'light' | 'dark', Page>
beforeAll(async () => {
  served = await pageSite()
  pages = { light: await served.open(), dark: await served.open('/', true) }
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

/** Address, and what shows that the view is whole. */
const VIEWS: readonly [string, (page: Page) => Promise<void>][] = [
  ['/', (page) => page.getByRole('tabpanel').getByText('d/n3/broken').waitFor()],
  ['/?group=rack&state=error', (page) => page.getByRole('grid').waitFor()],
  ['/node-roles/d/n3/broken', (page) => page.getByRole('button', { name: /run-/ }).first().waitFor()],
  ['/node-roles/d/n1/slow', (page) => page.locator('summary', { hasText: 'names' }).waitFor()],
  ['/nodes', (page) => page.getByRole('cell', { name: 'n4' }).waitFor()],
  ['/nodes/n3', (page) => page.getByText('facts changed').waitFor()],
  ['/graph', (page) => page.locator('.graph-node').nth(2).waitFor()],
  ['/graph?target=n1', (page) => page.locator('.graph-node', { hasText: 'd/n1/slow' }).waitFor()],
  ['/timeline', (page) => page.getByRole('row', { name: /committed/ }).waitFor()],
  ['/timeline/1', (page) => page.getByText('What it says otherwise').waitFor()],
  ['/cycles', (page) => page.getByRole('row', { name: /commit of revision 1/ }).waitFor()],
  ['/cycles/1', (page) => page.getByText('Critical path', { exact: true }).waitFor()],
  ['/past/3', (page) => page.getByRole('grid').waitFor()],
  ['/nothing/here', (page) => page.getByText('There is no such page').waitFor()],
]

/** What each shows to be copied, by the view. */
const commands = new Map<string, string[]>()

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  test.each(VIEWS)('%s', async (path, isWhole) => {
    const page = pages[theme]
    await page.goto(served.url() + path)
    await isWhole(page)
    expect(await page.locator('html').getAttribute('data-theme')).toBe(theme)
    expect(await foundBy(page, theme)).toEqual([])
    const shown = await page.locator('.command code').allInnerTexts()
    commands.set(
      path,
      shown.filter((command) => command !== ''),
    )
  })

  test('dialogs', async () => {
    const page = pages[theme]
    await page.goto(`${served.url()}/node-roles/d/n3/broken`)
    await press(page, 'Retry')
    await page.getByRole('dialog').waitFor()
    expect(await foundBy(page, theme)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    expect(await foundBy(page, theme)).toEqual([])
  })
})

test('every view has its command to copy, which says something at a terminal', async () => {
  const without = VIEWS.map(([path]) => path).filter((path) => (commands.get(path) ?? []).length === 0)
  expect(without).toEqual(['/nothing/here'])
  const said = [...new Set([...commands.values()].flat())].sort()
  const wrong: string[] = []
  for (const command of said) {
    const [program, ...words] = command.split(' ')
    expect(program).toBe('anneal')
    const done = await served.site.anneal(...words)
    // 2 and 3: work is under way, or it came to rest with failures.
    if (![0, 2, 3].includes(done.code) || done.stdout === '')
      wrong.push(`${command}: ${done.code} ${done.said}`)
  }
  expect(wrong).toEqual([])
  expect(said).toEqual(
    expect.arrayContaining([
      'anneal status',
      'anneal why d/n3/broken',
      'anneal cycles show 1 --critical-path',
    ]),
  )
})

/** What is on a view is the same in the dark, but for its colours, and by another journal all of it is. */
async function foundBy(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  if (process.env['ANNEAL_TEST_JOURNAL'] === 'postgres') return []
  return barriers(page, theme === 'dark' ? ['color-contrast'] : undefined)
}
