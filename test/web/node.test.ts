// A node in a real browser: its runs on a time line, and all of it held, released and forgotten, also where a deployment has its name.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HERE } from '../support/site-dir.ts'
import { act, type MoreOfSite, pageSite, type PageSite, press, says } from './page-site.ts'

/** Its removal is work that a hold keeps back. */
const KEEPER: MoreOfSite = {
  roles: { keeper: { parallel: true, apply: 'scripts/keeper.sh', remove: 'scripts/keeper.sh' } },
  place: [{ role: 'keeper', nodes: 'node.name == "d" || node.name == "n1"' }],
  files: { 'packages/p/scripts/keeper.sh': 'exit 0\n' },
}

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite({ ...KEEPER, nodes: { d: HERE } })
  served.letGo('n2')
  page = await served.open('/nodes/d')
  await page.getByRole('row', { name: /d\/d\/keeper active/ }).waitFor()
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

test('what ran on it is drawn on a time line, a row for each node-role', async () => {
  const line = page.getByRole('region', { name: 'Runs on d over time' })
  for (const role of ['motd', 'slow', 'broken', 'keeper']) {
    await line.getByRole('link', { name: `d/d/${role}` }).waitFor()
  }
  await line
    .locator('rect', { hasText: /run-\d+ d\/d\/keeper: apply ok/ })
    .first()
    .waitFor()
  expect(await line.getByText('d/n1/').count()).toBe(0)
})

test('holding it holds the node and not the deployment of its name, also by the command that is shown', async () => {
  await press(page, 'Hold the node')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill("the rack's power")
  const command = await dialog.locator('code').innerText()
  expect(command).toBe("anneal hold node:d -m 'the rack'\\''s power'")
  await dialog.getByRole('button', { name: 'Hold the node' }).click()
  await dialog.waitFor({ state: 'detached' })
  await says(page, 'held: d')
  const { lines } = await served.site.json('status')
  const holds = lines.flatMap((line) => (line['holds'] ?? []) as object[])
  expect(holds).toMatchObject([{ scope: { kind: 'node', node: 'd' }, why: "the rack's power" }])
})

test('releasing it lets it go on', async () => {
  await act(page, 'Release the node', 'there is power')
  await page.getByText('held: d').waitFor({ state: 'detached' })
  const { lines } = await served.site.json('status')
  expect(lines.flatMap((line) => (line['holds'] ?? []) as object[])).toEqual([])
})

test('one that is still of the site is not forgotten, and the dialog says what comes first', async () => {
  await press(page, 'Forget the node')
  const dialog = page.getByRole('dialog', { name: 'Forget the node' })
  await dialog.getByText('It cannot be taken back.').waitFor()
  await dialog.getByRole('button', { name: 'Forget the node' }).click()
  await dialog
    .getByRole('alert')
    .getByText(/take it out of the site first/)
    .waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
})

test('an operator may not forget it, and is told why', async () => {
  const operator = await served.openAs('operator', '/nodes/d')
  await operator.locator('button[aria-disabled="false"]').getByText('Hold the node').waitFor()
  const forget = operator.getByRole('button', { name: 'Forget the node' })
  expect(await forget.getAttribute('title')).toMatch(/needs the right to do what cannot be taken back/)
})

test('one that was taken out of the site is forgotten with all that is left on it', async () => {
  await act(page, 'Hold the node')
  await says(page, 'held: d')
  await served.change(KEEPER)
  await page.getByRole('row', { name: /d\/d\/keeper .*held/ }).waitFor()
  await act(page, 'Forget the node')
  await says(page, /there is no node d/)
  await page.goto(`${served.url()}/nodes`)
  await page.getByRole('cell', { name: 'n4' }).waitFor()
  expect(await page.getByRole('cell', { name: 'd', exact: true }).count()).toBe(0)
})
