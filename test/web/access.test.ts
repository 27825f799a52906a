// Who may what, in a real browser: signing in by a link, being a viewer, signing out, and a line that breaks.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers, cellsOf, pageSite, type PageSite, says } from './page-site.ts'

let served: PageSite
beforeAll(async () => {
  served = await pageSite()
})
afterAll(async () => {
  await served.end()
  expect(served.complaints).toEqual([])
})

test('who is not signed in is told how to get in, without barriers in light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await (await served.browser.newContext({ colorScheme })).newPage()
    await page.goto(`${served.url()}/timeline`)
    await page.getByRole('heading', { name: 'Anneal: who are you?' }).waitFor()
    await page.getByText('anneal ui', { exact: true }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.context().close()
  }
})

test('a viewer sees everything and can change nothing; what is off says why', async () => {
  const page = await served.openAs('viewer', '/node-roles/d/n3/broken')
  const retry = page.getByRole('button', { name: 'Retry' })
  await says(page, /viewer-1/)
  expect(await retry.getAttribute('aria-disabled')).toBe('true')
  expect(await retry.getAttribute('title')).toMatch(
    /viewer-1 is viewer here, and this needs the right to operate/,
  )
  await page.goto(`${served.url()}/timeline/1`)
  await says(page, 'What it says otherwise')
  const commit = page.getByRole('button', { name: 'Commit' })
  expect(await commit.getAttribute('title')).toMatch(/needs the right to commit/)
  await commit.click({ force: true })
  expect(await page.getByRole('dialog').count()).toBe(0)
  const told = await page.evaluate(async () => {
    const response = await fetch('/api/v1/revisions/1/commit', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ onto: 0 }),
    })
    return response.status
  })
  expect(told).toBe(403)
})

test('who signs out is out', async () => {
  const page = await served.open()
  await page.getByRole('button', { name: 'sign out' }).click()
  await page.getByRole('heading', { name: 'Anneal: who are you?' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Anneal: who are you?' }).waitFor()
})

test('a lost line is said; when the server is back the page goes on by itself and says what went by', async () => {
  const page = await served.openAs('operator')
  await page.getByRole('tabpanel').getByText('d/n3/broken').waitFor()
  await served.stop()
  await says(page, 'The line to the server is lost')
  await served.start()
  await says(page, /Back after/)
  await page.getByText('The line to the server is lost').waitFor({ state: 'detached' })
  await page.getByText(/went by meanwhile/).click()
  await says(page, /began a session/)
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'seen' }).click()
  served.letGo('n2')
  await page.getByRole('button', { name: /11 active/ }).waitFor()
})

test('what changed while nobody was there to tell it is on the board once the line is back, cell by cell', async () => {
  const page = await served.openAs('operator')
  await page.getByRole('button', { name: /11 active/ }).waitFor()
  await served.stop()
  await says(page, 'The line to the server is lost')
  served.site.write({
    'packages/p/scripts/broken.sh': `[ "$ANNEAL_NODE" != n1 ] || exit 4\necho "disk=sda" >> "$ANNEAL_OUTPUTS"\n`,
  })
  expect((await served.site.anneal('up', '--yes')).code).toBe(3)
  await served.start()
  await says(page, /Back after/)
  const { lines } = await served.site.json('status')
  const there = lines.filter(({ kind }) => kind === 'nodeRole')
  expect(there.filter(({ state }) => state === 'error').map(({ id }) => id as string)).toEqual([
    'd/n1/broken',
  ])
  await page.getByRole('button', { name: /1 error/ }).waitFor()
  const cells = await cellsOf(page)
  expect(cells.sort()).toEqual(there.map(({ node, role, state }) => `${node}, ${role}: ${state}`).sort())
})
