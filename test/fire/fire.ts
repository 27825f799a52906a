// The lab under fire, by hand: `npm run lab:fire -- --minutes 10 --seed 7`. Ends with 1 when anything was wrong.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { underFire } from './under-fire.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const keepIn = mkdtempSync(join(tmpdir(), `anneal-fire-${seed}-`))
const enough = new AbortController()
process.once('SIGINT', () => enough.abort())

const { wrongs, counts, ending } = await underFire({
  seed,
  forMs: Number(values.minutes) * 60_000,
  keepIn,
  print: (line) => console.log(line),
  enough: enough.signal,
})
const listed = (told: ReadonlyMap<string, number>): string =>
  [...told].map(([what, count]) => `${count} ${what}`).join(', ')
console.log(`\nseed ${seed}: ${listed(counts)}`)
if (ending) {
  const { put, acknowledged, retries, longestMs, lost } = ending.tally
  console.log(`runs: ${listed(ending.runs)}`)
  console.log(
    `keys: ${put} written, ${acknowledged} acknowledged, ${lost.length} lost; ${retries} requests sent again, the longest wait ${longestMs} ms`,
  )
}
for (const wrong of wrongs) console.log(`WRONG: ${wrong}`)
console.log(`${wrongs.length === 0 ? 'ended well' : `${wrongs.length} wrong`}; the tale is kept in ${keepIn}`)
process.exitCode = wrongs.length === 0 ? 0 : 1
