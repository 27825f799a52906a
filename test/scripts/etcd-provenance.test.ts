// Every value of the etcd site, back and forth: each candidate, the winner, the roots, and from each root the way to it.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAtRest, whatIsDue } from '../../src/annealer/due.ts'
import { explain } from '../../src/annealer/explain.ts'
import { givenValues } from '../../src/annealer/given.ts'
import { rootsMeant } from '../../src/annealer/trace-meant.ts'
import { type Root, trace } from '../../src/annealer/trace.ts'
import type { NodeRole, RunRecord } from '../../src/annealer/world.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { loadSite } from '../../src/content/load-site.ts'
import type { Command } from '../../src/model/command.ts'
import type { TraceStep } from '../../src/model/provenance.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Site } from '../../src/model/site.ts'
import type { InputView, SourceView } from '../../src/model/view.ts'
import { type Heart, newHeart, tell } from '../support/heart.ts'

const HOME = join(import.meta.dirname, '../..')
const NODES = ['etcd-1', 'etcd-2', 'etcd-3']

let heart: Heart
let site: Site
const directory = mkdtempSync(join(tmpdir(), 'anneal-etcd-'))
afterAll(() => rmSync(directory, { recursive: true }))

beforeAll(async () => {
  cpSync(join(HOME, 'examples/etcd/anneal.yaml'), join(directory, 'anneal.yaml'))
  writeFileSync(
    join(directory, 'nodes.yaml'),
    JSON.stringify({ nodes: Object.fromEntries(NODES.map((node) => [node, {}])) }),
  )
  const loaded = await loadSite(directory, { shippedPackages: join(HOME, 'packages') })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults))
  site = loaded.site
  heart = newHeart(makeLanguage())
  tell(heart, { kind: 'startSession', by: 'ann' })
  tell(heart, { kind: 'proposeRevision', site, author: 'ann', message: '' })
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, author: 'ann', message: '' })
  for (let due = dueNow(); due.length > 0; due = dueNow()) tell(heart, ...due)
  expect(isAtRest(heart.world)).toBe(true)
  expect(
    [...heart.world.nodeRoles.values()].filter(({ state }) => state !== 'active').map(({ id }) => id),
  ).toEqual([])
})

function dueNow(): Command[] {
  const { runs, contacts } = whatIsDue(heart.world)
  return [
    ...[...runs].map(reported),
    ...contacts.map(({ name }): Command => {
      const address = `10.77.0.1${name.at(-1)}`
      const facts = { hostname: name, network: { primary: { address } } }
      return { kind: 'reportContact', node: name, outcome: { result: 'reached', facts } }
    }),
  ]
}

function reported({ run, token, nodeRole }: RunRecord): Command {
  const role = nodeRole.split('/').at(-1) as string
  const outcome: RunOutcome = { result: 'ok', outputs: SAID[role] ?? {}, filesChanged: [], durationMs: 1_000 }
  return { kind: 'reportRun', run, token, outcome }
}

const PEM = (what: string): string => `-----BEGIN ${what}-----\nMIIB\n-----END ${what}-----`
const SAID: Record<string, JsonObject> = {
  ca: { certificate: PEM('CERTIFICATE') },
  openssl: { version: 'OpenSSL 3' },
  'certificate-request': { request: PEM('CERTIFICATE REQUEST') },
  'certificate-signing': {
    certificates: Object.fromEntries(NODES.map((node) => [node, PEM('CERTIFICATE')])),
    refused: {},
  },
  'etcd-package': { version: '3.4' },
  'etcd-tls': { authority_file: '/etc/etcd/pki/ca.pem' },
  'etcd-founding': { cluster_id: '77' },
  etcd: { cluster_id: '77', version: '3.4' },
}

test('each input has its candidates, lowest first, and one of them won', () => {
  let seen = 0
  for (const nodeRole of placed()) {
    for (const input of inputsOf(nodeRole)) {
      const told = input.candidates.map(({ origin, unbound }) =>
        origin?.kind === 'level' ? origin.level : (origin?.kind ?? unbound?.kind),
      )
      expect(told, `${nodeRole.id} ${input.input}`).toEqual(expected(nodeRole, input.input))
      const [winner, ...others] = input.candidates.filter(({ wins }) => wins)
      expect(others).toEqual([])
      expect([winner?.value, winner?.origin]).toEqual([input.value, input.origin])
      if (winner?.origin?.kind === 'level')
        expect(winner.since).toMatchObject({ kind: 'revision', revision: 1 })
      seen++
    }
  }
  expect(seen).toBeGreaterThan(60)
})

