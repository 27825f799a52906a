// The SQLite journal against the contract of a journal.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { journalContract } from './journal.ts'

journalContract('SQLite', async (faults) => {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-journal-'))
  const options = { site: 'demo', toolVersion: '0.1.0' }
  return {
    store: sqliteJournal(join(dir, '.anneal'), faults ? { ...options, faults } : options),
    async dispose() {
      rmSync(dir, { recursive: true })
    },
  }
})
