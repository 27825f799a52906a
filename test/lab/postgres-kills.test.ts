// Engine, runner and PostgreSQL killed on real hosts: a short story of what `npm run proof:postgres -- --lab` tells at length.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tellLabKills, VICTIMS } from '../proof/lab-story.ts'
import { seedOr } from '../support/seed.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

test('killed in turn: the same end, nothing acknowledged lost, one engine at a time, on each host one run at a time', async () => {
  const report = await tellLabKills(postgres, seedOr(1), VICTIMS.length)
  expect(report.kills).toEqual({ engine: 1, runner: 1, postgres: 1, stopped: 1 })
  expect(report.acknowledged).toBe(VICTIMS.length)
})
