// The sample journals of all releases: this version reads each as it was told, and writes on in a copy.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Json } from '../../src/base/json.ts'
import { digestOfBytes } from '../../src/base/digest.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { all, lost, value } from './journal.ts'

const SAMPLES = fileURLToPath(new URL('../journals', import.meta.url))
const releases = readdirSync(SAMPLES).filter((name) => /^\d+\.\d+\.\d+$/.test(name))

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-sample-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('there are samples', () => expect(releases).toContain('0.1.0'))

test.each(releases)('a journal of %s', async (release) => {
  const [first = '', ...events] = readFileSync(join(SAMPLES, release, 'told.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
  const told = JSON.parse(first) as { snapshot: { seq: number; state: Json }; blob: string }
  cpSync(join(SAMPLES, release, 'journal.db'), join(dir, 'journal.db'))
  const journal = sqliteJournal(dir, { site: 'sample', toolVersion: '99.0.0' })
  const reader = value(await journal.openReader())
  const recorded = await all(reader)
  expect(recorded.map((one) => JSON.stringify(one.event))).toEqual(events)
  expect(await reader.snapshot()).toMatchObject(told.snapshot)
  expect(digestOfBytes((await reader.blob(told.blob)) ?? '')).toBe(told.blob)
  await reader.close()
  const writer = value(await journal.openWriter({ pid: 1, host: 'h', what: 'test' }))
  expect(await writer.append(1, [lost('a')])).toEqual({ head: events.length + 1 })
  await writer.close()
})
