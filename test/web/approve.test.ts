// A person's word in a real browser: what waits for one is approved, by whoever may, and what waits for none says so.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act, type MoreOfSite, pageSite, type PageSite, press, says } from './page-site.ts'

/** A destructive role on n1, and one on n1 and n3 whose rollout waits for a word after its first node. */
const sized = (size: number): MoreOfSite => ({
  roles: {
    disk: { parallel: true, once: true, inputs: SIZE, apply: 'scripts/sized.sh' },
    stepped: { parallel: true, inputs: SIZE, apply: 'scripts/sized.sh' },
  },
  place: [
    { role: 'disk', nodes: 'node.name == "n1"', values: { size } },
    {
      role: 'stepped',
      nodes: 'node.name == "n1" || node.name == "n3"',
      values: { size },
      rollout: { approve: true },
    },
  ],
  files: { 'packages/p/scripts/sized.sh': 'echo "$ANNEAL_INPUT_SIZE"\n' },
})
const SIZE = { size: { type: 'integer' } }

let served: PageSite
let page: Page
beforeAll(async () => {
  served = await pageSite(sized(1))
  served.letGo('n2')
  page = await served.open()
  await page.getByRole('button', { name: /14 active/ }).waitFor()
  await served.change(sized(2))
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

test('what waits for a word is in the lane of its own, and a viewer may not give it', async () => {
  await page.getByRole('tab', { name: /held/ }).click()
  await page.getByRole('tabpanel').getByText('d/n1/disk').waitFor()
  const viewer = await served.openAs('viewer', '/node-roles/d/n1/disk')
  await says(viewer, /it waits for your approval/)
  const approve = viewer.getByRole('button', { name: 'Approve' })
  await says(viewer, /viewer-1/)
  expect(await approve.getAttribute('title')).toMatch(/needs the right to approve/)
})

test('the word for a destructive run lets it run, with who gave it and why', async () => {
  await page.goto(`${served.url()}/node-roles/d/n1/disk`)
  await says(page, /it waits for your approval/)
  await act(page, 'Approve', 'the old data is copied')
  await says(page, "its last success has today's inputs")
  const audit = await served.site.anneal('audit')
  expect(audit.stdout).toContain('the old data is copied')
  const approve = page.getByRole('button', { name: 'Approve' })
  expect(await approve.getAttribute('title')).toBe('it waits for nobody’s word')
})

test('the word for the next step of a rollout lets it go on', async () => {
  const waits = /somebody has to give the word/
  await page.goto(served.url())
  await page.getByRole('tab', { name: /held/ }).click()
  await page
    .getByRole('tabpanel')
    .getByRole('link', { name: /d\/n\d\/stepped/ })
    .click()
  await says(page, waits)
  await press(page, 'Approve')
  await page
    .getByRole('dialog')
    .getByText(/may go on with what it waits for/)
    .waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click()
  await says(page, "its last success has today's inputs")
  await page.goto(served.url())
  await page.getByRole('button', { name: /14 active/ }).waitFor()
})
