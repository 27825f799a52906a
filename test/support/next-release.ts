// The next release of Anneal, made of these sources: another tree with its numbers raised, which runs beside this one.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILES, HOME } from '../tidy/tree.ts'

export const NEXT = '0.2.0'

export interface NextRelease {
  /** To be given to `siteDir`. */
  home: string
  /** From now on it is a release that writes what the one before cannot read. */
  breakWithThePast(): void
  remove(): void
}

export interface Edit {
  file: string
  find: RegExp
  put: (...found: string[]) => string
}

/** Wherever two releases meet, something is new: the talk with runners, snapshots, a field in an event. */
const NEW: readonly Edit[] = [
  { file: 'src/wire-home.ts', find: /(VERSION = )'0\.1\.0'/, put: (_, is = '') => `${is}'${NEXT}'` },
  raised('src/model/runner-talk.ts', 'RUNNER_PROTOCOL'),
  raised('src/annealer/snapshot-shape.ts', 'SNAPSHOT_VERSION'),
  {
    file: 'src/annealer/decide.ts',
    find: /kind: 'sessionStarted', session/,
    put: (found) => found.replace(',', ", colour: 'blue',"),
  },
]
const NEWER_FORMAT: readonly Edit[] = [
  raised('src/journal/codec.ts', 'FORMAT'),
  // An event of today means to it what it always did.
  {
    file: 'src/journal/codec.ts',
    find: /const step = UPCASTS\[from\]/,
    put: (is) => `${is} ?? ((one) => one)`,
  },
]

function raised(file: string, name: string): Edit {
  return {
    file,
    find: new RegExp(`(export const ${name} = )(\\d+)`),
    put: (_, is = '', number = '') => is + String(Number(number) + 1),
  }
}

export function nextRelease(): NextRelease {
  const { home, remove } = treeWith(NEW)
  return { home, breakWithThePast: () => NEWER_FORMAT.forEach((one) => edit(home, one)), remove }
}

/** These sources, with a few lines other than they are. */
export function treeWith(edits: readonly Edit[]): Pick<NextRelease, 'home' | 'remove'> {
  const home = mkdtempSync(join(tmpdir(), 'anneal-next-'))
  const needed = FILES.filter((path) => /^(bin|src|packages|schemas|package\.json)/.test(path))
  for (const path of needed) cpSync(join(HOME, path), join(home, path))
  symlinkSync(join(HOME, 'node_modules'), join(home, 'node_modules'))
  for (const one of edits) edit(home, one)
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) }
}

function edit(home: string, { file, find, put }: Edit): void {
  const path = join(home, file)
  const text = readFileSync(path, 'utf8')
  if (!find.test(text)) throw new Error(`${file} does not say ${find}`)
  writeFileSync(path, text.replace(find, put))
}
