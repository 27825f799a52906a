// The walls of the house: imports run downwards only, implementations are named in the roof, packages stay in one room.
import { test } from 'vitest'
import { expectNone } from './offenders.ts'
import { INTERFACES, LAYERS, layerOf, PACKAGES, PURE, TOOLS } from './rooms.ts'
import { importsOf } from './source.ts'
import { FILES, isCode, isUnitTest, resolved, roomOf, textOf, under } from './tree.ts'

/** `src/main.ts`, and `src/wire-*.ts` that it is made of. */
const isRoof = (path: string): boolean => /^src\/(main|wire-[a-z]+)\.ts$/.test(path)
const inHouse = under('src', 'web').filter(isCode)
const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string> | undefined>

/** Every import from one room into another. */
const doorways = inHouse.flatMap((from) =>
  relativeImports(from).flatMap(({ to, line }) => {
    const [here, there] = [roomOf(from), roomOf(to)]
    return here !== undefined && there !== undefined && here !== there
      ? [{ from, to, here, there, place: `${from}:${line}  imports ${to}` }]
      : []
  }),
)

test('each file of src/ stands in a room, or is the roof', () => {
  const homeless = under('src').filter((path) => isCode(path) && roomOf(path) === undefined && !isRoof(path))
  const strange = inHouse.filter((path) => roomOf(path) !== undefined && layerOf(roomOf(path) as string) < 0)
  expectNone(
    [...homeless, ...strange],
    `Put it into one of the rooms: ${LAYERS.flat().join(', ')}. A new room is a new line in test/tidy/rooms.ts and DESIGN`,
  )
})

test('imports run downwards only, never sideways', () => {
  const upwards = doorways.filter(({ here, there }) => layerOf(there) >= layerOf(here))
  expectNone(
    upwards.map(
      ({ here, there, place }) =>
        `${place}  (layer ${layerOf(here)} ${here} -> layer ${layerOf(there)} ${there})`,
    ),
    'Move what is shared down to a room below both (nouns to model, tools to base), or let the roof (src/main.ts) hand it in',
  )
})

test('other rooms see interfaces, the roof picks what is behind them', () => {
  const named = doorways.filter(({ here, there, to }) => {
    const visible = INTERFACES[there]
    return here !== 'web' && visible !== undefined && !visible.some((file) => to === `src/${there}/${file}`)
  })
  expectNone(
    named.map(({ place }) => place),
    'Import the interface (test/tidy/rooms.ts lists them) and take the implementation as an argument; src/main.ts picks it',
  )
})

test('the page imports types of the model and the client only', () => {
  const more = doorways.filter(({ here, there }) => here === 'web' && there !== 'model' && there !== 'client')
  expectNone(
    more.map(({ place }) => place),
    'The page talks to the API through src/client and shares the types of src/model',
  )
})

test('nothing in the house imports tests, benchmarks or the roof', () => {
  const wrong = inHouse.flatMap((from) =>
    relativeImports(from).flatMap(({ to, line }) =>
      /^(test|bench|bin)\//.test(to) || (isRoof(to) && !isRoof(from))
        ? [`${from}:${line}  imports ${to}`]
        : [],
    ),
  )
  expectNone(
    wrong.filter((place) => !isUnitTest(place.replace(/:\d+ .*/, ''))),
    'Move what is needed into a room, or take it as an argument',
  )
})

test("compiler settings hold the same walls: a room's references lie below it", () => {
  const wrong = FILES.filter((path) => /^src\/[^/]+\/tsconfig\.json$/.test(path)).flatMap((path) => {
    const here = roomOf(path) as string
    const told = JSON.parse(textOf(path)) as { references?: { path: string }[] }
    return (told.references ?? []).flatMap((reference) => {
      const there = reference.path.replace('../', '')
      return layerOf(there) >= 0 && layerOf(there) < layerOf(here)
        ? []
        : [`${path}  references ${reference.path}`]
    })
  })
  expectNone(wrong, 'A room may reference rooms of lower layers only')
})

test('every room is compiled', () => {
  const roof = textOf('tsconfig.json')
  const rooms = [...new Set(under('src').flatMap((path) => roomOf(path) ?? []))]
  const left = rooms.filter((room) => !roof.includes(`"src/${room}"`)).map((room) => `src/${room}`)
  if (!roof.includes('"web"')) left.push('web')
  expectNone(left, 'Add the room to the references of tsconfig.json')
})

test('the heart imports base and model, and no npm package', () => {
  const wrong = under('src/annealer', 'src/model', 'src/base')
    .filter((path) => isCode(path) && !isUnitTest(path))
    .flatMap((path) =>
      importsOf(path).flatMap(({ specifier, line }) =>
        isAllowedInHeart(path, specifier) ? [] : [`${path}:${line}  ${specifier}`],
      ),
    )
  expectNone(wrong, 'The heart computes from what it is given: add an argument, or let an edge do it')
})

test('an npm package is used in one room, which test/tidy/rooms.ts names with the reason', () => {
  const strays = inHouse
    .filter((path) => !isUnitTest(path))
    .flatMap((path) =>
      importsOf(path).flatMap(({ specifier, line }) => {
        const name = packageOf(specifier)
        if (name === undefined || PACKAGES[name]?.room === roomOf(path)) return []
        const known = PACKAGES[name]
        return [
          `${path}:${line}  ${name}: ${known ? `belongs to ${known.room} (${known.why})` : 'is not in the table'}`,
        ]
      }),
    )
  expectNone(
    strays,
    'Use what its room offers, or enter the package into PACKAGES of test/tidy/rooms.ts with the reason',
  )
})

test('every package in package.json is used, and every used one is there', () => {
  const declared = Object.keys({
    ...manifest['dependencies'],
    ...manifest['devDependencies'],
    ...manifest['optionalDependencies'],
  })
  const used = new Set(
    FILES.filter(isCode).flatMap((path) =>
      importsOf(path).flatMap(({ specifier }) => packageOf(specifier) ?? []),
    ),
  )
  const unused = declared
    .filter((name) => !used.has(name) && TOOLS[name] === undefined)
    .map((name) => `${name}  is not used`)
  const undeclared = [...used]
    .filter((name) => !declared.includes(name))
    .map((name) => `${name}  is not in package.json`)
  const published = Object.keys(manifest['dependencies'] ?? {}).filter((name) => PACKAGES[name] === undefined)
  expectNone(
    [...unused, ...undeclared, ...published.map((name) => `${name}  has no room`)],
    'Remove it from package.json, or say in test/tidy/rooms.ts which room uses it (PACKAGES) or which tool it is (TOOLS)',
  )
})

test('the tables of packages name no package that has gone', () => {
  const text = textOf('package.json')
  const gone = [...Object.keys(PACKAGES), ...Object.keys(TOOLS)].filter((name) => !text.includes(`"${name}"`))
  expectNone(gone, 'Take it out of test/tidy/rooms.ts')
})

function relativeImports(from: string): { to: string; line: number }[] {
  return importsOf(from)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, line }) => ({ to: resolved(from, specifier), line }))
}

function isAllowedInHeart(path: string, specifier: string): boolean {
  if (specifier.startsWith('.')) return PURE.includes(roomOf(resolved(path, specifier)) ?? '')
  // Digests are pure; all else of Node is the world.
  return path === 'src/base/digest.ts' && specifier === 'node:crypto'
}

function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}
