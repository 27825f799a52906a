// Operations asked of a standby keep the contract: what it reads follows the journal in PostgreSQL, what changes it hands on.
import { afterAll, beforeAll } from 'vitest'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { standby } from '../support/standby.ts'
import { operationsContract } from './operations.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

operationsContract(async (parts, now) => {
  const place = postgres.place()
  const first = await standby(parts, now, place, { host: 'first' })
  const second = await standby(parts, now, place, { host: 'second' })
  return {
    operations: second.operations,
    async close() {
      await second.close()
      await first.close()
    },
  }
})
