// The table of defects: what was done, what caught it, and the seed where dice are thrown; also in docs/reliability.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOME } from '../tidy/tree.ts'
import type { Selection } from './defect.ts'

export interface Bite {
  defect: string
  file: string
  /** Undefined where nothing has caught it. */
  caught?: { selection: Selection; test: string }
  tookMs: number
}

const PAGE = join(HOME, 'docs', 'reliability.md')
const MARKED = /(<!-- teeth -->\n)[\s\S]*?(<!-- end -->)/

/** Without times: the page changes only when what catches a defect does. */
export function writeTable(bites: readonly Bite[]): void {
  const page = readFileSync(PAGE, 'utf8')
  if (!MARKED.test(page)) throw new Error(`${PAGE} has no <!-- teeth --> and <!-- end --> to write between`)
  writeFileSync(
    PAGE,
    page.replace(MARKED, (_, open: string, end: string) => `${open}\n${markdown(bites)}\n\n${end}`),
  )
}

function markdown(bites: readonly Bite[]): string {
  const rows = bites.map(
    ({ defect, file, caught }) =>
      `| ${cell(defect)} | \`${file}\` | ${caught ? cell(testWords(caught)) : '**nothing**'} | ${caught?.selection.seed ?? ''} |`,
  )
  return ['| defect | in | caught by | seed |', '|---|---|---|---|', ...rows].join('\n')
}

export function testWords({ selection, test }: NonNullable<Bite['caught']>): string {
  return `${selection.path}: ${test}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<')
}
