// Bytes of a journal: whatever stands on the disk, it is refused with a reason, or tells what was written and nothing else.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { JournalFault } from '../../src/journal/journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Refusal } from '../../src/model/refusal.ts'
import { all } from '../contracts/journal.ts'
import { fuzz } from './hostile.ts'

const SAMPLE = fileURLToPath(new URL('../journals/0.1.0', import.meta.url))
const sound = readFileSync(join(SAMPLE, 'journal.db'))
const [, ...told] = readFileSync(join(SAMPLE, 'told.ndjson'), 'utf8').trimEnd().split('\n')

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-fuzz-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const place = fc.oneof(fc.nat(4_096), fc.nat(sound.length - 1))
const harm = fc.oneof(
  fc.record({ do: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({
    do: fc.constant('fill' as const),
    at: place,
    length: fc.nat(5_000),
    byte: fc.constantFrom(0, 0xff, 0x41),
  }),
  fc.record({ do: fc.constant('cut' as const), at: place }),
  fc.record({ do: fc.constant('grow' as const), length: fc.nat(20_000) }),
  fc.record({ do: fc.constant('move' as const), at: place, to: place, length: fc.nat(5_000) }),
)

test('any harm to the file of a journal', async () => {
  await fuzz('bytes of a journal', fc.array(harm, { minLength: 1, maxLength: 3 }), async (harms) => {
    let bytes: Buffer = Buffer.from(sound)
    for (const one of harms) bytes = harmed(bytes, one)
    const path = join(dir, 'journal.db')
    for (const beside of ['-wal', '-shm']) rmSync(`${path}${beside}`, { force: true })
    rmSync(join(dir, 'journal.mark'), { force: true })
    writeFileSync(path, bytes)
    const opened = await sqliteJournal(dir, { site: 'sample', toolVersion: '99.0.0' }).openReader()
    if (!opened.ok) expectRefusal(opened.refusal)
    else {
      try {
        const events = (await all(opened.value)).map(({ event }) => JSON.stringify(event))
        expect(events).toEqual(told.slice(0, events.length))
        await opened.value.snapshot()
      } catch (error) {
        if (!(error instanceof JournalFault)) throw error
        expectRefusal(error.refusal)
      } finally {
        await opened.value.close()
      }
    }
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })
})

function expectRefusal({ code, message }: Refusal): void {
  expect(['damagedJournal', 'newerJournal', 'journalFault', 'nothingThere', 'otherSite']).toContain(code)
  expect(message.length).toBeGreaterThan(10)
  expect(message).not.toMatch(/\n +at /)
}

function harmed(bytes: Buffer, one: typeof harm extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const size = Math.max(1, bytes.length)
  switch (one.do) {
    case 'flip':
      if (bytes.length > 0) bytes[one.at % size] = (bytes[one.at % size] as number) ^ (1 << one.bit)
      return bytes
    case 'fill':
      return bytes.fill(one.byte, Math.min(one.at, bytes.length), Math.min(one.at + one.length, bytes.length))
    case 'cut':
      return bytes.subarray(0, one.at)
    case 'grow':
      return Buffer.concat([bytes, Buffer.alloc(one.length, 0x42)])
    case 'move':
      bytes.copy(bytes, one.to % size, one.at % size, Math.min(bytes.length, (one.at % size) + one.length))
      return bytes
  }
}
