// Crash at every write: scenarios are told once for each of their writes, with death, a fault or a full disk there.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FATES, SCENARIOS, tellEveryWrite } from './every-write.ts'
import type { Circumstances } from './universe.ts'

/** `sqlite`: over a journal on disk, which takes many times as long. */
const JOURNAL = process.env['ANNEAL_JOURNAL'] ?? 'memory'
const PATIENCE_MS = { memory: 300_000, sqlite: 900_000 }[JOURNAL]
if (PATIENCE_MS === undefined) throw new Error(`ANNEAL_JOURNAL is memory or sqlite, not ${JOURNAL}`)

describe.each(Object.keys(SCENARIOS))('%s', (scenario) => {
  test.each(Object.keys(FATES))('at every write: %s', { timeout: PATIENCE_MS }, async (fate) => {
    const home = mkdtempSync(join(tmpdir(), 'anneal-every-write-'))
    let told = 0
    const circumstances = (): Circumstances =>
      JOURNAL === 'sqlite' ? { directory: join(home, `${told++}`) } : {}
    // What is over is no use to the next one.
    const after = async (): Promise<void> =>
      rmSync(join(home, `${told - 1}`), { recursive: true, force: true })
    try {
      expect(await tellEveryWrite(scenario, fate, circumstances, after)).toBeGreaterThan(20)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
