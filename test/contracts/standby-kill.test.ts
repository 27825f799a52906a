// Processes that share a PostgreSQL journal are killed, and so is the database: a few kills of what `npm run proof:postgres` tells.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tellKills } from '../proof/kill-story.ts'
import { seedOr } from '../support/seed.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

test('killed at any moment: one engine after the other, nothing acknowledged lost, only what was in flight again', async () => {
  const report = await tellKills(postgres, seedOr(3), 4)
  expect(report.acknowledged).toBe(4)
  expect(report.runs).toBeGreaterThan(60)
}, 300_000)
