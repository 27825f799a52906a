// Makes few files of the program's many, for the Node that runs this: what Anneal starts as where its sources have not changed since.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { compileCache } from './compile-cache.js'

/** What is loaded by its name; a thread of the journal takes nothing along that it does not need. */
const PROGRAMS = [['src/main.ts', 'src/wire-rehearsal.ts'], ['src/journal/sqlite-thread.ts']]

/**
 * Each part is one file: what its modules load at once, without what is in a part before. So a command loads the parts
 * that it needs and no other. All else is put together by who uses it.
 */
const PARTS = {
  begin: [/^src\/main\.ts$/],
  commands: [/^src\/cli\/(run-command|commands\/[\w-]+)\.ts$/],
  kept: [/^src\/wire-reading\.ts$/],
  client: [/^src\/client\/(find-server|http-operations|plain-fetch)\.ts$/],
  here: [
    /^src\/wire-(site|journal)\.ts$/,
    /^src\/engine\/(site-operations|control-socket|clock)\.ts$/,
    /^src\/journal\/sqlite-journal\.ts$/,
    /^src\/secrets\/(sealed-journal|key-ring)\.ts$/,
    /^src\/content\/language\.ts$/,
  ],
  read: [/^src\/content\/(load-site|known-to-fit|looks)\.ts$/],
  work: [
    /^src\/engine\/(anneal|exec)\.ts$/,
    /^src\/runner\/local-(runner|executor)\.ts$/,
    /^src\/transports\/(local|slot|ssh)\.ts$/,
    /^src\/drivers\/script\.ts$/,
    /^src\/content\/renderer\.ts$/,
    /^src\/secrets\/references\.ts$/,
  ],
  serve: [/^src\/wire-(server|elsewhere)\.ts$/, /^src\/(api|observe|engine|content)\//],
}

/** npm packages that commands wait for are taken in; the others are what only a server needs. */
const TAKEN = /^(@stricli\/core|js-yaml|zod|hono|@hono\/.+)(\/|$)/
/** Those that are loaded by `createRequire` become a file each: by what they are asked for, the file and what is in it. */
const LOADED = {
  '@marcbachmann/cel-js': ['cel.cjs', `module.exports = require('@marcbachmann/cel-js')`],
  'ajv/dist/2020.js': [
    'ajv.cjs',
    `module.exports = require('ajv-formats').default; module.exports.Ajv2020 = require('ajv/dist/2020.js').Ajv2020`,
  ],
  'ajv-formats': ['ajv.cjs'],
}
const IMPORT =
  /^import\s+(?!type\b)(?:(\w+)\s*,?\s*)?(?:\*\s+as\s+(\w+)|\{([^}]*)\})?\s*from\s*['"]([^'"]+)['"];?/gm
/** These are there before we are. */
const LOADED_BY_NODE = /^node:(fs|path|url|module|buffer|events|timers|vm|os|process|util)$/
const MADE = new Set(['Worker'])
const BARE = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])
/** It starts programs of its own by their sources. */
const LEFT = 'src/lab/'
/** So many builds stay: processes that began with an older one load from it when they first need something. */
const KEPT = 3
/** Clocks of file systems run so far behind. */
const CLOCK_MS = 20

const home = dirname(import.meta.dirname)
const dist = join(home, 'dist')
const startedAt = Date.now()
const place = join(dist, `new-${process.pid}`)
rmSync(place, { recursive: true, force: true })
mkdirSync(place, { recursive: true })
try {
  const sources = new Set(['package-lock.json', 'bin/make-bundle.js'])
  for (const programs of PROGRAMS) for (const path of await bundled(programs)) sources.add(path)
  for (const path of await loadedPackages()) sources.add(path)
  const inputs = [...sources].sort().map(lookAt)
  keep(inputs)
} finally {
  rmSync(place, { recursive: true, force: true })
}

/** Gives what it was made of. */
async function bundled(programs) {
  const made = await rolldown({
    input: Object.fromEntries(programs.map((path) => [basename(path, '.ts'), join(home, path)])),
    platform: 'node',
    tsconfig: false,
    preserveEntrySignatures: false,
    // What is loaded late by one and early by another is in one part all the same.
    checks: { ineffectiveDynamicImport: false },
    plugins: [{ name: 'ours', resolveId, transform: (code, id) => lightly(code, id) }],
  })
  const partOf = programs.length > 1 ? parts(programs) : () => null
  await made.write({
    dir: place,
    format: 'esm',
    codeSplitting: { groups: [{ name: partOf, debugName: 'parts', includeDependenciesRecursively: false }] },
    chunkFileNames: '[name].js',
    sourcemap: true,
    comments: false,
  })
  const read = (await made.watchFiles).map((path) => relative(home, path))
  await made.close()
  const own = read.filter((path) => path.startsWith('src/'))
  return [...own, ...own.flatMap(withCompanions), ...packagesIn(read)]
}

/** The first part that needs it at once. */
function parts(programs) {
  let found
  return (id, graph) => {
    const getModuleInfo = (of) => graph.getModuleInfo(of)
    found ??= new Map(
      Object.entries(PARTS)
        .flatMap(([part, roots]) => withAll(part, roots, getModuleInfo))
        .reverse(),
    )
    return programs.includes(relative(home, id)) ? null : (found.get(id) ?? null)
  }
}

function withAll(part, roots, getModuleInfo) {
  const seen = new Set()
  const left = allModules(getModuleInfo).filter((id) => roots.some((root) => root.test(relative(home, id))))
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    left.push(...(getModuleInfo(id)?.importedIds ?? []))
  }
  return [...seen].map((id) => [id, part])
}

