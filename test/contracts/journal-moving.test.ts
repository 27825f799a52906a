// Moving journals: to PostgreSQL and back nothing is lost, damage is seen, and a place that is taken or a torn export makes nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { carry, exportWhole, importWhole, verifyWhole } from '../../src/journal/moving.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { postgresWhole } from '../../src/journal/postgres-whole.ts'
import type { JournalStore } from '../../src/journal/journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { sqlitePlace } from '../../src/journal/sqlite-place.ts'
import type { JournalPlace } from '../../src/journal/whole.ts'
import { seedOr } from '../support/seed.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { all, lost, value } from './journal.ts'
import { turnOf } from './journal-turns.ts'

const TOOL = '0.1.0'
const OPTIONS = { site: 'demo', toolVersion: TOOL }
const HOLDER = { pid: 1, host: 'h', what: 'a test' }

let postgres: TestPostgres
const dirs: string[] = []
beforeAll(async () => {
  postgres = await testPostgres()
})
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})
afterAll(() => postgres.stop())

interface Somewhere {
  place: JournalPlace
  store: JournalStore
}

function embedded(): Somewhere & { dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-move-'))
  dirs.push(dir)
  return { dir, place: sqlitePlace(dir, TOOL), store: sqliteJournal(dir, OPTIONS) }
}

function inPostgres(): Somewhere {
  const place = postgres.place()
  return { place: postgresWhole(place, TOOL), store: postgresJournal(place, OPTIONS) }
}

const BLOB = new TextEncoder().encode('#!/bin/sh\n'.repeat(2_000))

/** Turns of any kind, contents, keys, a snapshot, and a turn that is larger than a batch. */
async function write({ store }: Somewhere, from: number, to: number): Promise<void> {
  const writer = value(await store.openWriter(HOLDER))
  await writer.putBlobs(new Map([[digestOfBytes(BLOB), BLOB]]))
  await writer.putKeys([{ id: `value-${from}`, under: 'first', wrapped: new Uint8Array(60).fill(from) }])
  for (let turn = from; turn < to; turn++) await writer.append(turn, turnOf(seed, turn))
  await writer.append(
    to,
    Array.from({ length: 1_500 }, (_, i) => lost(`n${i}`)),
  )
  await writer.putSnapshot({ seq: await writer.head(), version: 1, state: { to } })
  await writer.close()
}

async function told({ store }: Somewhere): Promise<unknown> {
  const reader = value(await store.openReader())
  const [events, keys, blob] = [
    await all(reader),
    await reader.keys(),
    await reader.blob(digestOfBytes(BLOB)),
  ]
  await reader.close()
  return JSON.parse(
    JSON.stringify({
      events,
      keys: keys.map((key) => [key.id, key.under, Buffer.from(key.wrapped).toString('hex')]),
      blob: Buffer.from(blob ?? []).toString('hex'),
    }),
  )
}

const seed = seedOr(11)

test('to PostgreSQL and back, with more written at each place: all of it is there, in one chain', async () => {
  const first = embedded()
  await write(first, 0, 40)
  const second = inPostgres()
  const report = value(await carry(first.place, second.place, TOOL))
  expect(await told(second)).toEqual(await told(first))
  await write(second, 40, 60)
  const third = embedded()
  value(await carry(second.place, third.place, TOOL))
  expect(await told(third)).toEqual(await told(second))
  await write(third, 60, 70)
  // What was there first is still covered by the anchor of then.
  expect(await verifyWhole(third.place.openWhole, report.anchor)).toMatchObject({ ok: true })
})

test('what is taken is refused and left as it is', async () => {
  const first = embedded()
  await write(first, 0, 5)
  for (const taken of [inPostgres(), embedded()]) {
    await write(taken, 0, 3)
    const before = await told(taken)
    expect(await carry(first.place, taken.place, TOOL)).toMatchObject({
      ok: false,
      refusal: { code: 'notEmpty' },
    })
    expect(await told(taken)).toEqual(before)
  }
})

test('a journal that is damaged is carried nowhere', async () => {
  const first = embedded()
  await write(first, 0, 5)
  const db = new DatabaseSync(join(first.dir, 'journal.db'))
  db.exec('UPDATE blobs SET bytes = zeroblob(9), packing = 0')
  db.close()
  const second = inPostgres()
  expect(await verifyWhole(first.place.openWhole)).toMatchObject({
    ok: false,
    refusal: { code: 'damagedJournal' },
  })
  expect(await carry(first.place, second.place, TOOL)).toMatchObject({ ok: false })
  expect(await second.store.openReader()).toMatchObject({ ok: false, refusal: { code: 'nothingThere' } })
})

test('an export becomes a journal again; torn or changed, it becomes none', async () => {
  const first = inPostgres()
  await write(first, 0, 20)
  const lines: string[] = []
  for await (const line of value(await exportWhole(first.place.openWhole))) lines.push(line)
  for (const to of [embedded(), inPostgres()]) {
    value(await importWhole(given(lines), to.place, TOOL))
    expect(await told(to)).toEqual(await told(first))
  }
  const changed = lines.map((line, at) =>
    at === 3 ? line.replace(/"firstSeq":(\d+)/, (_, seq) => `"firstSeq":${Number(seq) + 1}`) : line,
  )
  for (const wrong of [
    lines.slice(0, -1),
    lines.slice(1),
    [...lines.slice(0, 3), ...lines.slice(4)],
    changed,
    ['{"kind":"journal"', 'no JSON'],
  ]) {
    for (const to of [embedded(), inPostgres()]) {
      expect(await importWhole(given(wrong), to.place, TOOL)).toMatchObject({
        ok: false,
        refusal: { code: 'damagedExport' },
      })
      expect(await to.store.openReader()).toMatchObject({ ok: false, refusal: { code: 'nothingThere' } })
    }
  }
})

test('an export that is made while a writer works is a whole journal of some moment', async () => {
  for (const somewhere of [embedded(), inPostgres()]) {
    await write(somewhere, 0, 20)
    const writer = value(await somewhere.store.openWriter(HOLDER))
    let isOver = false
    const writing = (async () => {
      for (let turn = 100; !isOver; turn++) await writer.append(turn, turnOf(seed, turn))
    })()
    const lines: string[] = []
    for await (const line of value(await exportWhole(somewhere.place.openWhole))) lines.push(line)
    isOver = true
    await writing
    const to = embedded()
    value(await importWhole(given(lines), to.place, TOOL))
    const reader = value(await to.store.openReader())
    const copied = await all(reader)
    await reader.close()
    expect((await all(writer)).slice(0, copied.length)).toEqual(copied)
    await writer.close()
  }
})

async function* given(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
