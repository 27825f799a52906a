// The site of `anneal simulate --demo`: a hundred machines with certificates, a store, web servers and balancers before them.
import type { Measured } from '../annealer/expected.ts'
import { digestOf } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import type { InputSpec, OutputSpec, Role } from '../model/role.ts'
import type { PlacementSpec, Site } from '../model/site.ts'

const TIERS = { data: 7, web: 88, edge: 5 } as const

export function demoSite(): Site {
  const roles = ROLES.map(roleOf)
  return {
    name: 'demo',
    nodes: Object.fromEntries(names().map(({ name, tier }) => [name, nodeOf(name, tier)])),
    deployments: {
      base: deployment(named(), ['packages', 'accounts', 'clock', 'certificate']),
      store: { ...deployment(named('data'), ['database']), parent: 'base' },
      shop: { ...deployment(named('web'), ['application']), parent: 'store' },
      front: { ...deployment(named('edge'), ['balancer']), parent: 'shop' },
    },
    roles: Object.fromEntries(roles.map((role) => [role.name, role])),
    defaults: {},
  }
}

/** As though they had been measured. */
export function demoDurations(): Map<string, Measured> {
  return new Map(ROLES.map(({ name, ms }) => [name, { ms, spread: ms / 4 }]))
}

interface DemoRole {
  name: string
  ms: number
  requires?: Role['requires']
  inputs?: Role['inputs']
  outputs?: Role['outputs']
  locks?: Role['locks']
}

const TEXT: Json = { type: 'string' }
const ADDRESS: OutputSpec = { schema: TEXT, sensitive: false, value: "node.name + '.example'" }

const ROLES: readonly DemoRole[] = [
  { name: 'packages', ms: 9_000 },
  { name: 'accounts', ms: 2_000, requires: [{ role: 'packages', of: 'node' }] },
  { name: 'clock', ms: 1_500, requires: [{ role: 'packages', of: 'node' }] },
  {
    name: 'certificate',
    ms: 4_000,
    requires: [{ role: 'packages', of: 'node' }],
    outputs: { serial: told() },
  },
  {
    name: 'database',
    ms: 7_000,
    requires: [{ role: 'certificate', of: 'node' }],
    inputs: { members: readsAll('database', 'address') },
    outputs: { address: ADDRESS, version: told() },
    // A quorum stays.
    locks: [{ of: 'deployment', name: 'database', capacity: 2 }],
  },
  {
    name: 'application',
    ms: 12_000,
    requires: [{ role: 'certificate', of: 'node' }],
    inputs: { databases: readsAll('database', 'version') },
    outputs: { address: ADDRESS },
    locks: [{ of: 'deployment', name: 'application', capacity: 22 }],
  },
  {
    name: 'balancer',
    ms: 5_000,
    requires: [{ role: 'application', of: 'deployment' }],
    inputs: { servers: readsAll('application', 'address') },
    locks: [{ of: 'deployment', name: 'balancer', capacity: 1 }],
  },
]

function roleOf({ name, requires = [], inputs = {}, outputs = {}, locks = [] }: DemoRole): Role {
  const script = { path: `${name}/apply.sh`, digest: digestOf(name) }
  const role: Omit<Role, 'digest'> = {
    name,
    package: 'demo@1',
    summary: '',
    per: 'node',
    driver: 'simulated',
    requires,
    after: [],
    provides: [],
    conflicts: [],
    once: false,
    parallel: false,
    become: true,
    inputs,
    outputs,
    files: {},
    apply: script,
    locks,
    retry: { attempts: 3, backoffMs: 2_000 },
    deadlineMs: 300_000,
  }
  return { ...role, digest: digestOf(role as unknown as Json) }
}

function told(): OutputSpec {
  return { schema: TEXT, sensitive: false }
}

function readsAll(role: string, output: string): InputSpec {
  const source = { kind: 'output', role, output, take: 'map', wait: 'all' } as const
  return { schema: { type: 'object' }, sensitive: false, optional: false, source }
}

type Tier = keyof typeof TIERS

function names(): { name: string; tier: Tier }[] {
  return (Object.keys(TIERS) as Tier[]).flatMap((tier) =>
    Array.from({ length: TIERS[tier] }, (_, index) => ({ name: `${tier}-${index + 1}`, tier })),
  )
}

function named(tier?: Tier): string[] {
  return names()
    .filter((node) => tier === undefined || node.tier === tier)
    .map(({ name }) => name)
}

function nodeOf(name: string, tier: Tier): Site['nodes'][string] {
  return { transport: { kind: 'ssh', host: name }, labels: { tier }, hints: {}, available: true }
}

function deployment(members: string[], roles: string[]): Site['deployments'][string] {
  const placements = roles.map((role): PlacementSpec => ({ role, values: {} }))
  return { nodes: { names: members }, values: {}, groups: [], overrides: {}, placements, adopt: false }
}