function allModules(getModuleInfo) {
  const seen = new Set()
  const left = PROGRAMS.flat().map((path) => join(home, path))
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const info = seen.has(id) ? null : getModuleInfo(id)
    if (info === null) continue
    seen.add(id)
    left.push(...info.importedIds, ...info.dynamicallyImportedIds)
  }
  return [...seen]
}

function resolveId(specifier, from) {
  if (from === undefined) return undefined
  if (!specifier.startsWith('.')) {
    const isOwn = !relative(home, from).includes('node_modules/')
    return isOwn && !TAKEN.test(specifier) ? { id: specifier, external: true } : undefined
  }
  const path = relative(home, join(dirname(from), specifier))
  return path.startsWith(LEFT) ? { id: relative(place, join(home, path)), external: true } : undefined
}

/**
 * What Node brings along is taken where it is used: as an import it costs several times as much, and each file's are loaded
 * ahead of all. Functions of what Node has not loaded by itself wait until one is called.
 */
function lightly(code, id) {
  const text = code
    .replace(IMPORT, (all, whole, star, names = '', from) => {
      if (!isBuiltin(from)) return all
      const module = `process.getBuiltinModule('${from}')`
      const values = names
        .split(',')
        .filter((name) => name.trim() !== '' && !/^\s*type\s/.test(name))
        .map((name) => name.trim().split(/\s+as\s+/))
      const late = values.filter(([name]) => mayWait(from, name))
      const list = values
        .filter((one) => !late.includes(one))
        .map((one) => one.join(': '))
        .join(', ')
      const taken = [whole, star, list && `{ ${list} }`]
        .filter(Boolean)
        .map((one) => `const ${one} = ${module};`)
      const called = late.map(([name, ours = name]) => {
        // Called by `new`, what it returns is what there is.
        const called = MADE.has(name) ? `new (${module}.${name})` : `${module}.${name}`
        return `function ${ours}(...given) { return ${called}(...given); }`
      })
      const lines = all.split('\n').length - 1
      return [...taken, ...called].join(' ') + '\n'.repeat(lines)
    })
    .replace(/\bload\('([^']+)'\)/g, (all, name) => (LOADED[name] ? `load('./${LOADED[name][0]}')` : all))
  return text === code || id.endsWith('.json') ? undefined : { code: text, map: null }
}

/** A function that is called and nothing else: nothing hangs on it, and it is no class but one that we only make. */
function mayWait(from, name) {
  if (LOADED_BY_NODE.test(from)) return false
  const value = process.getBuiltinModule(from)[name]
  const isBare = typeof value === 'function' && Reflect.ownKeys(value).every((key) => BARE.has(key))
  return MADE.has(name) || (isBare && /^[a-z]/.test(name))
}

async function loadedPackages() {
  const read = []
  for (const [file, text] of Object.values(LOADED)) {
    if (text === undefined) continue
    const made = await rolldown({
      input: file,
      platform: 'node',
      plugins: [
        {
          name: 'packages',
          resolveId: (specifier) => (specifier === file ? join(home, file) : undefined),
          load: (id) => (id === join(home, file) ? { code: text, moduleType: 'js' } : undefined),
        },
      ],
    })
    await made.write({ file: join(place, file), format: 'cjs', codeSplitting: false, comments: false })
    read.push(...(await made.watchFiles).map((path) => relative(home, path)))
    await made.close()
  }
  return packagesIn(read)
}

function packagesIn(paths) {
  const packages = paths.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
  return [...new Set(packages)].map((path) => `${path}/package.json`)
}

/** Files that a module reads from beside itself. */
function withCompanions(path) {
  const text = readFileSync(join(home, path), 'utf8')
  return [...text.matchAll(/new URL\('\.\/([^']+)', import\.meta\.url\)/g)].map(([, name]) => {
    const companion = join(dirname(path), name)
    copyFileSync(join(home, companion), join(place, name))
    return companion
  })
}

/** What was written meanwhile may not be what was read. Later writes have later times. */
function lookAt(path) {
  const { size, mtimeMs } = statSync(join(home, path))
  if (mtimeMs > startedAt - CLOCK_MS)
    throw new Error(`${path} was written while it was read; once more, please`)
  const digest = createHash('sha256')
    .update(readFileSync(join(home, path)))
    .digest('hex')
  return [path, size, mtimeMs, digest]
}

/** Under a name that says what is in it, so that the same sources are the same build. */
function keep(inputs) {
  const digest = createHash('sha256').update(JSON.stringify(inputs.map(([path, , , of]) => [path, of])))
  const build = digest.digest('hex').slice(0, 16)
  writeFileSync(join(place, 'made.json'), JSON.stringify({ build, inputs }))
  try {
    renameSync(place, join(dist, build))
  } catch (fault) {
    if (fault.code !== 'ENOTEMPTY' && fault.code !== 'EEXIST') throw fault
    renameSync(join(place, 'made.json'), join(dist, build, 'made.json'))
  }
  copyFileSync(join(dist, build, 'made.json'), join(dist, `made-${process.pid}`))
  renameSync(join(dist, `made-${process.pid}`), join(dist, 'made.json'))
  const builds = readdirSync(dist)
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => [statSync(join(dist, name, 'made.json')).mtimeMs, name])
    .sort(([one], [other]) => other - one)
  for (const [, old] of builds.slice(KEPT)) rmSync(join(dist, old), { recursive: true, force: true })
  // What was kept of other builds is of no use any more.
  rmSync(compileCache(), { recursive: true, force: true })
}
