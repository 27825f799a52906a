// The SQLite journal when its files are not what was written: refused with a sentence, never other events, never touched.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { JournalFault, type JournalReader } from '../../src/journal/journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Refusal } from '../../src/model/refusal.ts'
import { all, lost, value } from './journal.ts'
import { turnOf } from './journal-turns.ts'

const HOLDER = { pid: process.pid, host: 'h', what: 'anneal up' }
const BLOB = new TextEncoder().encode('#!/bin/sh\n'.repeat(2_000))
const CONTENT = digestOfBytes(BLOB)

let root: string
/** As its writer left it in good order, and as it stood while the writer was at work: a crash. */
let sound: { closed: string; crashed: string }
let told: Contents
let dir: string
let notices: string[]

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-damage-'))
  sound = { closed: join(root, 'closed'), crashed: join(root, 'crashed') }
  const writer = value(await journalIn(sound.closed).openWriter(HOLDER))
  await writer.putBlobs(new Map([[CONTENT, BLOB]]))
  for (let turn = 0; turn < 60; turn++) {
    await writer.append(turn, turnOf(1, turn))
    if (turn === 30) takeOver(sound.closed)
    if (turn === 20 || turn === 40) {
      await writer.putSnapshot({
        seq: await writer.head(),
        version: 1,
        state: { turn, text: 'y'.repeat(9_000) },
      })
    }
  }
  cpSync(sound.closed, sound.crashed, { recursive: true })
  await writer.close()
  told = await contents(sound.closed)
  expect(await contents(sound.crashed)).toEqual(told)
  expect(told.events.length).toBeGreaterThan(100)
})

afterAll(() => rmSync(root, { recursive: true }))

beforeEach(() => {
  dir = join(root, 'now')
  rmSync(dir, { recursive: true, force: true })
  notices = []
})

