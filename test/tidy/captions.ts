// Captions: the sentence that each file opens with, and the map made of them.
import { FILES, isUnitTest, textOf } from './tree.ts'

/** Kinds of files that open with a comment, and how that comment is written. */
const STYLES: readonly { files: RegExp; read(text: string): string | undefined }[] = [
  { files: /\.(ts|tsx|js|mjs)$/, read: (text) => lines(text, /^\/\/ ?(.*)$/) },
  { files: /\.(sh|pl|py|yaml|yml|conf|toml)$/, read: (text) => lines(text, /^# ?(.*)$/) },
  {
    files: /\.j2$/,
    read: (text) => between(text, /^\{#-?\s*([\s\S]*?)\s*-?#\}/) ?? lines(text, /^# ?(.*)$/),
  },
  { files: /\.css$/, read: (text) => between(text, /^\/\*\s*([\s\S]*?)\s*\*\//) },
  { files: /\.(html|svg)$/, read: (text) => between(text, /<!--\s*([\s\S]*?)\s*-->/) },
  { files: /\.md$/, read: (text) => lines(text, /^# (.*)$/) },
]

const FOLDERS = /^(src|web|bin|test|bench|packages)\//

/** Files that must open with a sentence. */
export function mustHaveCaption(path: string): boolean {
  return FOLDERS.test(path) && !path.endsWith('.md') && STYLES.some(({ files }) => files.test(path))
}

/** The first sentence of the comment at the top; undefined when there is none. */
export function captionOf(path: string): string | undefined {
  const text = textOf(path).replace(/^#!.*\n/, '')
  const comment = STYLES.find(({ files }) => files.test(path))?.read(text)
  return (
    comment?.match(/^[\s\S]*?[.!?](?= +[A-Z`(]|\n|$)/)?.[0].replaceAll('\n', ' ') ??
    (path.endsWith('.md') ? comment : undefined)
  )
}

/** A block of MAP.md that is made from the files: `<!-- files: src/base -->` ... `<!-- end -->`. */
export interface Block {
  folder: string
  lines: string[]
}

const BLOCK = /(<!-- (files|folders): (\S+) -->\n)([\s\S]*?)(<!-- end -->)/g

export function blocksOf(map: string, kind: 'files' | 'folders'): Block[] {
  const matches = [...map.matchAll(BLOCK)].filter((match) => match[2] === kind)
  return matches.map(([, , , folder = '', body = '']) => ({
    folder,
    lines: body.split('\n').filter(Boolean),
  }))
}

/** The lines that stand in a block, from the files as they are. */
export function linesFor(folder: string, folders: readonly string[]): string[] {
  return mapped()
    .filter((path) => blockOf(path, folders) === folder)
    .map(lineFor)
}

/** Files with a line of their own; tests, fixtures and examples stand in the map by folder. */
export function mapped(): string[] {
  const paths = FILES.filter((path) => mustHaveCaption(path) || /^docs\/.*\.md$/.test(path))
  return paths.filter((path) => !path.startsWith('test/') && !isUnitTest(path))
}

/** The block of a file is that of the deepest folder. */
export function blockOf(path: string, folders: readonly string[]): string | undefined {
  const holding = folders.filter((folder) => path.startsWith(`${folder}/`))
  return holding.sort((a, b) => b.length - a.length)[0]
}

export function lineFor(path: string): string {
  return `- [${path}](${path}) ${captionOf(path) ?? '(opens without a sentence)'}`
}

/** The map with every block of files as the files have it; what is written by hand stays. */
export function rewritten(map: string): string {
  const folders = blocksOf(map, 'files').map((block) => block.folder)
  return map.replace(BLOCK, (block, open: string, kind: string, folder: string, _: string, end: string) => {
    if (kind !== 'files') return block
    return `${open}${linesFor(folder, folders)
      .map((line) => `${line}\n`)
      .join('')}${end}`
  })
}

function lines(text: string, line: RegExp): string | undefined {
  const words: string[] = []
  for (const each of text.split('\n')) {
    const said = line.exec(each)?.[1]?.trim()
    if (!said) break
    words.push(said)
  }
  return words.length > 0 ? words.join('\n') : undefined
}

function between(text: string, comment: RegExp): string | undefined {
  return comment.exec(text)?.[1]?.replace(/[ \t]*\n[ \t]*/g, '\n')
}
