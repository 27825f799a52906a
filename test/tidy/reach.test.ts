// Nothing lies about: each file is reached from somewhere that runs, and each exported name is used by somebody.
import { test } from 'vitest'
import { expectNone } from './offenders.ts'
import { codeOf, exportsOf, importsOf, urlsOf } from './source.ts'
import { FILES, isCode, isUnitTest, resolved, textOf, under } from './tree.ts'

const code = FILES.filter(isCode)

/** Where running begins. A unit test beside a file does not keep it alive: somebody must want it. */
const BEGINNINGS = [
  'src/main.ts',
  ...under('bin', 'bench', 'test').filter(isCode),
  ...programs(),
  ...under('web').filter((path) => /^web\/[^/]*\.(ts|html)$|^web\/src\/main\.tsx?$/.test(path)),
]

/** Names that nobody here imports and that are there for others, with why. */
const PUBLIC: Readonly<Record<string, string>> = {
  'web/vite.config.ts#default': 'Vite reads it',
}

test('each file of the house is reached from the roof, from bin, from bench or from a test', () => {
  const reached = reach(BEGINNINGS)
  const dead = under('src', 'web').filter((path) => isReachable(path) && !reached.has(path))
  expectNone(dead, 'Remove it, or wire it in: src/main.ts, a worker URL, a script that a reached file names')
})

test('each exported name is imported by somebody', () => {
  const used = usedNames()
  const unused = under('src', 'web')
    .filter((path) => isCode(path) && !isUnitTest(path))
    .flatMap((path) =>
      exportsOf(path)
        .filter(({ name }) => !used.get(path)?.has(name) && PUBLIC[`${path}#${name}`] === undefined)
        .filter(({ name, isType }) => !isType || !isUsedAtHome(path, name))
        .map(({ name }) => `${path}  ${name}`),
    )
  expectNone(unused, 'Drop `export` (or the whole thing, where the file does not use it itself)')
})

test('the list of public names holds no name that has gone', () => {
  const gone = Object.keys(PUBLIC).filter((entry) => {
    const [path = '', name] = entry.split('#')
    return !FILES.includes(path) || !exportsOf(path).some((each) => each.name === name)
  })
  expectNone(gone, 'Take it out of PUBLIC')
})

/** What CONTRIBUTING.md tells people to run by hand. */
function programs(): string[] {
  return [...textOf('CONTRIBUTING.md').matchAll(/node (src\/[\w/.-]+\.ts)/g)].map(
    (match) => match[1] as string,
  )
}

function isReachable(path: string): boolean {
  return (isCode(path) && !isUnitTest(path)) || /\.(sh|pl|py|css)$/.test(path)
}

function reach(beginnings: readonly string[]): Set<string> {
  const reached = new Set<string>()
  const open = beginnings.filter((path) => FILES.includes(path))
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    open.push(...namedIn(path).filter((next) => FILES.includes(next) && !reached.has(next)))
  }
  return reached
}

/** What a file imports, points to by URL, or names in a string: beside itself, or from the roof. */
function namedIn(path: string): string[] {
  const text = isCode(path) ? codeOf(path, ['comment']) : textOf(path)
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const beside = FILES.filter((file) => file.startsWith(folder) && isReachable(file))
  const spoken = beside.filter((file) => mentions(text, file.slice(folder.length)))
  const fromRoof = [...text.matchAll(/['/]((?:src|bin)\/[\w/.-]+\.(?:ts|js|sh))'/g)].map(
    (match) => match[1] as string,
  )
  if (!isCode(path)) return [...spoken, ...fromRoof]
  const relative = [...importsOf(path).map(({ specifier }) => specifier), ...urlsOf(path)]
  const imported = relative.filter((one) => one.startsWith('.')).map((one) => resolved(path, one))
  return [...imported, ...spoken, ...fromRoof]
}

/** `'banners.ts'`; scripts also without their ending, `script('host-start')`; workers with this file's, `./thread${...}`. */
function mentions(text: string, file: string): boolean {
  const bare = escaped(file.replace(/\.\w+$/, ''))
  const whole = `['"\`/ ]${escaped(file)}\\b`
  if (isCode(file)) return new RegExp(`${whole}|[\`/]${bare}\\$\\{`).test(text)
  return new RegExp(`${whole}|['"\`]${bare}['"\`]`).test(text)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** For each file, the names that others import of it; whole modules count by the names that the importer speaks of. */
function usedNames(): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>()
  for (const path of code) {
    for (const { specifier, names } of importsOf(path)) {
      if (!specifier.startsWith('.')) continue
      const from = resolved(path, specifier)
      const known = used.get(from) ?? new Set()
      const spoken =
        names ?? exportedBy(from).filter((name) => new RegExp(`\\b${name}\\b`).test(codeOf(path)))
      for (const name of spoken) known.add(name)
      used.set(from, known)
    }
  }
  return used
}

function exportedBy(path: string): string[] {
  return FILES.includes(path) ? exportsOf(path).map(({ name }) => name) : []
}

/** Types may be spelt out in a file's own signatures without being imported by name. */
function isUsedAtHome(path: string, name: string): boolean {
  return [...codeOf(path).matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length > 1
}