test('from each root of each input the way leads to it', () => {
  let roots = 0
  for (const nodeRole of placed()) {
    for (const { name } of nodeRole.group.inputs) {
      const place = `${nodeRole.id} ${name}`
      const [input] = inputsOf(nodeRole, name).filter((one) => one.input === name)
      for (const root of rootsOf(nodeRole, input as InputView)) {
        expect(
          reachedFrom(root),
          `${place} from ${JSON.stringify(root, (key, value) => (key === 'nodeRole' ? undefined : value))}`,
        ).toContain(place)
        roots++
      }
    }
  }
  expect(roots).toBeGreaterThan(200)
})

test('who reads an output by its trace is who has it among its sources', () => {
  const readers = new Map<string, Set<string>>()
  for (const nodeRole of placed()) {
    for (const { input, sources, origin } of inputsOf(nodeRole)) {
      if (origin?.kind !== 'output' && origin?.kind !== 'outputs') continue
      for (const { what } of sources)
        readers.set(what, (readers.get(what) ?? new Set()).add(`${nodeRole.id} ${input}`))
    }
  }
  expect(readers.size).toBeGreaterThan(20)
  for (const nodeRole of placed()) {
    for (const output of Object.keys(nodeRole.group.role.outputs)) {
      const [root] = trace(heart.world, [{ kind: 'output', nodeRole, output }], true).roots
      const direct = new Set(root?.to.map(placeOf))
      expect(direct, `${nodeRole.id}.${output}`).toEqual(readers.get(`${nodeRole.id}.${output}`) ?? new Set())
    }
  }
})

test('what stands in a fact is found by its text, and all that it went into', () => {
  const found = rootsMeant(heart.world, ['10.77.0.12'])
  if (!found.ok) throw new Error(found.refusal.message)
  const reached = placesIn(trace(heart.world, found.value, true).roots)
  for (const place of [
    'etcd-2 network.primary.address',
    'store/etcd-2/etcd.endpoint',
    'store/etcd-1/etcd members',
    'base/etcd-3/hosts-file entries',
    'store/etcd-3/etcd-tls certificate',
  ])
    expect(reached).toContain(place)
  expect(reached).not.toContain('store/etcd-1/etcd address')
})

function placed(): NodeRole[] {
  return [...heart.world.nodeRoles.values()]
}

function inputsOf(nodeRole: NodeRole, asked?: string): InputView[] {
  return explain(heart.world, nodeRole, asked).inputs
}

/** As the files say it: the example uses defaults, and values where roles are placed. */
function expected(nodeRole: NodeRole, input: string): string[] {
  const spec = site.roles[nodeRole.group.role.name]?.inputs[input]
  const placement = site.deployments[nodeRole.deployment]?.placements.find(
    ({ role }) => role === nodeRole.group.role.name,
  )
  const given = placement !== undefined && Object.hasOwn(placement.values, input)
  const { source } = spec ?? {}
  const takes = source?.kind === 'output' && source.take !== 'one' ? 'outputs' : source?.kind
  return [
    ...(spec?.default === undefined ? [] : ['role default']),
    ...(given ? ['placement'] : []),
    ...(takes === undefined ? [] : [takes === 'value' ? 'expression' : takes]),
  ]
}

/** Leaves of the tree of `why`, as what a trace can begin with. */
function rootsOf(nodeRole: NodeRole, { input, origin, sources }: InputView): Root[] {
  const self: SourceView = {
    what: `${nodeRole.id} ${input}`,
    origin: origin ?? { kind: 'none' },
    sensitive: false,
    sources,
  }
  return leavesOf(self).flatMap(({ what, origin: from }): Root[] => {
    if (from.kind === 'fact') return [{ kind: 'fact', node: from.node, path: from.path }]
    if (from.kind === 'output' && what.includes('.')) {
      const source = heart.world.nodeRoles.get(from.nodeRole)
      return source ? [{ kind: 'output', nodeRole: source, output: from.output }] : []
    }
    if (from.kind !== 'level') return []
    return givenValues(heart.world).filter(({ to }) =>
      to.some((one) => `${one.nodeRole.id} ${one.input.name}` === what && one.beatenBy === undefined),
    )
  })
}

function leavesOf(source: SourceView): SourceView[] {
  if (source.again) return []
  return source.sources.length === 0 ? [source] : source.sources.flatMap(leavesOf)
}

const known = new Map<string, string[]>()

function reachedFrom(root: Root): string[] {
  const [step] = trace(heart.world, [root], true).roots
  const key = step ? placeOf(step) : ''
  const places = known.get(key) ?? (step ? placesIn([step]) : [])
  known.set(key, places)
  return places
}

function placesIn(steps: readonly TraceStep[]): string[] {
  return steps.flatMap((step) => [placeOf(step), ...placesIn(step.to)])
}

function placeOf({ thing }: TraceStep): string {
  switch (thing.kind) {
    case 'input':
      return `${thing.nodeRole} ${thing.input}`
    case 'output':
      return `${thing.nodeRole}.${thing.output}`
    case 'fact':
      return `${thing.node} ${thing.path.join('.')}`
    default:
      return JSON.stringify(thing)
  }
}
