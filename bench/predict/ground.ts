// The ground of the bench of predictions: a folder with labs, sites and what was seen, which outlives a call, so that a series can be told in pieces.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type CommandResult, run } from '../../src/lab/command.ts'
import { labDown } from '../../src/lab/down.ts'
import { labInventory } from '../../src/lab/keys.ts'
import { type Lab, openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'
import type { RehearsalReport, Spread } from '../../src/model/rehearsal.ts'
import type { BenchSite, Wanted } from './sites.ts'

const ANNEAL = join(import.meta.dirname, '../../bin/anneal.js')

/** One change, foreseen and carried out. */
export interface Seen {
  number: number
  site: string
  kind: string
  /** A change like it had happened before in this series. */
  known: boolean
  foreseen: Spread
  foreseenRuns: number
  /** From the commit until rest. */
  realMs: number
  /** As `anneal up` says it, which has begun a little before. */
  upMs: number
  runs: number
  outcome: string
  /** Of the machine, over the minute before. */
  load: number
}

export class Ground {
  readonly #folder: string

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#folder = realpathSync(folder)
  }

  seen(): Seen[] {
    const path = this.#path('seen.ndjson')
    if (!existsSync(path)) return []
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Seen)
  }

  note(seen: Seen): void {
    appendFileSync(this.#path('seen.ndjson'), `${JSON.stringify(seen)}\n`)
  }

  async hosts({ name, hosts, layers }: BenchSite): Promise<void> {
    await labUp(this.#lab(name), { names: hosts, layers })
  }

  write(site: BenchSite, wanted: Wanted): void {
    const directory = this.#path(site.name)
    mkdirSync(directory, { recursive: true })
    const all = Object.entries(labInventory(this.#lab(site.name)).nodes)
    const nodes = Object.fromEntries(all.filter(([host]) => wanted.members.includes(host)))
    writeFileSync(join(directory, 'nodes.yaml'), JSON.stringify({ nodes }))
    writeFileSync(join(directory, 'anneal.yaml'), site.text(wanted))
  }

  /** The site as it is just before a change, to be asked again of other code. */
  keep(site: string, number: number): void {
    cpSync(this.#path(site), this.#path('kept', String(number)), { recursive: true })
  }

  foresee(site: string): Promise<RehearsalReport> {
    return rehearsed(this.#path(site))
  }

  foreseeAgain(number: number): Promise<RehearsalReport> {
    return rehearsed(this.#path('kept', String(number)))
  }

  async up(site: string): Promise<Pick<Seen, 'realMs' | 'upMs' | 'runs' | 'outcome'>> {
    const directory = this.#path(site)
    const done = await anneal(directory, 'up', '--yes', '--json')
    const result = lastOf<{ outcome: string; runs: number; wallMs: number }>(done, 'result')
    const cycles = await anneal(directory, 'cycles', 'list', '--limit', '1', '--json')
    const { wallMs: realMs } = lastOf<{ wallMs: number }>(cycles, 'cycle')
    return { realMs, upMs: result.wallMs, runs: result.runs, outcome: result.outcome }
  }

  async end(): Promise<void> {
    for (const site of ['etcd', 'web']) await labDown(this.#lab(site))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #lab(site: string): Lab {
    return openLab({ name: `predict-${site}`, stateHome: this.#folder })
  }

  #path(...parts: string[]): string {
    return join(this.#folder, ...parts)
  }
}

async function rehearsed(directory: string): Promise<RehearsalReport> {
  return lastOf<RehearsalReport>(await anneal(directory, 'simulate', '--json'), 'rehearsal')
}

function anneal(directory: string, ...words: string[]): Promise<CommandResult> {
  return run([process.execPath, ANNEAL, ...words, '-C', directory])
}

function lastOf<T>({ code, stdout, stderr }: CommandResult, kind: string): T {
  const lines = stdout.split('\n').filter(Boolean)
  const found = lines.map((line) => JSON.parse(line) as { kind: string }).findLast((one) => one.kind === kind)
  if (!found) throw new Error(`no ${kind} was told (exit ${code}): ${stderr.trim() || stdout.slice(-500)}`)
  return found as T
}
