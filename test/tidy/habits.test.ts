// Habits of the house: words that do not belong into a room, names that say nothing, files that have grown too long.
import { test } from 'vitest'
import { expectNone } from './offenders.ts'
import { PURE } from './rooms.ts'
import { placesOf } from './source.ts'
import { FILES, isCode, isUnitTest, roomOf, textOf, under } from './tree.ts'

const inHouse = under('src', 'web').filter(isCode)
const written = FILES.filter(isCode)

/** Pattern, the files that it holds for, and what to use instead. */
const WORDS: readonly { name: string; pattern: RegExp; files: (path: string) => boolean; instead: string }[] =
  [
    {
      name: 'no clock, dice or timer in the pure rooms',
      pattern:
        /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\bperformance\b|\brandom(UUID|Bytes|Int)\b|\bprocess\.\w+/g,
      files: (path) => PURE.includes(roomOf(path) ?? '') && !isUnitTest(path),
      instead: 'Take the time, the seed or the setting as an argument: it comes in with the turn',
    },
    {
      name: 'no console in the house',
      pattern: /\bconsole\.\w+\s*\(/g,
      // Tests print their stories where they like; bin and bench are programs.
      files: (path) => /^(src|web)\//.test(path),
      instead:
        'Write through what you were given: the world of the CLI (stdout is data, stderr is talk), a notice, a log',
    },
    {
      name: 'only the roof and the world of the CLI end the process',
      pattern: /\bprocess\.(exit|abort|reallyExit)\b/g,
      files: (path) => roomOf(path) !== undefined && path !== 'src/cli/process-world.ts',
      instead:
        'Answer with a refusal or an exit code and let the door end; programs of their own set process.exitCode',
    },
    {
      name: 'no enum, no namespace, no default export of a class',
      pattern: /^(export )?(declare )?(const )?(enum|namespace) \w+|^export default (abstract )?class\b/gm,
      files: (path) => /^(src|web)\//.test(path),
      instead: 'A union of literals and a table; a named export',
    },
    {
      name: 'no snapshot of what is asserted on time',
      pattern: /\bexpect\([^)]*\b(elapsed|durationMs|wallMs|tookMs)\b[^)]*\)\.toBe(Less|Greater)Than/g,
      files: isUnitTest,
      instead: 'Wait for events and assert what happened; figures are for bench/',
    },
  ]

for (const { name, pattern, files, instead } of WORDS) {
  test(name, () => {
    expectNone(
      written.filter(files).flatMap((path) => placesOf(path, pattern)),
      instead,
    )
  })
}

test('default exports are for commands and settings of tools', () => {
  const others = inHouse.filter(
    (path) => !path.startsWith('src/cli/commands/') && path !== 'web/vite.config.ts',
  )
  expectNone(
    others.flatMap((path) => placesOf(path, /^export default\b/gm)),
    'Export it by its name',
  )
})

test('nothing is put off in a comment', () => {
  // In two parts, or this file would be its own first offender.
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`, 'g')
  const marked = FILES.filter((path) => /\.(ts|tsx|js|mjs|sh|pl|py|css|yaml|j2)$/.test(path)).flatMap(
    (path) =>
      textOf(path)
        .split('\n')
        .flatMap((line, index) => (line.match(marks) ? [`${path}:${index + 1}  ${line.trim()}`] : [])),
  )
  expectNone(marked, 'Do it now, or write down where it is planned; code says what is')
})

test('a name says what is in the file', () => {
  const empty = FILES.filter(
    (path) =>
      /^(src|web|bin|test|bench)\//.test(path) &&
      /(^|[/.-])(utils?|helpers?|misc|common)([/.-]|$)/.test(path),
  )
  expectNone(
    empty,
    'Name it by the one idea that it exports; what has no name of its own goes to where it is used',
  )
})

test('sources only: what a compiler makes does not lie beside them', () => {
  const made = under('src').filter((path) => /\.(d\.ts|js|map|tsbuildinfo)$/.test(path))
  expectNone(made, 'Remove it; the compiler writes here when an import leads out of its room')
})

test('files are named in kebab-case', () => {
  const others = inHouse.filter(
    (path) =>
      // Vite looks for it under this name.
      path !== 'web/vite.config.ts' &&
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|tsx|js|mjs)$/.test(path.slice(path.lastIndexOf('/') + 1)),
  )
  expectNone(others, 'kebab-case, as the idea that it exports')
})

/** A typical file is one to two screens; past this, look for the sentence in it that wants a file. */
const LINES_MOST = 450

test(`no file of the house has more than ${LINES_MOST} lines`, () => {
  const long = inHouse.flatMap((path) => {
    const lines = textOf(path).split('\n').length - 1
    return lines > LINES_MOST ? [`${path}  ${lines} lines`] : []
  })
  expectNone(long, 'Cut it where its tests or its callers already fall into groups')
})