describe('what is wrong is said', () => {
  const cases: { what: string; from: 'closed' | 'crashed'; harm: () => void; says: RegExp }[] = [
    { what: 'an empty file', from: 'closed', harm: () => truncateSync(db(), 0), says: /it is empty/ },
    {
      what: 'a text',
      from: 'closed',
      harm: () => writeFileSync(db(), 'x'.repeat(9_999)),
      says: /not a database/,
    },
    { what: 'a cut file', from: 'closed', harm: () => truncateSync(db(), 20_000), says: /cannot read it/ },
    {
      what: 'a database of something else',
      from: 'closed',
      harm: () => {
        rmSync(db())
        sql('CREATE TABLE t (a)')
      },
      says: /it is a SQLite database, but not a journal \(application_id 0\)/,
    },
    {
      what: 'a changed batch',
      from: 'closed',
      harm: () => sql(`UPDATE batches SET bytes = zeroblob(length(bytes)) WHERE first_seq = (${nth(10)})`),
      says: /events \d+ to \d+ are not what was written .* It is sound up to event \d+\./,
    },
    {
      what: 'a removed batch',
      from: 'closed',
      harm: () => sql(`DELETE FROM batches WHERE first_seq = (${nth(10)})`),
      says: /events? \d+ .*missing\. It is sound up to event \d+\./,
    },
    {
      what: 'a removed last batch',
      from: 'closed',
      harm: () => sql('DELETE FROM batches WHERE first_seq = (SELECT max(first_seq) FROM batches)'),
      says: /missing\. It is sound up to event \d+\./,
    },
    {
      what: 'two batches that changed places',
      from: 'closed',
      harm: () =>
        sql(`UPDATE batches SET bytes = (SELECT bytes FROM batches b WHERE b.first_seq = (${nth(5)}))
             WHERE first_seq = (${nth(6)})`),
      says: /are not what was written/,
    },
    {
      what: 'another name of its site',
      from: 'closed',
      harm: () => sql(`UPDATE meta SET value = 'other' WHERE key = 'site'`),
      says: /No event in it can be relied on/,
    },
    {
      what: 'another table',
      from: 'closed',
      harm: () => sql('CREATE TABLE more (a)'),
      says: /its tables are not those of a journal/,
    },
    {
      what: 'a write-ahead log that was removed',
      from: 'crashed',
      harm: () => rmSync(`${db()}-wal`),
      says: /missing, which had been acknowledged: journal\.db-wal was .* It is sound up to event \d+\./,
    },
    {
      what: 'a write-ahead log that was cut',
      from: 'crashed',
      harm: () => truncateSync(`${db()}-wal`, 40_000),
      says: /missing, which had been acknowledged/,
    },
    {
      what: 'a database that was removed',
      from: 'closed',
      harm: () => rmSync(db()),
      says: /it is gone, while .*journal\.mark is still there/,
    },
  ]

  test.each(cases)('$what', async ({ from, harm, says }) => {
    cpSync(sound[from], dir, { recursive: true })
    harm()
    const before = fingerprint()
    for (const refusal of [await refusalOfReader(), await refusalOfWriter()]) {
      expect(refusal?.code).toBe('damagedJournal')
      expect(refusal?.message).toMatch(says)
      expect(refusal?.message).toMatch(/Nothing was changed\. Restore .* or move it away/)
      expect(refusal?.message).not.toMatch(/undefined|at .*\.ts:|Error/)
    }
    expect(fingerprint()).toEqual(before)
  })

  test('a newer layout names both versions', async () => {
    cpSync(sound.closed, dir, { recursive: true })
    sql(`INSERT INTO layouts VALUES (3, 0, '9.8.7'); PRAGMA user_version = 3`)
    const refusal = await refusalOfWriter()
    expect(refusal?.code).toBe('newerJournal')
    expect(refusal?.message).toContain('written by anneal 9.8.7: it has layout 3')
    expect(refusal?.message).toContain('this anneal 0.1.0 does not know')
  })

  test('an event of a kind that only a newer version knows is refused, not dropped', async () => {
    cpSync(sound.closed, dir, { recursive: true })
    sql(`INSERT INTO kinds VALUES ('nodeTeleported', 7, '9.8.7')`)
    const refusal = await refusalOfReader()
    expect(refusal?.code).toBe('newerJournal')
    expect(refusal?.message).toContain('written by anneal 9.8.7: it has events of the kind nodeTeleported')
  })

  test('a damaged snapshot is passed over for the older one, and said', async () => {
    cpSync(sound.closed, dir, { recursive: true })
    sql(`UPDATE snapshot_parts SET bytes = zeroblob(length(bytes)) WHERE id =
         (SELECT id FROM snapshots ORDER BY seq DESC LIMIT 1)`)
    const reader = value(await journalIn(dir).openReader())
    expect((await reader.snapshot())?.state).toMatchObject({ turn: 20 })
    expect(notices).toEqual([
      expect.stringMatching(/^The snapshot at event \d+ .* is damaged and passed over/),
    ])
    sql('DELETE FROM snapshot_parts')
    expect(await reader.snapshot()).toBeUndefined()
    expect(await all(reader)).toEqual(told.events)
    await reader.close()
  })

  test('a snapshot with the parts of another one is passed over too', async () => {
    cpSync(sound.closed, dir, { recursive: true })
    sql(`UPDATE snapshot_parts SET bytes = (SELECT p.bytes FROM snapshot_parts p WHERE p.id =
         (SELECT id FROM snapshots ORDER BY seq LIMIT 1))`)
    const reader = value(await journalIn(dir).openReader())
    expect((await reader.snapshot())?.state).toMatchObject({ turn: 20 })
    expect(notices).toHaveLength(1)
    await reader.close()
  })

  test('a content that is another is refused', async () => {
    cpSync(sound.closed, dir, { recursive: true })
    sql(`UPDATE blobs SET packing = 0, bytes = CAST('rm -rf /' AS BLOB)`)
    expect(await refusalOfReader()).toMatchObject({
      code: 'damagedJournal',
      message: expect.stringContaining(`the content ${CONTENT} is not what was put`),
    })
  })

  test('a content that damage hides is not taken for one that was never put', async () => {
    const bytes = readFileSync(join(sound.closed, 'journal.db'))
    let refused = 0
    for (let at = bytes.indexOf(CONTENT); at >= 0; at = bytes.indexOf(CONTENT, at + 1)) {
      cpSync(sound.closed, dir, { recursive: true })
      const harmed = Buffer.from(bytes)
      harmed[at + 5] = (harmed[at + 5] as number) ^ 1
      writeFileSync(db(), harmed)
      const found = await contents(dir)
      if (found.refusal) expect(found.refusal.code).toBe('damagedJournal')
      else expect(found.content, `at ${at}`).toBe(CONTENT)
      if (found.refusal) refused++
    }
    expect(refused).toBeGreaterThan(0)
  })

  test('damage that comes after opening is thrown as a fault with a refusal', async () => {
    cpSync(sound.closed, dir, { recursive: true })
    const reader = value(await journalIn(dir).openReader())
    const forged = `[[1,[${Array.from({ length: 9 }, () => '{"kind":"nodeReached","node":"forged"}').join()}]]]`
    sql(`UPDATE batches SET packing = 0, bytes = CAST('${forged}' AS BLOB) WHERE last_seq - first_seq = 8`)
    const thrown: unknown = await all(reader).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(JournalFault)
    expect((thrown as JournalFault).refusal.code).toBe('damagedJournal')
    await reader.close()
  })

  test('a file that is removed while a writer is at work ends the writing', async () => {
    const writer = value(await journalIn(dir).openWriter(HOLDER))
    await writer.append(1, [lost('a')])
    rmSync(db())
    await expect(writer.append(2, [lost('b')])).rejects.toThrow('removed or replaced')
    await writer.close()
  })

  test('a second writer that got past the lock is noticed before it can fork the history', async () => {
    const first = value(await journalIn(dir).openWriter(HOLDER))
    await first.append(1, [lost('a')])
    rmSync(join(dir, 'journal.lock'))
    const second = value(await journalIn(dir).openWriter(HOLDER))
    await second.append(2, [lost('b')])
    await expect(first.append(3, [lost('c')])).rejects.toThrow('another process has written')
    await first.close()
    await second.close()
    const reader = value(await journalIn(dir).openReader())
    expect((await all(reader)).map((one) => one.event)).toEqual([lost('a'), lost('b')])
    await reader.close()
  })
})

