// Simulation over a journal in PostgreSQL: stories end well by their invariants, and one scenario is told once for each of its commits.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { seedOr } from '../support/seed.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { FATES, tellEveryWrite } from './every-write.ts'
import { storyOf } from './faults.ts'
import { storyText } from './story.ts'
import { type Circumstances, tellStory } from './universe.ts'

const FIRST = seedOr(1)
const COUNT = Number(process.env['ANNEAL_STORIES'] ?? 200)
/** So many seeds to a test, so that the others go on when one fails. */
const CHUNK = 10

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

for (let from = FIRST; from < FIRST + COUNT; from += CHUNK) {
  const to = Math.min(from + CHUNK, FIRST + COUNT) - 1
  test(`stories ${from} to ${to} end well`, { timeout: 120_000 }, async () => {
    for (let seed = from; seed <= to; seed++) {
      const story = storyOf(seed)
      const told = await tellStory(story, { ...inPostgres(), compareEvery: 200 })
      if (told.broken) expect.fail(`${told.broken.message}\n${storyText(story)}`)
      expect(told.universe.disk.text).toContain('runStarted')
    }
  })
}

/** A commit that fails or that nobody hears the end of; what a full disk does to it is the same as that it fails. */
const HERE = Object.keys(FATES).filter((fate) => !fate.includes('full'))

test.each(HERE)('a first apply, at every commit: %s', { timeout: 300_000 }, async (fate) => {
  expect(await tellEveryWrite('a first apply', fate, inPostgres)).toBeGreaterThan(20)
})

/** Another schema each time. */
function inPostgres(): Circumstances {
  const place = postgres.place()
  return { journal: (faults) => postgresJournal(place, { site: 'site', toolVersion: '0', faults }) }
}
