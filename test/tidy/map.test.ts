// MAP.md and the files: each file opens with a sentence, and the map has one line for it with that same sentence.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import {
  blockOf,
  blocksOf,
  captionOf,
  lineFor,
  linesFor,
  mapped,
  mustHaveCaption,
  rewritten,
} from './captions.ts'
import { expectNone } from './offenders.ts'
import { FILES, HOME } from './tree.ts'

const MAP = join(HOME, 'MAP.md')
const REWRITE = 'ANNEAL_REWRITE=1 vitest run test/tidy writes the lines from the files'

if (process.env['ANNEAL_REWRITE'] === '1') writeFileSync(MAP, rewritten(readFileSync(MAP, 'utf8')))
const map = readFileSync(MAP, 'utf8')
const blocks = blocksOf(map, 'files')
const folders = blocks.map((block) => block.folder)

test('each file opens with a comment that says in one sentence what it is', () => {
  const silent = FILES.filter((path) => mustHaveCaption(path) && captionOf(path) === undefined)
  expectNone(
    silent,
    'Open the file with a comment: one sentence with its full stop, which MAP.md will have, too',
  )
})

test('a sentence fits on a line of the map', () => {
  const long = FILES.filter((path) => mustHaveCaption(path) && (captionOf(path)?.length ?? 0) > 200)
  expectNone(long, 'Say it in 200 characters: what comes after the first sentence does not stand in the map')
})

test('no two files say the same of themselves', () => {
  const first = new Map<string, string>()
  const doubles = mapped().flatMap((path) => {
    const caption = captionOf(path) ?? path
    const other = first.get(caption)
    if (other === undefined) first.set(caption, path)
    return other === undefined ? [] : [`${path} and ${other}: ${caption}`]
  })
  expectNone(doubles, 'Say how they differ, or make one file of them')
})

test('the map has one line per file, with the sentence of the file', () => {
  const wrong = blocks.flatMap(({ folder, lines }) => {
    const wanted = linesFor(folder, folders)
    const missing = wanted.filter((line) => !lines.includes(line)).map((line) => `add     ${line}`)
    const extra = lines.filter((line) => !wanted.includes(line)).map((line) => `remove  ${line}`)
    const ordered = missing.length + extra.length > 0 || lines.join('\n') === wanted.join('\n')
    return [...extra, ...missing, ...(ordered ? [] : [`order   the lines of ${folder} by name`])]
  })
  expectNone(wrong, `MAP.md differs from the files; ${REWRITE}`)
})

test('every file is in a block of the map', () => {
  const homeless = mapped().filter((path) => blockOf(path, folders) === undefined)
  expectNone(
    homeless.map((path) => lineFor(path)),
    'Give the folder a heading in MAP.md with <!-- files: FOLDER --> and <!-- end -->',
  )
})

test('tests and examples stand in the map by folder', () => {
  const wrong = blocksOf(map, 'folders').flatMap(({ folder, lines }) => {
    const wanted = childrenOf(folder).map((child) => `- [${child}/](${child}/) `)
    const missing = wanted.filter(
      (start) => !lines.some((line) => line.startsWith(start) && line.length > start.length),
    )
    const extra = lines.filter((line) => !wanted.some((start) => line.startsWith(start)))
    return [
      ...missing.map((start) => `add     ${start}what is in it`),
      ...extra.map((line) => `remove  ${line}`),
    ]
  })
  expectNone(wrong, 'MAP.md has one line by hand for each folder below test/ and examples/')
})

function childrenOf(folder: string): string[] {
  const children = FILES.filter((path) => path.startsWith(`${folder}/`)).flatMap((path) => {
    const rest = path.slice(folder.length + 1)
    return rest.includes('/') ? [`${folder}/${rest.slice(0, rest.indexOf('/'))}`] : []
  })
  return [...new Set(children)]
}
