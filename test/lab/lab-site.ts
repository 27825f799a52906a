// A site on hosts of a lab of its own, driven as people do: by the command line.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandResult, run } from '../../src/lab/command.ts'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { labInventory } from '../../src/lab/keys.ts'
import { type Lab, openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'

const HOME = join(import.meta.dirname, '../..')

export interface Run {
  run: string
  nodeRole: string
  action: 'apply' | 'check' | 'remove'
  result: string
  startedAt: number
  durationMs: number
  changed?: boolean
}

export interface LabSite {
  lab: Lab
  /** Where anneal.yaml is. */
  directory: string
  anneal(...words: string[]): Promise<CommandResult>
  /** `anneal up --yes`, and the runs that it made, in the order in which they started. */
  up(): Promise<{ code: number; runs: Run[]; said: string }>
  /** Boots these hosts if they are not up, and takes them and no others into the inventory. */
  hosts(names: readonly string[]): Promise<void>
  inventory(names: readonly string[]): void
  /** Replaces a word in anneal.yaml, which must be there. */
  edit(before: string, after: string): void
  /** As root on a host, past Anneal. */
  on(host: string, script: string, input?: string): Promise<string>
  /** Runs since the last time that anybody asked, in the order in which they started. */
  newRuns(): Promise<Run[]>
  /** The text of a file of a package that comes with Anneal. */
  packageFile(path: string): string
  /** As if Anneal had never been here. */
  loseJournal(): void
  end(): Promise<void>
}

/** `text` is its anneal.yaml, which takes its nodes from nodes.yaml. The lab is empty as yet. */
export function labSite(name: string, text: string, layers: readonly string[] = []): LabSite {
  const stateHome = mkdtempSync(join(tmpdir(), `anneal-${name}-`))
  const directory = join(stateHome, 'site')
  const lab = openLab({ name, stateHome })
  mkdirSync(directory)
  writeFileSync(join(directory, 'anneal.yaml'), text)
  let lastRun = 0

  const anneal = (...words: string[]) =>
    run([process.execPath, join(HOME, 'bin/anneal.js'), '-C', directory, ...words])
  const newRuns = async (): Promise<Run[]> => {
    const all = await runs(anneal)
    const fresh = all.filter((one) => numberOf(one) > lastRun)
    lastRun = Math.max(lastRun, ...all.map(numberOf))
    return fresh
  }
  const inventory = (names: readonly string[]): void => {
    const nodes = Object.entries(labInventory(lab).nodes).filter(([host]) => names.includes(host))
    writeFileSync(join(directory, 'nodes.yaml'), JSON.stringify({ nodes: Object.fromEntries(nodes) }))
  }
  return {
    lab,
    directory,
    anneal,
    async up() {
      const done = await anneal('up', '--yes')
      return { code: done.code, runs: await newRuns(), said: `${done.stdout}\n${done.stderr}` }
    },
    newRuns,
    async hosts(names) {
      await labUp(lab, { names, layers })
      inventory(names)
    },
    inventory,
    edit(before, after) {
      const path = join(directory, 'anneal.yaml')
      const text = readFileSync(path, 'utf8')
      if (!text.includes(before)) throw new Error(`anneal.yaml does not say ${before}`)
      writeFileSync(path, text.replace(before, after))
    },
    async on(host, script, input = '') {
      const done = await labExec(lab, host, ['sh', '-c', script], { input })
      if (done.code !== 0) throw new Error(`${host}: ${script}: exit ${done.code}: ${done.stderr}`)
      return done.stdout.trim()
    },
    packageFile: (path) => readFileSync(join(HOME, 'packages', path), 'utf8'),
    loseJournal() {
      rmSync(join(directory, '.anneal'), { recursive: true })
      lastRun = 0
    },
    async end() {
      await labDown(lab)
      rmSync(stateHome, { recursive: true, force: true })
    },
  }
}

async function runs(anneal: LabSite['anneal']): Promise<Run[]> {
  const told = await anneal('runs', '--limit', '1000', '--json')
  const lines = told.stdout.split('\n').filter(Boolean)
  const all = lines.map((line) => JSON.parse(line) as { kind: string }).filter(({ kind }) => kind === 'run')
  return (all as unknown as Run[]).sort((one, other) => numberOf(one) - numberOf(other))
}

function numberOf({ run: id }: Run): number {
  return Number(id.slice('run-'.length))
}
