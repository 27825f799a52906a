// Operations whose engine lives in this process keep the contract, and begin no journal to find out that there is none.
import { expect, test } from 'vitest'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { quiet, siteOperations } from '../../src/engine/site-operations.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { Operations } from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import { operationsContract } from './operations.ts'

operationsContract(async (parts) => {
  const operations = siteOperations(parts)
  return { operations, close: () => operations.close() }
})

const asking = { ...quiet('ann'), confirm: () => Promise.resolve(true) }

test.each<[string, (operations: Operations) => Promise<Answer<unknown>>]>([
  ['drift', (site) => site.drift({ ...asking, targets: [], repair: false })],
  ['rinse', (site) => site.rinse({ ...asking, targets: 'all', once: false })],
  ['commit', (site) => site.commit(asking)],
  ['discard', (site) => site.discard(1, 'ann')],
  ['rollback', (site) => site.rollback(1, 'ann', '')],
  ['forget', (site) => site.forget('n1', asking)],
  ['hold', (site) => site.control({ kind: 'hold', targets: ['n1'] }, asking)],
  ['stop', (site) => site.control({ kind: 'stop' }, asking)],
  ['revoke a token', (site) => site.access.revokeToken('ci', 'ann')],
  ['drain a runner', (site) => site.runners.drain('far', 'ann')],
])('where nothing was ever committed, nothing is left behind: %s', async (_, ask) => {
  const store = memoryJournal()
  const nobody = (): Promise<never> => Promise.reject(new Error('nothing is carried out here'))
  const operations = siteOperations({
    store,
    language: makeLanguage(),
    clock: systemClock,
    makeRunner: nobody,
    makeExecutor: nobody,
    rehearseAside: nobody,
    holder: { pid: 1, host: 'here', what: 'a test' },
  })
  expect(await ask(operations)).toMatchObject({ ok: false, refusal: { code: 'nothingThere' } })
  await operations.close()
  expect(await store.openReader()).toMatchObject({ ok: false })
})
