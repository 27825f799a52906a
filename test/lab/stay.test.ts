// Staying, by the real command line: files that are written meanwhile come in as policy says, and broken ones do not.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HERE, siteDir, type SiteDir } from '../support/site-dir.ts'

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

test('a node that is written into the site comes in; a fault is said; another script waits for somebody', async () => {
  const write = (nodes: Record<string, object>, run = 'true'): void =>
    site.make({ nodes, roles: { page: { apply: { run } } } })
  write({ one: HERE })
  const staying = site.start('up', '--yes', '--stay')
  await staying.says(/done in .*\(run-1\)/)
  write({ one: HERE, two: HERE })
  await staying.says(/new node two: page in d comes to two; committed as revision 2/)
  await staying.says(/done in .*\(run-2\)/)
  const good = site.read('anneal.yaml')
  site.write({ 'anneal.yaml': good.replace('"e2e"', '"e2e", "nods": {}') })
  await staying.says(
    /the files of the site changed and have 1 fault, the first in anneal\.yaml:\d+: unknown key nods/,
  )
  write({ one: HERE, two: HERE }, 'echo another')
  await staying.says(/the files of the site changed; revision 3 waits for somebody to commit it/)
  staying.kill('SIGINT')
  expect(await staying.ended).toMatchObject({ code: 4 })
  expect(await site.anneal('status')).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(/anneal commit 3/),
  })
  expect(await site.anneal('commit', '--yes')).toMatchObject({ code: 0 })
  const timeline = (await site.anneal('timeline')).stdout
  expect(timeline).toMatch(/^ +2 +1 +superseded .* anneal +new node two/m)
})
