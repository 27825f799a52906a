// The SQLite journal on a disk that is full or read-only: a small file system of its own, mounted by the test.
import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, mkdtempSync, openSync, readdirSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { JournalFault, type JournalWriter } from '../../src/journal/journal.ts'
import { type SqliteOptions, sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { all, lost, value } from './journal.ts'
import { turnOf } from './journal-turns.ts'

const OPTIONS: SqliteOptions = { site: 'demo', toolVersion: '0.1.0' }
const HOLDER = { pid: process.pid, host: 'h', what: 'anneal up' }
const mayMount = process.getuid?.() === 0

let disk: string
let dir: string

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'anneal-disk-'))
  dir = join(disk, '.anneal')
  if (mayMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'journal-test', disk])
})

afterEach(() => {
  if (mayMount) execFileSync('umount', ['-l', disk])
  rmdirSync(disk)
})

describe.skipIf(!mayMount)('a full disk', () => {
  test.each([
    { how: 'this thread', directCommits: Number.POSITIVE_INFINITY },
    { how: 'a thread of its own', directCommits: 0 },
  ])(
    '$how: refuses from the first turn that did not fit; what was acknowledged stays',
    async ({ directCommits }) => {
      const writer = value(await sqliteJournal(dir, { ...OPTIONS, directCommits }).openWriter(HOLDER))
      await writer.append(0, turnOf(1, 0))
      fillUp(300_000)
      const { acked, fault } = await appendUntilRefused(writer)
      expect(fault.refusal.code).toBe('journalFault')
      expect(fault.message).toMatch(/journal\.db could not be written: the disk is full\.$/)
      expect(acked).toBeGreaterThan(3)
      await expect(writer.append(99, [lost('later')])).rejects.toBe(fault)
      await writer.close()

      const refused = await sqliteJournal(dir, OPTIONS).openWriter(HOLDER)
      if (refused.ok) await refused.value.close()
      else
        expect(refused.refusal).toMatchObject({
          code: 'journalFault',
          message: expect.stringMatching(/is full/),
        })

      rmSync(join(disk, 'filler'))
      const again = value(await sqliteJournal(dir, OPTIONS).openWriter(HOLDER))
      const recorded = await all(again)
      const told = Array.from({ length: acked + 1 }, (_, number) => turnOf(1, number)).flat()
      const untold = turnOf(1, acked + 1)
      expect([told.length, told.length + untold.length]).toContain(recorded.length)
      expect(recorded.map((one) => one.event)).toEqual([...told, ...untold].slice(0, recorded.length))
      expect(await again.append(100, [lost('z')])).toEqual({ head: recorded.length + 1 })
      await again.close()
    },
  )

  test('no room to make a journal: refused, and made once there is', async () => {
    fillUp(0)
    const refused = await sqliteJournal(dir, OPTIONS).openWriter(HOLDER)
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'journalFault' } })
    expect(refused.ok ? '' : refused.refusal.message).toMatch(/the disk is full/)
    rmSync(join(disk, 'filler'))
    const writer = value(await sqliteJournal(dir, OPTIONS).openWriter(HOLDER))
    expect(await writer.append(1, [lost('a')])).toEqual({ head: 1 })
    await writer.close()
  })

  /** Turns 1, 2, ...; `acked` is the number of the last one that was acknowledged. */
  async function appendUntilRefused(writer: JournalWriter): Promise<{ acked: number; fault: JournalFault }> {
    for (let number = 1; ; number++) {
      try {
        await writer.append(number, turnOf(1, number))
      } catch (error) {
        expect(error).toBeInstanceOf(JournalFault)
        return { acked: number - 1, fault: error as JournalFault }
      }
    }
  }

  /** Until only `left` bytes are. */
  function fillUp(left: number): void {
    const fd = openSync(join(disk, 'filler'), 'w')
    try {
      for (;;) writeSync(fd, Buffer.alloc(4_096))
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
    }
    closeSync(fd)
    if (left > 0) execFileSync('truncate', ['-s', `-${left}`, join(disk, 'filler')])
  }
})

describe.skipIf(!mayMount)('a read-only disk', () => {
  test('a journal that was closed in good order is read, and no file is made', async () => {
    const writer = value(await sqliteJournal(dir, OPTIONS).openWriter(HOLDER))
    await writer.append(0, turnOf(1, 0))
    await writer.close()
    await readsReadOnly()
  })

  test('so is one as its writer left it when it was killed', async () => {
    const living = join(disk, 'living')
    const writer = value(await sqliteJournal(living, OPTIONS).openWriter(HOLDER))
    await writer.append(0, turnOf(1, 0))
    cpSync(living, dir, { recursive: true })
    await writer.close()
    expect(readdirSync(dir)).toContain('journal.db-wal')
    await readsReadOnly()
  })

  test('a writer is refused', async () => {
    const writer = value(await sqliteJournal(dir, OPTIONS).openWriter(HOLDER))
    await writer.append(0, turnOf(1, 0))
    await writer.close()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const refused = await sqliteJournal(dir, OPTIONS).openWriter(HOLDER)
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'journalFault' } })
    expect(refused.ok ? '' : refused.refusal.message).toMatch(/read-only/)
  })

  async function readsReadOnly(): Promise<void> {
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const before = readdirSync(dir)
    const reader = value(await sqliteJournal(dir, OPTIONS).openReader())
    expect((await all(reader)).map((one) => one.event)).toEqual(turnOf(1, 0))
    await reader.close()
    expect(readdirSync(dir)).toEqual(before)
  }
})

test('a reader makes no file beside a journal that was closed in good order', async () => {
  const writer = value(await sqliteJournal(dir, OPTIONS).openWriter(HOLDER))
  await writer.append(0, turnOf(1, 0))
  await writer.close()
  const before = readdirSync(dir)
  const reader = value(await sqliteJournal(dir, OPTIONS).openReader())
  await all(reader)
  await reader.close()
  expect(readdirSync(dir)).toEqual(before)
  expect(before).toEqual(['journal.db', 'journal.lock', 'journal.mark'])
  if (!mayMount) rmSync(dir, { recursive: true })
})
