// The table of defects: what was done, what caught it, and the seed where dice are thrown; also in docs/reliability.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOME } from '../tidy/tree.ts'
import type { Selection } from './defect.ts'
import { DEFECTS } from './defects.ts'

export interface Bite {
  defect: string
  file: string
  /** Undefined where nothing has caught it. */
  caught?: { selection: Selection; test: string }
  tookMs: number
}

const PAGE = join(HOME, 'docs', 'reliability.md')
const MARKED = /(<!-- teeth -->\n)([\s\S]*?)(<!-- end -->)/

/** What each defect is said to be caught by, by its name; undefined where nothing is said of it, or that nothing has caught it. */
export function catches(): Map<string, string | undefined> {
  const rows = rowsIn(readFileSync(PAGE, 'utf8'))
  return new Map(
    DEFECTS.map(({ name }) => {
      const row = rows.get(cell(name))
      return [name, row?.includes(NOTHING) ? undefined : row]
    }),
  )
}

/** Rows of others stay as they are; those that are not on the list any more go. Without times, which say nothing lasting. */
export function writeRow(bite: Bite): void {
  const page = readFileSync(PAGE, 'utf8')
  const rows = rowsIn(page)
  rows.set(cell(bite.defect), rowOf(bite))
  const told = DEFECTS.flatMap(({ name }) => rows.get(cell(name)) ?? [])
  const table = ['| defect | in | caught by | seed |', '|---|---|---|---|', ...told].join('\n')
  writeFileSync(
    PAGE,
    page.replace(MARKED, (_, open: string, _before: string, end: string) => `${open}\n${table}\n\n${end}`),
  )
}

function rowsIn(page: string): Map<string | undefined, string> {
  const told = MARKED.exec(page)?.[2]
  if (told === undefined) throw new Error(`${PAGE} has no <!-- teeth --> and <!-- end --> to write between`)
  return new Map(told.split('\n').map((line) => [/^\| (.*?) \| `/.exec(line)?.[1], line]))
}

const NOTHING = '**nothing**'

function rowOf({ defect, file, caught }: Bite): string {
  const by = caught ? cell(testWords(caught)) : NOTHING
  return `| ${cell(defect)} | \`${file}\` | ${by} | ${caught?.selection.seed ?? ''} |`
}

export function testWords({ selection, test }: NonNullable<Bite['caught']>): string {
  return `${selection.path}: ${test}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<')
}
