// The bundle: made of the sources as they are now or not used at all; what a command loads of it, in counts that no machine changes.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { siteDir } from '../support/site-dir.ts'

const HOME = join(import.meta.dirname, '..', '..')
const MAKER = join(HOME, 'bin', 'make-bundle.js')
const run = promisify(execFile)

type Fresh = (home: string, exactly?: boolean) => string | undefined
let fresh: Fresh
beforeAll(async () => {
  fresh = ((await import(join(HOME, 'bin', 'fresh-bundle.js'))) as { freshBundle: Fresh }).freshBundle
  if (fresh(HOME, true) === undefined) await run(process.execPath, [MAKER])
})

test('a command loads a few files, and nothing that reads, judges or carries out where it only asks', async () => {
  const version = await loadedBy(['--version'])
  expect(version.parts).toEqual(['begin.js', 'main.js', 'rolldown-runtime.js'])
  expect(version.bytes).toBeLessThan(40_000)

  const site = siteDir()
  onTestFinished(() => site.end())
  const make = (a: number): void =>
    site.make({
      roles: { r: { inputs: { a: { type: 'integer', default: 1 } }, apply: { run: 'exit 0' } } },
      deployment: { nodes: true, values: { r: { a } } },
    })
  make(2)
  const up = ['up', '--yes', '-C', site.directory]
  const first = await loadedBy(up)
  expect(first.stdout).toContain('1 run')
  for (const part of ['read.js', 'work.js']) expect(first.parts).toContain(part)

  const status = await loadedBy(['status', '-C', site.directory])
  expect(status.files, status.parts.join(' ')).toBeLessThanOrEqual(22)
  const again = await loadedBy(up)
  expect(again.stdout).toContain('nothing to run')
  expect(again.files, again.parts.join(' ')).toBeLessThanOrEqual(23)
  for (const { parts, bytes } of [status, again]) {
    for (const part of ['read.js', 'work.js', 'serve.js', 'ajv.cjs', 'cel.cjs'])
      expect(parts).not.toContain(part)
    expect(bytes).toBeLessThan(900_000)
  }

  // A value that is another one is read anew; what judges formats, schemas and expressions has nothing to say about it.
  make(3)
  const changed = await loadedBy(up)
  expect(changed.stdout).toContain('1 run')
  expect(changed.parts).toContain('read.js')
  for (const part of ['ajv.cjs', 'cel.cjs', 'serve.js']) expect(changed.parts).not.toContain(part)
})

test('by a server that knows the files nothing is loaded but words, and two questions are asked', async () => {
  const site = siteDir()
  onTestFinished(() => site.end())
  site.make({ roles: { r: { apply: { run: 'exit 0' } } } })
  site.write({ 'server.yaml': 'listen: 127.0.0.1:0\nlog: { format: json, level: debug }\n' })
  const up = ['up', '--yes', '-C', site.directory]
  expect((await loadedBy(up)).stdout).toContain('1 run')
  const server = site.start('serve')
  await server.says(/http:\S+/)
  expect(await broughtAlong(up)).not.toContain('perf_hooks')
  const again = await loadedBy(up)
  expect(again.stdout).toContain('nothing to run')
  expect(again.parts).toEqual([
    'begin.js',
    'client.js',
    'commands.js',
    'find-server.js',
    'http-operations.js',
    'kept.js',
    'main.js',
    'rolldown-runtime.js',
    'run-command.js',
    'up.js',
    'wire-reading.js',
  ])
  expect(again.bytes).toBeLessThan(400_000)
  await server.insist('SIGTERM')
})

test('threads, scripts of the far end and what comes with Anneal are found from it', async () => {
  const made = fresh(HOME) ?? ''
  const files = readdirSync(join(made, '..'))
  for (const name of ['sqlite-thread.js', 'wire-rehearsal.js', 'far-end.sh', 'facts.sh', 'exec.sh'])
    expect(files).toContain(name)
  const site = siteDir()
  onTestFinished(() => site.end())
  site.write({
    'anneal.yaml':
      'site: e2e\npackages: [ready]\nnodes: { here: { local: true } }\ndeployments: { d: { nodes: "true", roles: [ready] } }\n',
  })
  const { stdout } = await loadedBy(['diff', '-C', site.directory])
  expect(stdout).toContain('d/hosts-file')
})

