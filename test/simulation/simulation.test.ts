// Simulation: the production engine, annealer, runner and journal in a universe of faults, seed by seed. A failure prints
// the seed and the shortest story found; it belongs into stories/ with the mend. ANNEAL_SEED and ANNEAL_STORIES choose others.
import { seedOr } from '../support/seed.ts'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dice } from './dice.ts'
import { storyOf, STEP_NAMES } from './faults.ts'
import { shortest } from './shrink.ts'
import { type Story, storyText } from './story.ts'
import { type Circumstances, COMPARE_EVERY, tellStory } from './universe.ts'

const FIRST = seedOr(1)
const COUNT = Number(process.env['ANNEAL_STORIES'] ?? 2_000)
/** So many seeds to a test, so that the others go on when one fails. */
const CHUNK = 20
const LINES_SHOWN = 80

const met = new Set<string>()
const directories: string[] = []

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

for (let from = FIRST; from < FIRST + COUNT; from += CHUNK) {
  const to = Math.min(from + CHUNK, FIRST + COUNT) - 1
  test(`stories ${from} to ${to} end well`, { timeout: 300_000 }, async () => {
    for (let seed = from; seed <= to; seed++) await expectGoodEnd(storyOf(seed), comparedNowAndThen(seed))
  })
}

test('stories over a real journal end well', { timeout: 300_000 }, async () => {
  for (let seed = FIRST; seed < FIRST + COUNT / 100; seed++) {
    const story = storyOf(seed)
    await expectGoodEnd(story, { directory: newDirectory() })
  }
})

test.each(['in memory', 'over a real journal'])(
  'the same seed tells the same story and leaves the same journal byte for byte, %s',
  { timeout: 300_000 },
  async (where) => {
    const circumstances = (): Circumstances => (where === 'in memory' ? {} : { directory: newDirectory() })
    for (let seed = FIRST; seed < FIRST + 10; seed++) {
      const first = await tellStory(storyOf(seed), circumstances())
      const again = await tellStory(storyOf(seed), circumstances())
      expect(again.lines.join('\n')).toBe(first.lines.join('\n'))
      expect(again.universe.disk.text).toBe(first.universe.disk.text)
      expect(first.universe.disk.text).toContain('runStarted')
    }
  },
)

test('all kinds of steps were met', () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++)
    for (const step of storyOf(seed).steps) met.add(step.do)
  expect([...met].sort()).toEqual([...STEP_NAMES].sort())
})

const kept = new URL('./stories/', import.meta.url)
for (const file of readdirSync(kept)) {
  const { about, ...story } = JSON.parse(readFileSync(new URL(file, kept), 'utf8')) as Story & {
    about: string
  }
  // Looked at after each step: what was wrong was to be seen for a moment only, which moves when anything else does.
  test(`kept: ${about}`, async () => {
    await expectGoodEnd(story, { compareEvery: 1 })
  })
}

async function expectGoodEnd(story: Story, circumstances: Circumstances = {}): Promise<void> {
  const told = await tellStory(story, circumstances)
  if (!told.broken) return
  const short = await shortest(story)
  const lines = (await tellStory(short)).lines.slice(-LINES_SHOWN).join('\n')
  expect.fail(`${told.broken.message}\n\n${storyText(short)}\n\n${lines}`)
}

/** How often all worlds are held against each other is dealt by the seed; a soak does it as often as the first of these. */
function comparedNowAndThen(seed: number): Circumstances {
  return { compareEvery: dice(seed, 'compares').pick([COMPARE_EVERY, 200, 400, 400]) }
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-simulation-'))
  directories.push(directory)
  return join(directory, 'journal')
}
