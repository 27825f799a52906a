// Teeth: puts deliberate defects one by one into a copy of the tree and runs the tests that must catch each.
// `node test/teeth/teeth.ts [--only PART-OF-A-NAME ...] [--part 1/2] [--list] [--write]`; ends with 1 when one was not caught.
import { parseArgs } from 'node:util'
import { type Copy, copyTree } from './copy.ts'
import type { Defect, Selection } from './defect.ts'
import { DEFECTS } from './defects.ts'
import { runTests } from './suite.ts'
import { type Bite, testWords, writeRow } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    part: { type: 'string', default: '1/1' },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const named = DEFECTS.filter(
  ({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)),
)
const chosen = partOf(named, values.part)

if (values.list) for (const { name, file } of chosen) console.log(`${name}  ${file}`)
else process.exitCode = await main()

async function main(): Promise<number> {
  const copy = copyTree()
  process.once('exit', () => copy.remove())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const unfit = await unharmed(copy, chosen)
  for (const line of unfit) console.log(line)
  if (unfit.length > 0) return 1
  const bites: Bite[] = []
  for (const defect of chosen) {
    const bite = await bitten(copy, defect)
    const { caught, tookMs } = bite
    const by = caught ? testWords(caught) : 'NOTHING'
    const seed = caught?.selection.seed === undefined ? '' : `  seed ${caught.selection.seed}`
    console.log(`${defect.name}\n    ${by}${seed}  ${seconds(tookMs)}`)
    bites.push(bite)
    if (values.write) writeRow(bite)
  }
  const missed = bites.filter(({ caught }) => !caught).length
  console.log(`teeth: of ${bites.length} caught ${bites.length - missed}, not caught ${missed}`)
  return missed === 0 ? 0 : 1
}

/** Defects that the same file of tests catches stay together: that file is seen to be green before once. */
function partOf(defects: readonly Defect[], part: string): Defect[] {
  const [, which, of] = (/^(\d+)\/(\d+)$/.exec(part) ?? []).map(Number)
  if (!which || !of || which > of) throw new Error(`--part is like 1/2, not ${part}`)
  const files = Object.groupBy(defects, ({ caughtBy }) => caughtBy[0]?.path ?? '')
  const parts = Array.from({ length: of }, (): Defect[] => [])
  const most = Object.values(files).sort((one, other) => (other?.length ?? 0) - (one?.length ?? 0))
  for (const some of most) {
    const [least] = parts.toSorted((one, other) => one.length - other.length)
    least?.push(...(some ?? []))
  }
  const mine = new Set(parts[which - 1])
  return defects.filter((defect) => mine.has(defect))
}

/** Each selection without any defect: what is not green before shows nothing afterwards. */
async function unharmed(copy: Copy, defects: readonly Defect[]): Promise<string[]> {
  const complaints: string[] = []
  for (const { run, parts } of together(defects.flatMap(({ caughtBy }) => caughtBy))) {
    const { passed, failed, trouble, tookMs } = await runTests(copy.home, run)
    console.error(`without any defect: ${run.path}  ${seconds(tookMs)}`)
    for (const test of failed) complaints.push(`${run.path}: ${test}: fails without any defect`)
    if (trouble !== undefined) complaints.push(`${run.path}: ${trouble}`)
    for (const { only = '' } of parts) {
      if (failed.length > 0 || passed.some((name) => new RegExp(only).test(name))) continue
      complaints.push(`${run.path}: no test fits ${only}`)
    }
  }
  return complaints
}

/** Selections of one file with the same dice are run at once. */
function together(selections: readonly Selection[]): { run: Selection; parts: Selection[] }[] {
  const groups = new Map<string, Selection[]>()
  for (const one of selections) {
    const key = `${one.path} ${one.seed} ${one.runs}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].map((parts) => {
    const { only: _, ...run } = parts[0] as Selection
    const patterns = new Set(parts.map(({ only = '' }) => only))
    return { run: patterns.has('') ? run : { ...run, only: [...patterns].join('|') }, parts }
  })
}

async function bitten(copy: Copy, defect: Defect): Promise<Bite> {
  const { name, file } = defect
  const bite: Bite = { defect: name, file, tookMs: 0 }
  const fits = await copy.harm(defect, async () => {
    for (const selection of defect.caughtBy) {
      const { failed, trouble, tookMs } = await runTests(copy.home, selection)
      bite.tookMs += tookMs
      if (trouble !== undefined) console.log(`    ${selection.path}: ${trouble}`)
      if (failed[0] === undefined) continue
      bite.caught = { selection, test: failed[0] }
      break
    }
    return true
  })
  if (!fits) console.log(`    stale: its text does not stand exactly once in ${file}`)
  return bite
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
