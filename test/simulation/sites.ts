// Sites for stories: a small catalogue of roles that wait for each other in every way, and what operators change of it.
import { isObject, type JsonObject } from '../../src/base/json.ts'
import { digestOfBytes } from '../../src/base/digest.ts'
import type { ContentRef, Role } from '../../src/model/role.ts'
import type { Site } from '../../src/model/site.ts'
import { changed, shortSite } from '../support/short-site.ts'
import type { Dice } from './dice.ts'

/** What a simulated host does when it is handed one as a script: its bytes are this, as JSON. */
export interface SimulatedScript {
  action: 'apply' | 'check' | 'remove'
  /** Late outputs that it tells; secret ones are not said aloud. */
  tells: { name: string; secret: boolean }[]
  parallel: boolean
  /** Inputs that it prints, as careless scripts do. */
  prints: string[]
}

export const MACHINES = ['n1', 'n2', 'n3', 'n4', 'n5']

/** All can become active: whatever is not in the end is somebody's fault. */
export function anySite(dice: Dice, demanding: boolean): JsonObject {
  const site = siteFrom(dice)
  // Drawn last, so that older stories keep the sites that they were told of.
  const isStepped = dice.chance(0.5)
  if (!demanding) return isStepped ? withPolicies(site, POLICIES, dice) : site
  const chosen = dice.chance(0.4) ? placedByNumber(site, dice) : site
  return withPolicies(chosen, [...POLICIES, ...DEMANDS, ...DEMANDS], dice)
}

function withPolicies(site: JsonObject, policies: typeof POLICIES, dice: Dice): JsonObject {
  return changed(site, { deployments: { upper: { roles: inSteps(site, policies, dice) } } })
}

function placedByNumber(site: JsonObject, dice: Dice): JsonObject {
  const db = { role: 'db', count: dice.between(1, 2), prefer: ['node.labels.tier'] }
  const roles = rolesOf(site).map((one) => (isRole(one, 'db') ? db : one))
  return changed(site, { deployments: { upper: { roles } } })
}

function isRole(placed: JsonObject[string] | undefined, role: string): boolean {
  return placed === role || (isObject(placed) && placed['role'] === role)
}

function rolesOf(site: JsonObject): JsonObject[string][] {
  return (site['deployments'] as { upper: { roles: JsonObject[string][] } }).upper.roles
}

/** Some placements let changes go out in steps, or stop a role that fails. */
function inSteps(site: JsonObject, policies: typeof POLICIES, dice: Dice): JsonObject[string] {
  return rolesOf(site).map((placed): JsonObject[string] => {
    const policy = dice.pick(policies)
    const placement = isObject(placed) ? placed : { role: placed }
    return policy === undefined ? placed : { ...placement, ...policy }
  })
}

const POLICIES: readonly (JsonObject | undefined)[] = [
  undefined,
  undefined,
  { rollout: { probe: 1 } },
  // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
  { rollout: { probe: 1, then: ['50%'], soak: '2s', dependants: true } },
  { max_failures: 1 },
]

/** What waits for people, or for a time. The clocks of stories begin at midnight. */
const DEMANDS: readonly JsonObject[] = [
  { rollout: { probe: 1, approve: true } },
  // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
  { rollout: { probe: 1, then: ['1'], tolerate: '50%', variants: ['node.labels.tier'] } },
  { windows: ['00:01-00:03'] },
  { drift: 'report' },
]

function siteFrom(dice: Dice): JsonObject {
  const count = dice.between(2, 4)
  const nodes = MACHINES.slice(0, count).map((name, index) => [name, { tier: index % 2 }])
  const retry = { attempts: dice.between(1, 3), backoff: dice.pick(['500ms', '2s', '10s']) }
  return {
    nodes: Object.fromEntries(nodes) as JsonObject,
    roles: {
      base: {
        inputs: { release: 1, cpus: { fact: 'cpu.count' } },
        check: dice.chance(0.5),
        remove: dice.chance(0.5),
        retry,
      },
      disk: {
        once: true,
        check: dice.chance(0.3),
        requires: ['base'],
        inputs: { label: 'data', cpus: { fact: 'cpu.count' } },
        outputs: dice.chance(0.5) ? { device: {} } : {},
      },
      vault: {
        per: 'deployment',
        inputs: { realm: 'lab' },
        outputs: { token: { sensitive: true } },
        retry,
      },
      db: {
        requires: ['disk'],
        inputs: {
          port: 1,
          token: { from: 'vault.token', sensitive: true },
          peers: { from: 'db.address', take: 'map' },
        },
        outputs: { address: { value: 'node.name + ":" + string(inputs.port)' }, version: {} },
        locks: dice.chance(0.5) ? [{ of: 'deployment', name: 'rolling', capacity: dice.between(1, 2) }] : [],
        check: dice.chance(0.5),
        remove: dice.chance(0.7),
        retry,
      },
      cache: {
        requires: ['base'],
        parallel: true,
        inputs: { size: 1 },
        locks: [{ of: 'site', name: 'licence', capacity: dice.between(1, 2) }],
        remove: dice.chance(0.5),
        retry,
      },
      web: {
        requires: [{ role: 'db', of: 'deployment' }],
        after: ['cache'],
        inputs: {
          password: { sensitive: true, default: 'open-sesame' },
          versions: { from: 'db.version', take: 'map', wait: dice.pick(['all', 'all', 'known', 1]) },
        },
        outputs: { url: {} },
        locks: [{ of: 'node', name: 'ports', capacity: 1 }],
        check: dice.chance(0.5),
        remove: dice.chance(0.7),
        retry,
      },
      ready: { apply: false, requires: ['web', 'cache'] },
    },
    deployments: {
      lower: { nodes: 'true', roles: ['base'], adopt: dice.chance(0.2) },
      upper: {
        parent: 'lower',
        nodes: 'true',
        roles: [
          'disk',
          'vault',
          dice.chance(0.3) ? { role: 'db', nodes: 'node.labels.tier == 0' } : 'db',
          'cache',
          'web',
          'ready',
        ],
        adopt: dice.chance(0.2),
      },
    },
  }
}