describe('law: any harm to any file gives a refusal or the same journal', () => {
  const random = (seed: string, below: number): number =>
    Number.parseInt(digestOfBytes(seed).slice(0, 12), 16) % below

  const harms: Record<string, (bytes: Buffer, seed: string) => Buffer> = {
    'a flipped bit': (bytes, seed) => {
      const at = random(`${seed} at`, bytes.length)
      bytes[at] = (bytes[at] as number) ^ (1 << random(`${seed} bit`, 8))
      return bytes
    },
    'a flipped bit near the start': (bytes, seed) => {
      const at = random(`${seed} at`, Math.min(bytes.length, 4_096))
      bytes[at] = (bytes[at] as number) ^ (1 << random(`${seed} bit`, 8))
      return bytes
    },
    'zeroes over a sector': (bytes, seed) => {
      const at = random(`${seed} at`, bytes.length)
      return bytes.fill(0, at - (at % 512), Math.min(bytes.length, at - (at % 512) + 512))
    },
    'a page in the place of another': (bytes, seed) => {
      const pages = Math.ceil(bytes.length / 4_096)
      bytes.copy(bytes, 4_096 * random(`${seed} to`, pages), 4_096 * random(`${seed} from`, pages)).toFixed()
      return bytes
    },
    'an end that was cut': (bytes, seed) => bytes.subarray(0, random(`${seed} at`, bytes.length)),
    'noise at the end': (bytes, seed) => Buffer.concat([bytes, Buffer.from(digestOfBytes(seed).repeat(99))]),
  }
  const files = {
    closed: ['journal.db', 'journal.mark'],
    crashed: ['journal.db', 'journal.db-wal', 'journal.mark'],
  }
  const places = (['closed', 'crashed'] as const).flatMap((from) =>
    files[from].map((file) => ({ from, file })),
  )

  test.each(places)(
    '$file, $from',
    async ({ from, file }) => {
      let refused = 0
      for (const [name, harm] of Object.entries(harms)) {
        for (let round = 0; round < 16; round++) {
          const seed = `${from} ${file} ${name} ${round}`
          rmSync(dir, { recursive: true, force: true })
          cpSync(sound[from], dir, { recursive: true })
          const path = join(dir, file)
          writeFileSync(path, harm(readFileSync(path), seed))
          const before = fingerprint()
          const found = await contents(dir)
          if (found.refusal) {
            refused++
            expect(['damagedJournal', 'newerJournal'], seed).toContain(found.refusal.code)
            expect(fingerprint(), seed).toEqual(before)
          } else {
            expect(found.events, seed).toEqual(told.events)
            if (found.snapshot !== undefined) expect([40, 20], seed).toContain(found.snapshot)
            else expect(notices.length, seed).toBeGreaterThan(0)
            expect(found.content, seed).toBe(CONTENT)
          }
          notices = []
        }
      }
      expect(refused).toBeGreaterThan(file === 'journal.mark' ? -1 : 20)
    },
    60_000,
  )
})

