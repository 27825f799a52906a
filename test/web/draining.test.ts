// A server that is told to end while the page looks on: that it drains, that it is gone, and the page once another one is there.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers, pageSite, type PageSite, says } from './page-site.ts'

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite()
  page = await served.openAs('operator')
  await page.getByRole('tab', { name: /running/ }).click()
  await page.getByRole('tabpanel').getByText('d/n2/slow').waitFor()
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

test('it says who asked for it, then that it is gone, and goes on by itself where another one is there', async () => {
  const over = served.drain()
  await says(page, 'The server drains')
  await says(page, /asked for it: what is in flight ends, nothing new starts/)
  expect(await barriers(page)).toEqual([])
  await page.getByRole('tabpanel').getByText('d/n2/slow').waitFor()
  served.letGo('n2')
  await over
  await says(page, 'The line to the server is lost')
  expect(await page.getByText('The server drains').count()).toBe(0)
  await served.start()
  await says(page, /Back after/)
  await page.getByText(/went by meanwhile/).click()
  await says(page, /began a session/)
  await says(page, /[01] node-roles? changed/)
  await page.getByRole('button', { name: /11 active/ }).waitFor()
  await page.getByText('The line to the server is lost').waitFor({ state: 'detached' })
  await page.getByText('The server drains').waitFor({ state: 'detached' })
})

test('who opens the page while it drains is told so, too', async () => {
  const gone = served.site.path('gone')
  const hanging = `[ "$ANNEAL_NODE" != n1 ] || until [ -e '${gone}' ]; do sleep 0.1; done\n`
  await served.change({ files: { 'packages/p/scripts/motd.sh': hanging } })
  await page.getByRole('tabpanel').getByText('d/n1/motd').waitFor()
  const over = served.drain()
  await says(page, 'The server drains')
  const late = await served.openAs('viewer')
  await says(late, 'The server drains')
  served.site.write({ gone: '' })
  await over
})
