// Where the time of one command goes: profiles of it, each sample put to the phase that it belongs to; as a table, and as files for a flame graph.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Sample } from '../harness/question.ts'

const ANNEAL = join(import.meta.dirname, '..', '..', 'bin', 'anneal.js')
const ROLES = 10

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

/** The outermost frame that one of these knows says what a sample was spent on; without one it is of the command itself. */
const PHASES: readonly [phase: string, frames: RegExp][] = [
  ['is the bundle as its sources are', /^freshBundle /],
  ['reading the site', /^loadSite /],
  ['asking the server', /^(plainFetch|fetched|findServer|post|request) /],
  ['the journal and the world', /^(openReader|openSqliteReader|remember|catchUp|openWriter) /],
  ['what Node brings along', /^(requireBuiltin|compileForInternalLoader|getBuiltinModule) /],
  [
    'loading files',
    /^(getOrCreateModuleJob|loadAndTranslate|compileSourceTextModule|wrapModuleLoad|link|import) /,
  ],
  ['starting Node', /^(prepareMainThreadExecution|executeUserEntryPoint) /],
]
const BY_ITSELF: Readonly<Record<string, string>> = {
  '(program)': 'starting Node',
  '(garbage collector)': 'the collector',
  '(idle)': 'waiting',
}
const ELSE = 'the command'

export const bench: Bench = async function* ({ say }) {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-phases-'))
  const site = join(directory, 'site')
  writeSite(site)
  run(['up', '--yes', '-C', site])
  const profiles = join(directory, 'profiles')
  say(`profiles for a flame graph are in ${profiles} until this ends`)
  const figures = Object.fromEntries(
    [...new Set([...PHASES.map(([phase]) => phase), ...Object.values(BY_ITSELF), ELSE])].map((phase) => [
      phase,
      { unit: 'ms' },
    ]),
  )
  const command = (words: readonly string[]) => async (): Promise<Sample> =>
    profiled([...words, '-C', site], profiles)
  const contestant = (name: string, words: readonly string[]) =>
    ({ name, is: 'ours', measure: command(words) }) as const
  const up = contestant('anneal up, no change', ['up', '--yes'])
  try {
    yield { name: 'without a server', figures, contestants: [contestant('anneal status', ['status']), up] }
    const server = spawn(process.execPath, [ANNEAL, 'serve', '--listen', '127.0.0.1:0', '-C', site], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await new Promise((resolve) => server.stdout.once('data', resolve))
    try {
      yield { name: 'with a server', figures, contestants: [contestant('anneal status', ['status']), up] }
    } finally {
      server.kill()
      await new Promise((resolve) => server.once('exit', resolve))
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** On this machine, where nothing is left of it: files in a folder of its own. */
function writeSite(site: string): void {
  mkdirSync(join(site, 'p', 'roles'), { recursive: true })
  const roles = Array.from({ length: ROLES }, (_, i) => `r${i}`)
  writeFileSync(
    join(site, 'anneal.yaml'),
    `site: phases\npackages: [./p]\nnodes: { here: { local: true } }\ndeployments: { d: { nodes: true, roles: [${roles.join(', ')}] } }\n`,
  )
  writeFileSync(join(site, 'p', 'package.yaml'), 'name: p\nversion: "1.0.0"\n')
  for (const role of roles)
    writeFileSync(
      join(site, 'p', 'roles', `${role}.yaml`),
      `role: ${role}\nbecome: false\ninputs: { text: { type: string, default: x } }\napply: { run: "exit 0" }\n`,
    )
}

function run(words: readonly string[], before: readonly string[] = []): void {
  const done = spawnSync(process.execPath, [...before, ANNEAL, ...words], { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`anneal ${words.join(' ')} ended with ${done.status}:\n${done.stderr}`)
}

function profiled(words: readonly string[], folder: string): Sample {
  const before = new Set(filesIn(folder))
  run(words, ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder])
  const made = filesIn(folder).find((name) => !before.has(name))
  if (made === undefined) throw new Error('there is no profile')
  return phasesOf(JSON.parse(readFileSync(join(folder, made), 'utf8')) as Profile)
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function phasesOf({ nodes, samples, timeDeltas }: Profile): Sample {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )
  const spent: Record<string, number> = {}
  for (const [at, sample] of samples.entries()) {
    const phase = phaseOf(sample, byId, parents)
    spent[phase] = (spent[phase] ?? 0) + (timeDeltas[at] ?? 0) / 1_000
  }
  return spent
}

function phaseOf(
  sample: number,
  byId: ReadonlyMap<number, Profile['nodes'][number]>,
  parents: ReadonlyMap<number, number>,
): string {
  const own = BY_ITSELF[byId.get(sample)?.callFrame.functionName ?? '']
  if (own !== undefined) return own
  const stack: string[] = []
  for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
    const frame = byId.get(id)?.callFrame
    stack.push(`${frame?.functionName.split('$')[0]} ${frame?.url}`)
  }
  return PHASES.find(([, frames]) => stack.some((frame) => frames.test(frame)))?.[0] ?? ELSE
}
