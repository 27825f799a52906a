// Soak: tells stories of many seeds, `--stories 10000 --seed 1` or `--minutes 10` of new ones; `--journal` over a real one.
// Prints each that ends badly, shrunk and ready to be kept, and ends with 1 when there was one. An interrupt ends it, too,
// after the story that is being told.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { storyOf } from './faults.ts'
import { shortest } from './shrink.ts'
import { storyText } from './story.ts'
import { type Circumstances, tellStory } from './universe.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    stories: { type: 'string' },
    seed: { type: 'string' },
    journal: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed ?? Date.now() % 1_000_000_000)
const stories = Number(values.stories ?? Infinity)
const minutes = Number(values.minutes ?? (values.stories === undefined ? 1 : Infinity))
const began = Date.now()
const LINES_SHOWN = 80
/** How Node ends when what is awaited at the top never comes. */
const NEVER_SETTLED = 13
/** So many stories to a line that says how far it is. */
const LINE_EVERY = 500

const asked = [
  ...(values.stories === undefined ? [] : [`${stories} stories`]),
  ...(Number.isFinite(minutes) ? [`${minutes} min`] : []),
]
console.log(`soak: from seed ${first}, ${asked.join(' or ')}`)
let told = 0
let bad = 0
let longest = 0
let runs = 0
let stopped = false
/** Of a story that waits for itself Node says no more than that nothing is left to do. */
process.on('exit', (code) => {
  if (code === NEVER_SETTLED) console.log(`soak: the story of seed ${first + told} waits for itself`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopped = true))
for (; !stopped && told < stories && Date.now() < began + minutes * 60_000; told++) {
  if (told > 0 && told % LINE_EVERY === 0) console.log(`soak: ${summary()}`)
  const story = storyOf(first + told)
  const { broken, universe } = await inCircumstances((circumstances) => tellStory(story, circumstances))
  longest = Math.max(longest, universe.steps)
  runs += universe.model.runs.size
  if (!broken) continue
  bad++
  const short = await shortest(story)
  const lines = (await tellStory(short)).lines.slice(-LINES_SHOWN).join('\n')
  console.log(`\n${broken.message}\n${storyText(short)}\n${JSON.stringify(short)}\n${lines}`)
}
console.log(`soak: ${summary()}`)
process.exitCode = bad === 0 ? 0 : 1

function summary(): string {
  const seconds = Math.round((Date.now() - began) / 1000)
  return `${told} stories of at most ${longest} steps, ${runs} runs in all, ${bad} ended badly, ${seconds} s`
}

async function inCircumstances<T>(tell: (circumstances: Circumstances) => Promise<T>): Promise<T> {
  if (!values.journal) return tell({})
  const directory = mkdtempSync(join(tmpdir(), 'anneal-soak-'))
  try {
    return await tell({ directory: join(directory, 'journal') })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
