// Crash at every write: scenarios are told once for each of their writes, with death, a fault or a full disk there.
import { describe, expect, test } from 'vitest'
import { FATES, SCENARIOS, tellEveryWrite } from './every-write.ts'

describe.each(Object.keys(SCENARIOS))('%s', (scenario) => {
  test.each(Object.keys(FATES))('at every write: %s', { timeout: 120_000 }, async (fate) => {
    expect(await tellEveryWrite(scenario, fate)).toBeGreaterThan(20)
  })
})
