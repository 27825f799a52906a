// The SQLite journal against the contract of a journal, written by this thread and by one of its own.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import type { JournalFaults } from '../../src/journal/journal.ts'
import { type SqliteOptions, sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { all, type JournalUnderTest, journalContract, lost, value } from './journal.ts'

const options: SqliteOptions = { site: 'demo', toolVersion: '0.1.0' }

journalContract('SQLite', (faults) => inNewDirectory(options, faults))
journalContract('SQLite with a writing thread', (faults) => {
  return inNewDirectory({ ...options, directCommits: 0 }, faults)
})

test('a copy that SQLite makes while a writer is at work is a whole journal, and can be written on', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-journal-'))
  const holder = { pid: 1, host: 'h', what: 'anneal up' }
  const writer = value(await sqliteJournal(join(dir, 'first'), options).openWriter(holder))
  for (let turn = 0; turn < 9; turn++) await writer.append(turn, [lost(`n${turn}`)])
  const database = new DatabaseSync(join(dir, 'first', 'journal.db'))
  mkdirSync(join(dir, 'copy'))
  database.prepare('VACUUM INTO ?').run(join(dir, 'copy', 'journal.db'))
  database.close()
  const told = await all(writer)
  await writer.close()

  const copy = sqliteJournal(join(dir, 'copy'), options)
  const reader = value(await copy.openReader())
  expect(await all(reader)).toEqual(told)
  const second = value(await copy.openWriter(holder))
  for (let turn = 0; turn < 9; turn++) await second.append(turn, [lost('later')])
  expect(await all(reader)).toHaveLength(18)
  await reader.close()
  await second.close()
  rmSync(dir, { recursive: true })
})

test('what is written is on the disk before it is acknowledged', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-journal-'))
  const prepared = vi.spyOn(DatabaseSync.prototype, 'prepare')
  const writer = value(await sqliteJournal(dir, options).openWriter({ pid: 1, host: 'h', what: 'anneal up' }))
  await writer.append(1, [lost('n1')])
  const { calls, contexts } = prepared.mock
  const writing = contexts.filter((_, index) => calls[index]?.[0].startsWith('INSERT INTO batches'))
  prepared.mockRestore()
  expect(writing).toHaveLength(1)
  for (const db of writing as DatabaseSync[]) {
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    // FULL: SQLite syncs its log with each commit.
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  }
  await writer.close()
  rmSync(dir, { recursive: true })
})

async function inNewDirectory(how: SqliteOptions, faults?: JournalFaults): Promise<JournalUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-journal-'))
  return {
    store: sqliteJournal(join(dir, '.anneal'), faults ? { ...how, faults } : how),
    async dispose() {
      rmSync(dir, { recursive: true })
    },
  }
}
