// The files of this repository and their text: what all house rules look at.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'

export const HOME = join(import.meta.dirname, '..', '..')

/** Tracked files and new ones that are not ignored, as paths from the roof, sorted. */
export const FILES: readonly string[] = listed()

const texts = new Map<string, string>()

export function textOf(path: string): string {
  let text = texts.get(path)
  if (text === undefined) texts.set(path, (text = readFileSync(join(HOME, path), 'utf8')))
  return text
}

/** Binary files have a NUL early on, as git has it. */
export function isText(path: string): boolean {
  return !textOf(path).slice(0, 8_000).includes('\0')
}

export function under(...folders: string[]): string[] {
  return FILES.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|js|mjs)$/.test(path)
}

export function isUnitTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path)
}

/** `src/annealer/turn.ts` lives in `annealer`; the roof and what is outside of the house live in no room. */
export function roomOf(path: string): string | undefined {
  const [top, room, ...rest] = path.split('/')
  if (top === 'web') return 'web'
  return top === 'src' && rest.length > 0 ? room : undefined
}

/** The path that a relative specifier means, seen from a file. */
export function resolved(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier))
}

function listed(): string[] {
  const told = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: HOME,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const paths = [...new Set(told.split('\0'))].filter((path) => path !== '')
  return paths.filter((path) => statSync(join(HOME, path), { throwIfNoEntry: false })?.isFile()).sort()
}
