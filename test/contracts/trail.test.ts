// The trail, on a real journal: what verifying covers, what is seen by an anchor alone, and an export read by somebody else.
import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyExport } from '../../src/journal/exported-trail.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { verifyWhole } from '../../src/journal/moving.ts'
import { sqlitePlace } from '../../src/journal/sqlite-place.ts'
import { exportTrail } from '../../src/journal/trail.ts'
import type { TrailReport } from '../../src/model/audit.ts'
import type { Event } from '../../src/model/event.ts'
import { value } from './journal.ts'

const TOOL = '0.1.0'
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-trail-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

async function write(at: number, ...events: Event[]): Promise<void> {
  const journal = sqliteJournal(dir, { site: 'lab', toolVersion: TOOL })
  const writer = value(await journal.openWriter({ pid: 1, host: 'h', what: 'test' }))
  await writer.append(at, events)
  await writer.close()
}

const held = (by: string): Event => ({ kind: 'held', scope: { kind: 'site' }, by, why: 'lunch' })
const reached: Event = { kind: 'nodeReached', node: 'n1' }

const verifyTrail = (at: string, anchor?: string): ReturnType<typeof verifyWhole> =>
  verifyWhole(sqlitePlace(at, TOOL).openWhole, anchor)

async function linesOf(): Promise<string[]> {
  const lines: string[] = []
  for await (const line of value(await exportTrail(sqlitePlace(dir, TOOL).openWhole))) lines.push(line)
  return lines
}

async function begin(): Promise<TrailReport> {
  await write(1_000, held('ada'), reached)
  await write(2_000, reached)
  await write(3_000, held('bob'))
  return value(await verifyTrail(dir))
}

test('a sound one says what it covers', async () => {
  const report = await begin()
  expect(report).toMatchObject({ site: 'lab', events: 4, entries: 2, from: 1_000, to: 3_000 })
  expect(report.anchor).toMatch(/^4:[0-9a-f]{64}$/)
})

test('where there is none, nothing is said to be sound', async () => {
  expect(await verifyTrail(join(dir, 'nowhere'))).toMatchObject({
    ok: false,
    refusal: { code: 'nothingThere' },
  })
})

test('a changed byte is seen', async () => {
  await begin()
  const db = new DatabaseSync(join(dir, 'journal.db'))
  const row = db.prepare('SELECT bytes FROM batches WHERE first_seq = 1').get() as { bytes: Uint8Array }
  const text = Buffer.from(row.bytes).toString().replace('"ada"', '"eve"')
  db.prepare('UPDATE batches SET bytes = ? WHERE first_seq = 1').run(Buffer.from(text))
  db.close()
  expect(await verifyTrail(dir)).toMatchObject({ ok: false, refusal: { code: 'damagedJournal' } })
})

test('who writes the whole chain anew is seen by an anchor alone', async () => {
  const { anchor } = await begin()
  await write(4_000, held('cy'))
  expect(await verifyTrail(dir, anchor)).toMatchObject({ ok: true, value: { events: 5 } })
  rmSync(dir, { recursive: true })
  await write(1_000, held('eve'), reached, reached, held('bob'))
  expect(await verifyTrail(dir)).toMatchObject({ ok: true })
  const seen = await verifyTrail(dir, anchor)
  expect(seen).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('another history') as unknown },
  })
})

test('a journal that ends before its anchor lacks something', async () => {
  const { anchor } = await begin()
  const later = anchor.replace(/^4:/, '9:')
  const seen = await verifyTrail(dir, later)
  expect(seen).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('events 5 to 9') as unknown },
  })
})

test('an export is verified without the journal', async () => {
  const report = await begin()
  const lines = await linesOf()
  rmSync(join(dir, 'journal.db'))
  expect(value(await verifyExport(lines))).toEqual(report)
  expect((await verifyExport(lines, report.anchor)).ok).toBe(true)
  const entries = lines
    .map((line) => JSON.parse(line) as { kind: string; by?: string })
    .filter(({ kind }) => kind === 'entry')
  expect(entries.map(({ by }) => by)).toEqual(['ada', 'bob'])
})

const tampering: [string, (lines: string[]) => void][] = [
  ['an entry by somebody else', (lines) => replace(lines, '"by":"ada"', '"by":"eve"')],
  [
    'an entry less',
    (lines) =>
      void lines.splice(
        lines.findIndex((line) => line.includes('"entry"')),
        1,
      ),
  ],
  ['an entry more', (lines) => void lines.splice(3, 0, lines[2] as string)],
  ['a batch less', (lines) => void lines.splice(3, 1)],
  ['its end cut off', (lines) => void lines.pop()],
  ['its last batch cut off', (lines) => void lines.splice(-3, 2)],
  ['another journal before it', (lines) => replace(lines, '"site":"lab"', '"site":"production"')],
  ['something behind its end', (lines) => void lines.push('{"kind":"end","anchor":"4:"}\n')],
  ['a line that is none', (lines) => void lines.splice(1, 0, 'hello\n')],
]

test.each(tampering)('an export with %s is not what was written', async (_what, tamper) => {
  await begin()
  const lines = await linesOf()
  tamper(lines)
  expect(await verifyExport(lines)).toMatchObject({ ok: false, refusal: { code: 'damagedExport' } })
})

function replace(lines: string[], text: string, other: string): void {
  const at = lines.findIndex((line) => line.includes(text))
  lines[at] = (lines[at] as string).replace(text, other)
}