interface Contents {
  refusal?: Refusal
  events: unknown[]
  /** The turn of the snapshot's state. */
  snapshot?: unknown
  content?: string
}

/** All that can be read, or the refusal that came instead. */
async function contents(where: string): Promise<Contents> {
  const opened = await journalIn(where).openReader()
  if (!opened.ok) return { refusal: opened.refusal, events: [] }
  const reader = opened.value
  try {
    return await contentsOf(reader)
  } catch (error) {
    if (error instanceof JournalFault) return { refusal: error.refusal, events: [] }
    throw error
  } finally {
    await reader.close()
  }
}

async function contentsOf(reader: JournalReader): Promise<Contents> {
  const events = await all(reader)
  const state = (await reader.snapshot())?.state as { turn: number } | undefined
  const blob = await reader.blob(CONTENT)
  return { events, snapshot: state?.turn, ...(blob && { content: digestOfBytes(blob) }) }
}

function journalIn(where: string): ReturnType<typeof sqliteJournal> {
  return sqliteJournal(where, {
    site: 'demo',
    toolVersion: '0.1.0',
    notice: (message) => notices?.push(message),
  })
}

async function refusalOfReader(): Promise<Refusal | undefined> {
  return (await contents(dir)).refusal
}

async function refusalOfWriter(): Promise<Refusal | undefined> {
  const opened = await journalIn(dir).openWriter(HOLDER)
  if (opened.ok) await opened.value.close()
  return opened.ok ? undefined : opened.refusal
}

/** The log into the database, so that what was crashed stands in both. */
function takeOver(where: string): void {
  const database = new DatabaseSync(join(where, 'journal.db'))
  expect(database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()).toMatchObject({ busy: 0 })
  database.close()
}

function db(): string {
  return join(dir, 'journal.db')
}

function sql(text: string): void {
  const database = new DatabaseSync(db())
  database.exec(text)
  database.close()
}

/** The n-th batch. */
function nth(n: number): string {
  return `SELECT first_seq FROM batches ORDER BY first_seq LIMIT 1 OFFSET ${n}`
}

/** Of what holds the journal; the shared-memory index beside a write-ahead log holds nothing. */
function fingerprint(): Record<string, string> {
  const names = readdirSync(dir).filter((name) => /^journal\.(db|db-wal|mark)$/.test(name))
  return Object.fromEntries(names.map((name) => [name, digestOfBytes(readFileSync(join(dir, name)))]))
}
