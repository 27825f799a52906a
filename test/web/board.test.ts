// The board in a real browser: cells by keyboard, filters in the address, lanes, and changes as they happen.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageSite, type PageSite, says } from './page-site.ts'

let served: PageSite
let page: Page
beforeAll(async () => {
  // On n3 it waits for what fails there.
  served = await pageSite({
    roles: { tuned: { parallel: true, requires: ['broken'], apply: 'scripts/tuned.sh' } },
    place: [{ role: 'tuned', nodes: 'node.name == "n3"' }],
    files: { 'packages/p/scripts/tuned.sh': 'exit 0\n' },
  })
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
  await says(page, /n3, tuned: blocked/)
  await page.keyboard.press('ArrowLeft')
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

test('lanes say what failed, waits, is held and runs, and what runs ends before one’s eyes', async () => {
  await page.goto(served.url())
  const lane = page.getByRole('tabpanel')
  await lane.getByRole('row', { name: /d\/n3\/broken.*run-\d+ failed/ }).waitFor()
  await page.getByRole('tab', { name: /waiting 1/ }).click()
  await lane.getByRole('row', { name: /d\/n3\/tuned.*d\/n3\/broken/ }).waitFor()
  await page.getByRole('tab', { name: /held 0/ }).click()
  await says(page, 'Nothing waits for a person.')
  await page.getByRole('tab', { name: /running/ }).click()
  await page.getByRole('tabpanel').getByText('d/n2/slow').waitFor()
  served.letGo('n2')
  await says(page, 'Nothing runs.')
  await page.getByRole('button', { name: /11 active/ }).waitFor()
})

test('g and a letter goes to each view, and Tab to all that can be done there', async () => {
  await page.getByRole('grid').focus()
  for (const [letter, name] of [
    ['n', 'Nodes'],
    ['g', 'Graph'],
    ['t', 'Timeline'],
    ['c', 'Cycles'],
  ] as const) {
    for (const key of ['g', letter]) await page.keyboard.press(key)
    await page.getByRole('heading', { name, exact: true }).waitFor()
  }
  for (const key of ['g', 'b', '/']) await page.keyboard.press(key)
  await page.keyboard.type('n3')
  await page.keyboard.press('Enter')
  await page.getByRole('grid').and(page.locator('[aria-rowcount="1"]')).waitFor()
  await tabTo('Node-roles by node and role')
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('ArrowRight')
  await says(page, /n3, broken: error/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'd/n3/broken' }).waitFor()
  await page.locator('button[aria-disabled="false"]').getByText('Retry').waitFor()
  await tabTo('Retry')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('by keys alone')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect((await served.site.anneal('audit')).stdout).toContain('by keys alone')
})

/** As who has no mouse comes to it: what has the focus shows that, and nothing on the way keeps it. */
async function tabTo(name: string): Promise<void> {
  const focused = page.locator(':focus')
  for (let pressed = 0; pressed < 60; pressed++) {
    await page.keyboard.press('Tab')
    const named = (await focused.getAttribute('aria-label')) ?? (await focused.innerText())
    if (named === name) return
  }
  throw new Error(`Tab does not come to ${name}`)
}

test('a question mark lists the keys', async () => {
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' })
})

test('a part that does not load at once is tried again, and the rest is there meanwhile', async () => {
  let refused = 0
  await page.route(/\/assets\/curve-.*\.js/, (route) => (refused++ < 1 ? route.abort() : route.continue()))
  await page.goto(served.url())
  await page.getByRole('grid').waitFor()
  await page.getByRole('img', { name: /Temperature over time/ }).waitFor()
  expect(refused).toBeGreaterThan(1)
})
