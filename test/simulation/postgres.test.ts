// Simulation over a journal in PostgreSQL: a sample of the stories; each ends well.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { seedOr } from '../support/seed.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { storyOf } from './faults.ts'
import { storyText } from './story.ts'
import { tellStory } from './universe.ts'

const FIRST = seedOr(1)
const COUNT = 2

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

test('stories over a journal in PostgreSQL end well', {
  timeout: 120_000,
}, async () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const story = storyOf(seed)
    const place = postgres.place()
    const told = await tellStory(story, {
      journal: (faults) => postgresJournal(place, { site: 'site', toolVersion: '0', faults }),
    })
    if (told.broken) throw new Error(`${told.broken.message}\n${storyText(story)}`)
    expect(told.universe.disk.text).toContain('runStarted')
  }
})
