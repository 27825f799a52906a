// Soak: tells stories of new seeds for as long as it is asked to, e.g. `node test/simulation/soak.ts --minutes 10`.
// Prints each that ends badly, shrunk, and ends with 1 when there was one.
import { parseArgs } from 'node:util'
import { storyOf } from './faults.ts'
import { shortest } from './shrink.ts'
import { storyText } from './story.ts'
import { tellStory } from './universe.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, from: { type: 'string' } },
})
const first = Number(values.from ?? Date.now() % 1_000_000_000)
const until = Date.now() + Number(values.minutes) * 60_000
const LINES_SHOWN = 80

console.log(`soak: from seed ${first}, for ${values.minutes} min`)
let seed = first
let bad = 0
let longest = 0
for (; Date.now() < until; seed++) {
  const told = await tellStory(storyOf(seed))
  longest = Math.max(longest, told.universe.steps)
  if (!told.broken) continue
  bad++
  const short = await shortest(storyOf(seed))
  const lines = (await tellStory(short)).lines.slice(-LINES_SHOWN).join('\n')
  console.log(`\n${told.broken.message}\n${storyText(short)}\n${lines}`)
}
console.log(`soak: ${seed - first} stories of at most ${longest} steps, ${bad} ended badly`)
process.exitCode = bad === 0 ? 0 : 1
