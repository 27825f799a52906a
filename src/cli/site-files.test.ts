// Files that are looked at again and again: read when they were written, said when they have faults, let go of at the end.
import { expect, test } from 'vitest'
import { Door } from './door.ts'
import { siteFiles } from './site-files.ts'
import type { CliWorld, LoadedSite } from './world.ts'

const SITE = { name: 'demo', nodes: {}, deployments: {}, roles: {}, defaults: {} }

function at(stamps: string[], reads: LoadedSite[]) {
  const timers = new Set<() => void>()
  const asked: (readonly string[])[] = []
  const world = {
    env: {},
    every(_: number, tick: () => void) {
      timers.add(tick)
      queueMicrotask(tick)
      return () => void timers.delete(tick)
    },
    siteStamp(_: string, files: readonly string[]) {
      asked.push(files)
      return Promise.resolve(stamps.shift() ?? 'the last')
    },
    loadSite: () => Promise.resolve(reads.shift() as LoadedSite),
  } as unknown as CliWorld
  const first: LoadedSite = { ok: true, site: SITE, content: new Map(), warnings: [], files: ['a.yaml'] }
  return { files: siteFiles(new Door(world, undefined), '/site', first), asked, timers }
}

test('read again once something was written', async () => {
  const site = { ...SITE, name: 'other' }
  const read: LoadedSite = { ok: true, site, content: new Map(), warnings: [], files: ['b.yaml'] }
  const here = at(['1', '1', '1', '2', '2', '3'], [read, read])
  expect(await here.files.changed(new AbortController().signal)).toMatchObject({ ok: true, site })
  await here.files.changed(new AbortController().signal)
  expect(here.asked).toEqual([['a.yaml'], ['a.yaml'], ['a.yaml'], ['a.yaml'], ['b.yaml'], ['b.yaml']])
  expect(here.timers.size).toBe(0)
})

test('faults are said, with the first of them', async () => {
  const fault = { file: 'anneal.yaml', line: 3, column: 1, code: 'unknownKey', message: 'unknown key nods' }
  const here = at(['1', '2'], [{ ok: false, faults: [fault], files: [] }])
  expect(await here.files.changed(new AbortController().signal)).toEqual({
    ok: false,
    message:
      'the files of the site changed and have 1 fault, the first in anneal.yaml:3: unknown key nods; what was read before stays in force',
  })
})

test('nothing is waited for once the signal came', async () => {
  const here = at(['1'], [])
  const over = new AbortController()
  over.abort()
  void here.files.changed(over.signal)
  await new Promise(setImmediate)
  expect([here.timers.size, here.asked.length]).toEqual([0, 1])
})
