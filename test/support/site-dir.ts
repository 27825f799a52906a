// A site in a temporary directory, driven as operators do: by the real command line, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Json } from '../../src/base/json.ts'

const HOME = join(import.meta.dirname, '../..')
export const ANNEAL = programOf(HOME)

function programOf(home: string): string {
  return join(home, 'bin/anneal.js')
}

export interface Done {
  /** 128 and the signal's number where one ended it, as in a shell. */
  code: number
  stdout: string
  stderr: string
  /** Both, for tests that do not care which. */
  said: string
}

export interface Running {
  pid: number
  ended: Promise<Done>
  /** Resolves as soon as the output so far holds it; rejects with the output when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** The same signal twice within a moment counts once, so it is sent until it is heard. */
  insist(signal: NodeJS.Signals): Promise<Done>
}

export interface SiteParts {
  /** Node -> spec as in anneal.yaml. Left out: one node `here` that is this machine. */
  nodes?: Record<string, object>
  /** Role -> the role's file without `role` and, where it is the caller, `become: false`. */
  roles: Record<string, object>
  /** What one deployment `d` has beside its roles. */
  deployment?: object
  /** What stands under `roles:` in it; left out: all roles by name. */
  place?: Json[]
}

export interface SiteDir {
  directory: string
  path(...parts: string[]): string
  read(path: string): string
  /** File -> text, below the site's directory. */
  write(files: Record<string, string>): void
  /** Writes anneal.yaml and the package `p`; what an earlier call wrote of both is gone. */
  make(parts: SiteParts): void
  anneal(...words: string[]): Promise<Done>
  /** `anneal WORDS --json` as objects; every line must be one. */
  json(...words: string[]): Promise<{ code: number; lines: JsonLine[]; done: Done }>
  start(...words: string[]): Running
  /** With more in its environment. */
  startWith(env: Record<string, string>, ...words: string[]): Running
  /** Says whether anything that Anneal keeps of this site is another than before: journal, transcripts, pins. */
  kept(): string
  /** Ends what still runs and takes the directory away. */
  end(): Promise<void>
}

export type JsonLine = { kind: string } & Record<string, any> // oxlint-disable-line no-explicit-any -- tests look at fields by name

export const HERE = { local: true }

export interface SiteDirOptions {
  /** What all of its processes have in their environment, e.g. where the journal is. */
  env?: Record<string, string>
  /** The tree of the Anneal that is driven; without it, this one. */
  home?: string
}

export function siteDir({ env: always = {}, home = HOME }: SiteDirOptions = {}): SiteDir {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-e2e-'))
  const running = new Set<Running>()
  const path = (...parts: string[]): string => join(directory, ...parts)
  const write = (files: Record<string, string>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), text)
    }
  }
  const startWith = (env: Record<string, string>, ...words: string[]): Running => {
    const process_ = started(directory, words, { ...always, ...env }, home)
    running.add(process_)
    void process_.ended.then(() => running.delete(process_))
    return process_
  }
  const start = (...words: string[]): Running => startWith({}, ...words)
  const anneal = (...words: string[]): Promise<Done> => start(...words).ended
  return {
    directory,
    path,
    read: (name) => readFileSync(path(name), 'utf8'),
    write,
    make(parts) {
      rmSync(path('packages'), { recursive: true, force: true })
      write(filesOf(parts))
    },
    anneal,
    async json(...words) {
      const done = await anneal(...words, '--json')
      return { code: done.code, lines: jsonLines(done.stdout), done }
    },
    start,
    startWith,
    kept: () => digestOfTree(path('.anneal')),
    async end() {
      for (const one of running) one.kill('SIGKILL')
      await Promise.all([...running].map((one) => one.ended))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Lines of versioned NDJSON; throws where one is not, or the first does not say its version. */
export function jsonLines(text: string): JsonLine[] {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JsonLine)
  if (lines.length > 0 && lines[0]?.['anneal'] !== '1') throw new Error(`no version in ${text.slice(0, 200)}`)
  if (lines.some(({ kind }) => typeof kind !== 'string')) throw new Error(`a line without a kind in ${text}`)
  return lines
}

/** The files of a site with one package `p` and one deployment `d`. JSON is YAML. */
export function filesOf(parts: SiteParts): Record<string, string> {
  const { nodes = { here: HERE }, roles, deployment, place = Object.keys(roles) } = parts
  const site = {
    site: 'e2e',
    packages: ['./packages/*'],
    nodes,
    deployments: { d: { ...deployment, roles: place } },
  }
  const files: Record<string, string> = {
    'anneal.yaml': json(site),
    'packages/p/package.yaml': json({ name: 'p', version: '1.0.0' }),
  }
  for (const [role, spec] of Object.entries(roles)) {
    files[`packages/p/roles/${role}.yaml`] = json({ role, become: false, ...spec })
  }
  return files
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function started(
  directory: string,
  words: readonly string[],
  env: Record<string, string>,
  home: string,
): Running {
  const child = spawn(process.execPath, [programOf(home), ...words], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', CI: '1', ...env },
  })
  const output = { stdout: '', stderr: '', said: '' }
  const listeners = new Set<() => void>()
  let over = false
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
      output.said += text
      for (const listener of listeners) listener()
    })
  }
  const ended = endOf(child).then((code): Done => {
    over = true
    for (const listener of listeners) listener()
    return { code, ...output }
  })
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => void child.kill(signal),
    async insist(signal) {
      while (!over) {
        child.kill(signal)
        await new Promise((later) => setTimeout(later, 20))
      }
      return ended
    },
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output.said)
          if (found === null && !over) return
          listeners.delete(look)
          if (found === null) reject(new Error(`it ended and never said ${pattern}:\n${output.said}`))
          else resolve(found)
        }
        listeners.add(look)
        look()
      }),
  }
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15)))
  })
}

/** Names and bytes of all files below it, but for the lock, which holds nothing. */
/** Who has the lock, and what was looked at once already: neither is of the site. */
const PASSING = /^(journal\.lock|known-to-fit$|reading\.json$)/

export function digestOfTree(root: string): string {
  const hash = createHash('sha256')
  const visit = (directory: string): void => {
    for (const name of readdirSync(directory).sort()) {
      const path = join(directory, name)
      if (PASSING.test(name)) continue
      hash.update(`${path}\n`)
      if (statSync(path).isDirectory()) visit(path)
      else hash.update(readFileSync(path))
    }
  }
  if (existsSync(root)) visit(root)
  return hash.digest('hex')
}