test('sources that were written since, came or went are noticed; those that are the same again are not', () => {
  const home = mkdtempSync(join(tmpdir(), 'anneal-fresh-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  mkdirSync(join(home, 'dist'))
  const path = join(home, 'source.ts')
  writeFileSync(path, 'one')
  const { size, mtimeMs } = statSync(path)
  const digest = '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed'
  writeFileSync(
    join(home, 'dist', 'made.json'),
    JSON.stringify({ build: 'b', inputs: [['source.ts', size, mtimeMs, digest]] }),
  )
  expect(fresh(home, true)).toBe(join(home, 'dist/b/main.js'))
  utimesSync(path, 1, 1)
  expect(fresh(home, true)).toBeUndefined()
  expect(fresh(home)).toBe(join(home, 'dist/b/main.js'))
  writeFileSync(path, 'two')
  expect(fresh(home)).toBeUndefined()
  rmSync(path)
  expect(fresh(home)).toBeUndefined()
  writeFileSync(join(home, 'dist', 'made.json'), '{ "build": "b", "inp')
  expect(fresh(home)).toBeUndefined()
})

test('of what Node brings along a question loads what it uses', async () => {
  const site = siteDir()
  onTestFinished(() => site.end())
  site.make({ roles: { r: { apply: { run: 'exit 0' } } } })
  expect((await loadedBy(['up', '--yes', '-C', site.directory])).stdout).toContain('1 run')
  const version = await broughtAlong(['--version'])
  const status = await broughtAlong(['status', '-C', site.directory])
  // The journal is in SQLite, packed and summed up.
  for (const name of ['sqlite', 'zlib', 'crypto']) {
    expect(version).not.toContain(name)
    expect(status).toContain(name)
  }
  const unused = [
    'fs/promises',
    'worker_threads',
    'tty',
    'readline',
    'timers/promises',
    'child_process',
    'http',
    'vm',
  ]
  expect(status.filter((name) => unused.includes(name))).toEqual([])
})

interface Loaded {
  /** Of the bundle. */
  parts: string[]
  /** All that is loaded, with what begins it. */
  files: number
  bytes: number
  stdout: string
}

/** Modules of Node that are for everybody, and that an empty program does not load. */
async function broughtAlong(line: readonly string[]): Promise<string[]> {
  const told = `process.on('exit', () => process.stderr.write('\\n' + process.moduleLoadList.join()))`
  const by = async (args: readonly string[]): Promise<string[]> => {
    const { stderr } = await run(process.execPath, ['--import', `data:text/javascript,${told}`, ...args])
    return [...(stderr.split('\n').at(-1) ?? '').matchAll(/NativeModule ([^,]+)/g)].map(
      ([, name = '']) => name,
    )
  }
  const always = new Set(await by(['-e', '0']))
  const loaded = await by([join(HOME, 'bin', 'anneal.js'), ...line])
  return loaded.filter((name) => !name.startsWith('internal/') && !always.has(name))
}

async function loadedBy(line: readonly string[]): Promise<Loaded> {
  const counting = join(HOME, 'test', 'support', 'count-modules.ts')
  const args = ['--import', counting, join(HOME, 'bin', 'anneal.js'), ...line]
  const { stdout, stderr } = await run(process.execPath, args).catch(
    (ended: { stdout: string; stderr: string }) => ended,
  )
  const files = JSON.parse(stderr.trim().split('\n').at(-1) ?? '[]') as string[]
  const parts = files.flatMap((path) => /\/dist\/[0-9a-f]{16}\/([^/]+)$/.exec(path)?.[1] ?? []).sort()
  expect(parts, `${files.join(' ')} is not of the bundle`).not.toEqual([])
  return {
    parts,
    files: files.length,
    bytes: files.reduce((sum, path) => sum + statSync(path).size, 0),
    stdout,
  }
}