export interface Change {
  says: string
  change: JsonObject
}

/** One thing that an operator does to the files between two commits. */
export function anyChange(dice: Dice): Change {
  return dice.pick(CHANGES)(dice)
}

const CHANGES: readonly ((dice: Dice) => Change)[] = [
  (dice) => {
    const port = dice.between(1, 3)
    return { says: `port ${port}`, change: values('db', { port }) }
  },
  (dice) => {
    const release = dice.between(1, 3)
    return { says: `base release ${release}`, change: { roles: { base: { inputs: { release } } } } }
  },
  (dice) => {
    const password = `pass-word-${dice.between(1, 3)}`
    return { says: 'another password', change: values('web', { password }) }
  },
  (dice) => {
    const node = dice.pick(MACHINES)
    return { says: `${node} comes`, change: { nodes: { [node]: { tier: dice.below(2) } } } }
  },
  (dice) => {
    const node = dice.pick(MACHINES)
    return { says: `${node} goes`, change: { nodes: { [node]: null } } }
  },
  (dice) => {
    const label = dice.pick(['data', 'more'])
    return { says: `disk label ${label}`, change: values('disk', { label }) }
  },
  () => ({
    says: 'web goes',
    change: { deployments: { upper: { roles: ['disk', 'vault', 'db', 'cache'] } } },
  }),
  () => ({ says: 'upper goes', change: { deployments: { upper: null } } }),
  (dice) => {
    const capacity = dice.between(1, 3)
    const locks = [{ of: 'site', name: 'licence', capacity }]
    return { says: `licences ${capacity}`, change: { roles: { cache: { locks } } } }
  },
  (dice) => {
    const upper = { parent: 'lower', nodes: 'true', adopt: dice.chance(0.3), values: {} }
    const roles = ['disk', 'vault', 'db', 'cache', 'web', 'ready']
    return { says: 'upper as a whole', change: { deployments: { upper: { ...upper, roles } } } }
  },
]

/** A value that is said elsewhere than in the deployment: for all, for some or for one. */
export function anySaying(
  dice: Dice,
  what: { role: string; input: string; deployments: [string, string] },
): Change {
  const { role, input } = what
  const [above, here] = what.deployments
  const value = dice.between(1, 3)
  const said = { [role]: { [input]: value } }
  const node = dice.pick(MACHINES.slice(0, 3))
  const places: Readonly<Record<string, JsonObject>> = {
    'by its package': { defaults: { test: said } },
    'in what is above': { deployments: { [above]: { values: said } } },
    'for some': {
      deployments: { [here]: { groups: [{ nodes: 'node.labels.tier == 0', values: said }] } },
    },
    [`as a hint of ${node}`]: { nodes: { [node]: { hints: said } } },
    [`for ${node} alone`]: {
      deployments: { [here]: { overrides: { [`${node}/${role}`]: { [input]: value } } } },
    },
  }
  const place = dice.pick(Object.keys(places))
  return { says: `${role}.${input} ${value} ${place}`, change: places[place] as JsonObject }
}

function values(role: string, of: JsonObject): JsonObject {
  return { deployments: { upper: { values: { [role]: of } } } }
}

/** The site as the model has it, with scripts that simulated hosts understand. */
export function dressed(short: JsonObject): { site: Site; content: Map<string, Uint8Array> } {
  const site = shortSite(short)
  const content = new Map<string, Uint8Array>()
  const keep = (path: string, text: string): ContentRef => {
    const bytes = Buffer.from(text)
    const digest = digestOfBytes(bytes)
    content.set(digest, bytes)
    return { path, digest }
  }
  for (const role of Object.values(site.roles)) {
    role.driver = 'script'
    for (const action of ['apply', 'check', 'remove'] as const) {
      if (role[action]) role[action] = keep(`${role.name}/${action}`, JSON.stringify(scriptOf(role, action)))
    }
    if (role.name !== 'base') continue
    const motd = keep('base/motd.j2', 'release {{ inputs.release }}\n')
    role.files['/etc/motd'] = { kind: 'template', content: motd, mode: '0644', owner: 'root', group: 'root' }
  }
  return { site, content }
}

function scriptOf(role: Role, action: SimulatedScript['action']): SimulatedScript {
  const late = Object.entries(role.outputs).filter(([, spec]) => spec.value === undefined)
  return {
    action,
    tells: late.map(([name, { sensitive: secret }]) => ({ name, secret })),
    parallel: role.parallel,
    prints: Object.keys(role.inputs).filter((input) => role.inputs[input]?.sensitive),
  }
}
