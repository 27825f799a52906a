// Simulation over a journal in PostgreSQL: stories end well by their invariants, and one scenario is told once for each of its commits.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { connectTo } from '../../src/journal/postgres-place.ts'
import { seedOr } from '../support/seed.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { FATES, tellEveryWrite } from './every-write.ts'
import { storyOf } from './faults.ts'
import { storyText } from './story.ts'
import { type Circumstances, tellStory } from './universe.ts'

const FIRST = seedOr(1)
const COUNT = Number(process.env['ANNEAL_STORIES'] ?? 40)
/** So many seeds to a test, so that the others go on when one fails. */
const CHUNK = 10

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

for (let from = FIRST; from < FIRST + COUNT; from += CHUNK) {
  const to = Math.min(from + CHUNK, FIRST + COUNT) - 1
  test(`stories ${from} to ${to} end well`, { timeout: 300_000 }, async () => {
    let runs = 0
    for (let seed = from; seed <= to; seed++) {
      const story = storyOf(seed)
      const told = await tellStory(story, { ...inPostgres(), compareEvery: 200 })
      if (told.broken) expect.fail(`${told.broken.message}\n${storyText(story)}`)
      runs += told.universe.model.runs.size
      await closeWhatIsLeft()
    }
    expect(runs).toBeGreaterThan(50)
  })
}

/** What fails without a death is told over other journals. */
const HERE = Object.keys(FATES).filter((fate) => /dies/.test(fate))

test.each(HERE)('a first apply, at every commit: %s', { timeout: 300_000 }, async (fate) => {
  expect(await tellEveryWrite('a first apply', fate, inPostgres, closeWhatIsLeft)).toBeGreaterThan(20)
})

/** Another schema each time. */
function inPostgres(): Circumstances {
  const place = postgres.place()
  return { journal: (faults) => postgresJournal(place, { site: 'site', toolVersion: '0', faults }) }
}

/** A process that dies in a story closes nothing, and its connections are this process's. */
async function closeWhatIsLeft(): Promise<void> {
  const client = await connectTo(postgres.place(), 'a test')
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  )
  await client.end()
}
