// The timeline in two real browsers at once: a value is proposed, looked at, committed, discarded and gone back from.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act, pageSite, type PageSite, press, says } from './page-site.ts'

let served: PageSite
let ann: Page
let bea: Page
beforeAll(async () => {
  served = await pageSite()
  served.letGo('n2')
  ann = await served.open('/timeline')
  bea = await served.open('/timeline')
  await ann.getByRole('cell', { name: 'committed' }).waitFor()
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

async function propose(page: Page, value: string, why: string): Promise<void> {
  await page.goto(`${served.url()}/timeline`)
  await page
    .getByLabel('Which, from the root of the target')
    .fill('deployments d placements motd values text')
  await page.getByLabel('The value, as JSON or as text').fill(value)
  await page.getByLabel('Why').fill(why)
  await press(page, 'Propose')
  await page.getByRole('heading', { name: /^Revision \d+$/ }).waitFor()
}

test('an edited value shows what it would run before anybody commits it', async () => {
  await propose(ann, 'good morning', 'a warmer greeting')
  await says(ann, 'What committing it would run')
  await says(ann, /5 runs on 4 nodes/)
  await ann.getByRole('row', { name: /d\/n1\/motd/ }).waitFor()
  const status = await served.site.anneal('status')
  expect(status.stdout).toContain('revision 1')
})

test('the other browser hears of it, and commits it', async () => {
  await bea
    .getByRole('row', { name: /proposed.*a warmer greeting/ })
    .getByRole('link')
    .click()
  await act(bea, 'Commit')
  await says(ann, 'committed')
  await served.site.anneal('status')
  await bea.goto(`${served.url()}/node-roles/d/n1/motd`)
  await says(bea, '"good morning"')
})

test('one discards, and it can no longer be committed', async () => {
  await propose(ann, 'good night', 'too early')
  await act(ann, 'Discard')
  await says(ann, 'discarded')
  const commit = ann.getByRole('button', { name: 'Commit', exact: true })
  expect(await commit.getAttribute('aria-disabled')).toBe('true')
  expect(await commit.getAttribute('title')).toBe('it is discarded')
})

test('going back proposes the earlier revision again', async () => {
  await ann.goto(`${served.url()}/timeline/1`)
  await act(ann, 'Roll back to it')
  await ann.goto(`${served.url()}/timeline`)
  await ann.getByRole('row', { name: /proposed.*back to revision 1/ }).waitFor()
})

test('a path that leads nowhere is refused with the words of the server', async () => {
  await ann
    .getByLabel('Which, from the root of the target')
    .fill('deployments nowhere placements motd values text')
  await ann.getByLabel('The value, as JSON or as text').fill('1')
  await press(ann, 'Propose')
  await ann.getByRole('alert').waitFor()
})

test('an input leads to the form, filled with what it is now, for all or for one node', async () => {
  await ann.goto(`${served.url()}/node-roles/d/n1/motd`)
  await ann.locator('summary', { hasText: 'text' }).click()
  await ann.getByRole('link', { name: 'for n1 alone' }).waitFor()
  await ann.getByRole('link', { name: 'for all of d' }).click()
  const which = ann.getByLabel('Which, from the root of the target')
  expect(await which.inputValue()).toBe('deployments d placements motd values text')
  const value = ann.getByLabel('The value, as JSON or as text')
  expect(await value.inputValue()).toBe('"good morning"')
  await ann.goBack()
  await ann.locator('summary', { hasText: 'text' }).click()
  await ann.getByRole('link', { name: 'for n1 alone' }).click()
  expect(await which.inputValue()).toBe('deployments d overrides n1/motd text')
  await value.fill('"only here"')
  await press(ann, 'Propose')
  await ann.getByRole('heading', { name: /^Revision \d+$/ }).waitFor()
  // And what failed is tried again.
  await says(ann, /2 runs on 2 nodes/)
  const change = ann.getByRole('row', { name: /d\/n1\/motd/ }).last()
  expect(await change.innerText()).toMatch(/"good morning" → "only here"/)
})
