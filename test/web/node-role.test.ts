// A node-role in a real browser: why it is as it is, where its values come from, its log, and each thing that can be done.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problemBody } from '../../src/api/problem.ts'
import { act, barriers, pageSite, type PageSite, press, says } from './page-site.ts'

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite()
  page = await served.open('/node-roles/d/n3/broken')
  await says(page, /no space left on device/)
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

test('it says why in the words of the command line, with the command to copy', async () => {
  const why = await served.site.anneal('why', 'd/n3/broken')
  const said = await page.getByRole('main').innerText()
  const sentence = /run-\d+ failed[^\n]*/.exec(why.stdout)?.[0] as string
  expect(said).toContain(sentence)
  expect(said).toContain('then anneal retry d/n3/broken')
  await page.getByRole('button', { name: 'Copy the command anneal why d/n3/broken' }).waitFor()
})

test('its outputs, and what its node is of all that its role tells nodes apart by', async () => {
  await says(page, /^on os\.name=/)
  await page.getByRole('listitem').filter({ hasText: 'disk (no value) no run has said it yet' }).waitFor()
  const other = await served.open('/node-roles/d/n1/motd')
  const outputs = other.getByRole('listitem')
  await outputs.filter({ hasText: 'name "n1" known before any run' }).waitFor()
  await outputs.filter({ hasText: /length "long" said first by run-\d+/ }).waitFor()
  await outputs.filter({ hasText: /token \(sensitive\) said first by run-\d+/ }).waitFor()
  expect(await other.getByRole('main').innerText()).not.toContain('hunter2')
  expect(await other.getByText(/^on /).count()).toBe(0)
})

test('its files as they would be written, held against the last success', async () => {
  const other = await served.open('/node-roles/d/n1/motd')
  const file = other.locator('details').filter({ hasText: served.site.path('motd') })
  await file.getByText(/as run-\d+ wrote it/).waitFor()
  await file.locator('summary').click()
  await file.getByText('hello to all').waitFor()
  await says(other, 'anneal files d/n1/motd --diff')
})

