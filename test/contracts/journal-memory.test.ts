// The journal in memory against the contract of a journal.
import { expect, test } from 'vitest'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import { all, journalContract, lost, value } from './journal.ts'

journalContract('memory', async (faults) => ({
  store: memoryJournal(faults ? { faults } : {}),
  async dispose() {},
}))

test('a killed writer frees the lock and loses what was not acknowledged', async () => {
  const journal = memoryJournal({ encode: false })
  const holder = { pid: 1, host: 'h', what: 'anneal up' }
  const writer = value(await journal.openWriter(holder))
  await writer.append(1, [lost('a')])
  const never = writer.append(2, [lost('b')])
  journal.kill()
  await expect(never).rejects.toThrow('died')
  await expect(writer.append(3, [lost('c')])).rejects.toThrow('died')
  const next = value(await journal.openWriter(holder))
  expect((await all(next)).map((one) => one.event)).toEqual([lost('a')])
  await writer.close()
  expect((await journal.openWriter(holder)).ok).toBe(false)
})
