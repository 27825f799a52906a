// Graphs and time lines in a real browser: order and values told apart, circles, what is too much drawn as less, the critical path.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageSite, type PageSite, says } from './page-site.ts'

/** Two that read what the other says early: a circle that settles. */
const PEER = {
  parallel: true,
  outputs: { here: { value: 'node.name' } },
  apply: 'scripts/peer.sh',
}
const peer = (other: string): object => ({
  ...PEER,
  inputs: { peers: { from: `${other}.here`, take: 'map', wait: 'known', type: 'object' } },
})

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite({
    roles: { ping: peer('pong'), pong: peer('ping') },
    place: ['ping', 'pong'],
    files: { 'packages/p/scripts/peer.sh': 'exit 0\n' },
  })
  // What ends last is what the first cycle waited for.
  page = await served.open()
  await page.getByRole('button', { name: /18 active/ }).waitFor()
  served.letGo('n2')
  await page.getByRole('button', { name: /19 active/ }).waitFor()
  await page.goto(`${served.url()}/graph`)
  await page.locator('.graph-node').nth(4).waitFor()
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

const box = (name: string): ReturnType<Page['locator']> => page.locator('.graph-node', { hasText: name })

test('roles with how many of each state; what goes first and what says a value are told apart', async () => {
  await box('d/broken').locator('.badge[title=error]', { hasText: '1' }).waitFor()
  await page.getByLabel('d/motd goes before d/broken').waitFor({ state: 'attached' })
  const says_ = page.getByLabel('d/motd says names to d/slow')
  await says_.waitFor({ state: 'attached' })
  const dashes = (edge: ReturnType<Page['locator']>): Promise<string> =>
    edge.locator('.react-flow__edge-path').evaluate((path) => String(path.getAttribute('style')))
  expect(await dashes(says_)).toContain('stroke-dasharray')
  expect(await dashes(page.getByLabel('d/motd goes before d/broken'))).not.toContain('stroke-dasharray')
})

test('what stands in a circle says so, and what does not, does not', async () => {
  for (const role of ['d/ping', 'd/pong']) await box(role).getByText('in a circle').waitFor()
  expect(await box('d/motd').getByText('in a circle').count()).toBe(0)
})

test('the same as a table, for who cannot see it; each name leads on', async () => {
  await page.getByText('The same as a table').click()
  await page.getByRole('row', { name: 'd/motd d/slow data: names' }).waitFor()
  await page
    .getByRole('row', { name: 'd/motd d/broken order' })
    .getByRole('link', { name: 'd/broken' })
    .click()
  await page.waitForURL(/target=d%2Fbroken/)
  await box('d/n3/broken').waitFor()
})

test('a selection is drawn node-role by node-role, and as less where one likes', async () => {
  await page.getByRole('searchbox').fill('n1')
  await page.getByRole('button', { name: 'Show' }).click()
  await box('d/n1/slow').waitFor()
  await page.getByRole('combobox').selectOption('role')
  await box('d/slow').waitFor()
  await box('d/n1/slow').waitFor({ state: 'detached' })
  await page.getByRole('combobox').selectOption('deployment')
  await box('d/slow').waitFor({ state: 'detached' })
  await page.locator('.graph-node').waitFor()
  await page.getByRole('combobox').selectOption('node-role')
  await box('d/n1/motd').getByRole('link').click()
  await page.getByRole('heading', { name: 'd/n1/motd' }).waitFor()
})

test('cycles: how long each took and what people had to do; its runs as bars, those of the critical path with an edge', async () => {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Cycles' }).click()
  const first = page.getByRole('row', { name: /commit of revision 1/ })
  await page.getByRole('columnheader', { name: 'touches' }).waitFor()
  await first.getByRole('cell', { name: /problems/ }).waitFor()
  await first.getByRole('link').click()
  const line = page.getByRole('region', { name: /Runs of cycle \d+ over time/ })
  const critical = line.locator('rect', { hasText: /on the critical path/ })
  await critical.first().waitFor()
  expect(await critical.first().getAttribute('stroke-width')).toBe('2')
  const other = line.locator('rect', { hasNotText: /on the critical path/ }).first()
  expect(await other.getAttribute('stroke-width')).toBe('0')
  // The last of the path is the run that was waited for.
  await page
    .getByRole('row', { name: /d\/n2\/slow/ })
    .last()
    .waitFor()
  await says(page, /From the end of the last run until rest/)
  await line.getByRole('link', { name: 'd/n2/slow' }).click()
  await page.getByRole('heading', { name: 'd/n2/slow' }).waitFor()
})
