// The stamp of a site's files is another one when something was written, came or went, and only then.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { siteStamp } from './site-stamp.ts'

test('files below the site, and others that it was read from', async () => {
  const [site, elsewhere] = [await temporary(), await temporary()]
  const inventory = join(elsewhere, 'lab.yaml')
  const stamps = [await siteStamp(site, [inventory])]
  const step = async (change: () => Promise<void>): Promise<void> => {
    await change()
    stamps.push(await siteStamp(site, [inventory]))
  }
  await step(() => writeFile(join(site, 'anneal.yaml'), 'site: demo\n'))
  await step(() => writeFile(join(site, 'anneal.yaml'), 'site: other\n'))
  await step(() => writeFile(inventory, 'nodes: {}\n'))
  await step(() => rm(inventory))
  await step(() => writeFile(join(site, 'notes.txt'), ''))
  expect(new Set(stamps).size).toBe(stamps.length - 1)
  expect(stamps[4]).toBe(stamps[2])
  await step(() => Promise.resolve())
  expect(stamps.at(-1)).toBe(stamps.at(-2))
  await step(() => writeFile(join(elsewhere, 'another.yaml'), ''))
  expect(stamps.at(-1)).toBe(stamps.at(-2))
})

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'anneal-stamp-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}
