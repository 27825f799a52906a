// The SQLite journal against the contract of a journal, written by this thread and by one of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalFaults } from '../../src/journal/journal.ts'
import { type SqliteOptions, sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { type JournalUnderTest, journalContract } from './journal.ts'

const options: SqliteOptions = { site: 'demo', toolVersion: '0.1.0' }

journalContract('SQLite', (faults) => inNewDirectory(options, faults))
journalContract('SQLite with a writing thread', (faults) => {
  return inNewDirectory({ ...options, directCommits: 0 }, faults)
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
