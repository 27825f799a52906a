// The board of a past moment in a real browser: reached from what happened lately, moved through, and left for the present.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers, pageSite, type PageSite, says } from './page-site.ts'

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite()
  page = await served.open()
  await page.getByRole('button', { name: /10 active/ }).waitFor()
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Timeline' }).click()
  await page.getByText('Nothing since this page was opened.').waitFor()
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

/** n2/slow, by keys: the second line, and of motd, slow and broken the one that is told so. */
async function stateOfSlow(): Promise<string> {
  await page.getByRole('grid').focus()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('ArrowDown')
  for (let column = 0; column < 3; column++) {
    await page.keyboard.press('ArrowRight')
    const told = (await page.getByRole('gridcell').textContent()) ?? ''
    if (told.startsWith('d/n2/slow')) return told
  }
  throw new Error('there is no cell of d/n2/slow')
}

test('what happened lately leads to the board as it was then', async () => {
  await served.site.anneal('hold', 'n4', '-m', 'to have a moment')
  await says(page, /held n4: to have a moment/)
  served.letGo('n2')
  await page.getByText(/ended/).first().waitFor()
  await page
    .locator('div', { hasText: /held n4: to have a moment board then$/ })
    .last()
    .getByRole('link', { name: 'board then' })
    .click()
  await page.getByRole('heading', { name: /^The board after event \d+$/ }).waitFor()
  expect(new URL(page.url()).pathname).toMatch(/^\/past\/\d+$/)
  await page.getByRole('grid').waitFor()
  expect(await stateOfSlow()).toContain('d/n2/slow: transition')
  expect(await barriers(page)).toEqual([])
})

test('one goes on event by event, or to any number, and back by the history', async () => {
  const seq = Number(new URL(page.url()).pathname.split('/').pop())
  await page.getByRole('button', { name: 'one before' }).click()
  await page.getByRole('heading', { name: `The board after event ${seq - 1}` }).waitFor()
  await page.getByRole('button', { name: 'one after' }).click()
  await page.getByRole('heading', { name: `The board after event ${seq}` }).waitFor()
  await page.getByLabel('Number of an event').fill('1')
  await page.getByRole('button', { name: 'Look' }).click()
  await page.getByRole('heading', { name: 'The board after event 1', exact: true }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: `The board after event ${seq}` }).waitFor()
})

test('what has not happened yet is refused in words', async () => {
  await page.getByLabel('Number of an event').fill('999999')
  await page.getByRole('button', { name: 'Look' }).click()
  await page.getByRole('alert').waitFor()
})

test('the board of now is one click away', async () => {
  await page.getByRole('link', { name: 'the board now' }).click()
  await page.getByRole('button', { name: /11 active/ }).waitFor()
})
