// The board in a real browser: cells by keyboard, filters in the address, lanes, and changes as they happen.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageSite, type PageSite, says } from './page-site.ts'

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite()
  page = await served.open()
  await says(page, /d\/n3\/broken/)
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

const cell = (): Promise<string | null> => page.getByRole('gridcell').textContent()

test('keys move the cursor over the cells, and each is said to who hears the page', async () => {
  await page.getByRole('grid').focus()
  await page.keyboard.press('Control+Home')
  await says(page, 'node n1')
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key)
  await says(page, /n3, broken: error, run-\d+ failed/)
  expect(await cell()).toContain('no space left on device')
  await page.keyboard.press('End')
  await says(page, 'n3, slow: active')
})

test('Enter opens the node-role, and the way back is the history', async () => {
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'd/n3/slow' }).waitFor()
  await page.goBack()
  await page.getByRole('grid').waitFor()
})

test('a slash filters by name, chips by state; the address has both', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('n3')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=n3/)
  await page.getByRole('grid').and(page.locator('[aria-rowcount="1"]')).waitFor()
  await page.getByRole('searchbox').fill('')
  await page.getByRole('button', { name: /error/ }).click()
  await page.waitForURL(/state=error/)
  await page.getByRole('grid').and(page.locator('[aria-rowcount="1"]')).waitFor()
  const copied = page.url()
  await page.getByRole('button', { name: /error/ }).click()
  await page.goto(copied)
  await page.getByRole('grid').and(page.locator('[aria-rowcount="1"]')).waitFor()
})

test('groups by a label have a heading with counts, which Enter closes', async () => {
  await page.goto(`${served.url()}/?group=rack`)
  await page.getByRole('grid').and(page.locator('[aria-rowcount="6"]')).waitFor()
  await page.getByRole('grid').focus()
  await page.keyboard.press('Control+Home')
  await says(page, 'group r1, 2 nodes')
  await page.keyboard.press('Enter')
  await page.getByRole('grid').and(page.locator('[aria-rowcount="4"]')).waitFor()
})

test('lanes say what failed and runs, and what runs ends before one’s eyes', async () => {
  await page.goto(served.url())
  await page.getByRole('tab', { name: /running/ }).click()
  await page.getByRole('tabpanel').getByText('d/n2/slow').waitFor()
  served.letGo('n2')
  await says(page, 'Nothing runs.')
  await page.getByRole('button', { name: /11 active/ }).waitFor()
})

test('a question mark lists the keys', async () => {
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' })
})

test('a part that does not load at once is tried again, and the rest is there meanwhile', async () => {
  let refused = 0
  await page.route(/\/assets\/curve-.*\.js/, (route) => (refused++ < 1 ? route.abort() : route.continue()))
  await page.reload()
  await page.getByRole('grid').waitFor()
  await page.getByRole('img', { name: /Temperature over time/ }).waitFor()
  expect(refused).toBeGreaterThan(1)
})