test('its log opens, is searched, and each line has an address', async () => {
  await page
    .getByRole('button', { name: /▸ run-/ })
    .first()
    .click()
  const log = page.getByRole('region', { name: /Log of/ })
  await log.getByText('no space left on device').first().waitFor()
  await page.getByRole('searchbox').fill('SPACE')
  await log.locator('mark').first().waitFor()
  await says(page, /2 of 3 lines/)
  const href = await log.getByRole('link', { name: 'line 2', exact: true }).getAttribute('href')
  expect(href).toMatch(/^\/node-roles\/d\/n3\/broken\?run=run-\d+#L2$/)
  expect(await barriers(page)).toEqual([])
  await page.goto(served.url() + (href as string))
  await page.locator('.pointed').waitFor()
})

test('what a program prints is shown and never obeyed', async () => {
  await page.goto(`${served.url()}/node-roles/d/n1/motd`)
  await page.getByRole('button', { name: /▸ run-/ }).click()
  const log = page.getByRole('region', { name: /Log of/ })
  await log.getByText('title ␛]0;evil␇ here').waitFor()
  expect(await log.getByText('greeting', { exact: true }).getAttribute('style')).toContain('--log-2')
})

test('an input opens to who gave its value and what it was made from', async () => {
  await page.locator('summary', { hasText: 'text' }).click()
  await says(page, /why: /)
  await page.getByRole('cell', { name: '"welcome"' }).waitFor()
  await page.goto(`${served.url()}/node-roles/d/n1/slow`)
  await page.locator('summary', { hasText: 'names' }).click()
  await page.getByRole('link', { name: /d\/n2\/motd/ }).click()
  await page.getByRole('heading', { name: 'd/n2/motd' }).waitFor()
})

test('hold and release, with who and why', async () => {
  await act(page, 'Hold', 'the disk is being swapped')
  const status = await served.site.anneal('status')
  expect(status.stdout).toContain('the disk is being swapped')
  await says(page, /held: d\/n2\/motd/)
  await says(page, /^held by .*: the disk is being swapped$/)
  await act(page, 'Release', '')
  await page.getByText(/held: d\/n2\/motd/).waitFor({ state: 'detached' })
  const release = page.getByRole('button', { name: 'Release', exact: true })
  expect(await release.getAttribute('title')).toBe('nobody holds it by its own name')
})

test('what is refused says the same words as the command line, and what to do', async () => {
  // Before it is told who holds what the page lets one try.
  await page.route('**/api/v1/status', (route) => route.abort())
  await page.reload()
  await press(page, 'Release')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Release', exact: true }).click()
  const told = await dialog.getByRole('alert').innerText()
  const there = await served.site.anneal('release', 'd/n2/motd')
  expect(told).toContain('next: ')
  for (const line of told.split('\n')) expect(there.said).toContain(line)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.unroute('**/api/v1/status')
})

test('a run that goes on has a log that goes on, and can be cancelled', async () => {
  await page.goto(`${served.url()}/node-roles/d/n2/slow`)
  await page.getByRole('button', { name: /▸ run-/ }).click()
  await page
    .getByRole('region', { name: /Log of/ })
    .getByText('waiting')
    .waitFor()
  await says(page, /it goes on/)
  await act(page, 'Cancel the run', 'wrong host')
  await says(page, /cancelled run-\d+: wrong host/)
})

test('retry runs it again', async () => {
  served.letGo('n2')
  await act(page, 'Retry', 'right host after all')
  await says(page, 'its last success has today’s inputs'.replace('’', "'"))
})

test('what cannot be done now is off and says why', async () => {
  const cancel = page.getByRole('button', { name: 'Cancel the run' })
  expect(await cancel.getAttribute('aria-disabled')).toBe('true')
  expect(await cancel.getAttribute('title')).toBe('nothing of it runs')
  await cancel.click({ force: true })
  expect(await page.getByRole('dialog').count()).toBe(0)
})

test('a secret in a file is shown to who may read it and says why, and that stays in the trail', async () => {
  await page.goto(`${served.url()}/node-roles/d/n1/motd`)
  const file = page.locator('details').filter({ hasText: served.site.path('motd') })
  await file.locator('summary').click()
  await file.getByText(/key=/).waitFor()
  expect(await page.content()).not.toContain('k3y-of-motd')
  await act(page, 'Show secrets', 'to compare the keys')
  await file.getByText('key=k3y-of-motd').waitFor()
  expect((await served.site.anneal('audit')).stdout).toContain('to compare the keys')
  const operator = await served.openAs('operator', '/node-roles/d/n1/motd')
  await says(operator, /operator-1/)
  const show = operator.getByRole('button', { name: 'Show secrets' })
  expect(await show.getAttribute('title')).toMatch(/needs the right to read secrets/)
})

test('files that too many ask for at this moment are asked for again, without a hand or an event', async () => {
  const message = 'four are under way already'
  const json = problemBody({ code: 'notServing', message })
  let isFree = false
  await page.route('**/d/n1/motd/files', (route) =>
    isFree ? route.continue() : route.fulfill({ status: json.status, json }),
  )
  await page.goto(`${served.url()}/node-roles/d/n1/motd`)
  await says(page, message)
  isFree = true
  const file = page.locator('details').filter({ hasText: served.site.path('motd') })
  await file.getByText(/as run-\d+ wrote it/).waitFor()
  expect(await page.getByText(message).count()).toBe(0)
  await page.unroute('**/d/n1/motd/files')
})

test('a file that would be written otherwise shows what differs', async () => {
  const held = await served.site.anneal('hold', 'd/n4/motd', '-m', 'to look first')
  expect(held.code).toBe(0)
  const template = '{{ inputs.text }} to everybody\nkey={{ inputs.key }}\n'
  await served.change({ files: { 'packages/p/scripts/motd.j2': template } })
  await page.goto(`${served.url()}/node-roles/d/n4/motd`)
  const file = page.locator('details').filter({ hasText: served.site.path('motd') })
  await file.getByText(/not as run-\d+ wrote it/).waitFor()
  const differs = file.getByLabel('What differs')
  expect(await differs.locator('.removed').allInnerTexts()).toContain('-hello to all\n')
  expect(await differs.locator('.added').allInnerTexts()).toContain('+hello to everybody\n')
  expect(await barriers(page)).toEqual([])
  await file.getByRole('button', { name: 'whole file' }).click()
  await file
    .getByLabel(/^Text of/)
    .getByText('hello to everybody')
    .waitFor()
})
