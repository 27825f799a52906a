// Fleets of any size in four shapes: chains, wide fans, clusters that read themselves whole, and random graphs.
import type { JsonObject } from '../../src/base/json.ts'
import type { Site } from '../../src/model/site.ts'
import { changed, readShortSite, shortSite } from '../../test/support/short-site.ts'

export interface Fleet {
  /** Node-roles. */
  size: number
  site: Site
  /** The same with another value for one input of one role. */
  otherValue(): Site
  /** That with one node more, a member of the first cluster where there are some. */
  oneMore(): Site
}

export const SHAPES = ['chains', 'fans', 'clusters', 'random'] as const
export type Shape = (typeof SHAPES)[number]

export function makeFleet(shape: Shape, size: number): Fleet {
  switch (shape) {
    case 'chains':
      return flat(chainRoles(), size)
    case 'fans':
      return flat(fanRoles(), size, ['root'])
    case 'random':
      return flat(randomRoles(7), size)
    case 'clusters':
      return clusters(size)
  }
}

export const ROLES_PER_NODE = 10
const CLUSTER = 1_000
const ROLES_PER_MEMBER = 5

/** Each role requires the one before it and reads what that one said. */
function chainRoles(): JsonObject {
  const roles: JsonObject = { r0: { inputs: { ip: { fact: 'ip' }, port: 1 }, outputs: { key: null } } }
  for (let i = 1; i < ROLES_PER_NODE; i++) {
    const inputs = { before: { from: `r${i - 1}.key` }, port: 1 }
    roles[`r${i}`] = { requires: [`r${i - 1}`], inputs, outputs: { key: null } }
  }
  return roles
}

/** All others require and read one on the first node. */
function fanRoles(): JsonObject {
  const roles: JsonObject = { root: { inputs: { port: 1 }, outputs: { key: null } } }
  for (let i = 0; i < ROLES_PER_NODE; i++) {
    const inputs = { root: { from: 'root.key' }, port: 1, ip: { fact: 'ip' } }
    roles[`r${i}`] = { requires: [{ role: 'root', of: 'deployment' }], inputs, outputs: { key: null } }
  }
  return roles
}

/** Each role requires up to two of those before it, and reads up to two. */
function randomRoles(seed: number): JsonObject {
  const dice = lehmer(seed)
  const roles: JsonObject = {}
  for (let i = 0; i < ROLES_PER_NODE; i++) {
    const some = (): string[] => (i === 0 ? [] : [...new Set([`r${dice(i)}`, `r${dice(i)}`])])
    const reads = some().map((role): [string, JsonObject] => [`of_${role}`, { from: `${role}.key` }])
    const inputs: JsonObject = { ...Object.fromEntries(reads), port: 1, ip: { fact: 'ip' } }
    roles[`r${i}`] = { requires: some(), inputs, outputs: { key: null } }
  }
  return roles
}

/** Whole numbers below `n`: Lehmer's generator with the constants of Park and Miller (1988). */
function lehmer(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (state * 48_271) % 2_147_483_647
    return state % n
  }
}

/** One deployment in which every node has every role, except those of `first`, which are on the first node alone. */
function flat(roles: JsonObject, size: number, first: string[] = []): Fleet {
  const names = Array.from({ length: (size - first.length) / ROLES_PER_NODE }, (_, i) => nodeName(i))
  const siteOf = (nodes: string[], port: number): Site => {
    const placed = Object.keys(roles).map((role) =>
      first.includes(role) ? { role, nodes: nodes.slice(0, 1) } : role,
    )
    const some = changed({ roles }, { roles: { r5: { inputs: { port } } } })
    return shortSite({
      ...readShortSite('{}'),
      ...some,
      nodes: Object.fromEntries(nodes.map((name) => [name, {}])),
      deployments: { d: { nodes, roles: placed } },
    })
  }
  return {
    size: names.length * ROLES_PER_NODE + first.length,
    site: siteOf(names, 1),
    otherValue: () => siteOf(names, 2),
    oneMore: () => siteOf([...names, nodeName(names.length)], 2),
  }
}

const MEMBER_ROLES = readShortSite(`
base: {}
tls: { requires: [base], outputs: { key: } }
member: { requires: [tls], inputs: { ip: { fact: ip }, port: 1 }, outputs: { address: { value: inputs.ip } } }
peers: { requires: [member], inputs: { all: { from: member.address, take: map } } }
service: { requires: [peers], inputs: { key: { from: tls.key } }, outputs: { key: } }
`)

/** Clusters of 1,000 in which every member reads the addresses of all, and a service on top of each. */
function clusters(size: number): Fleet {
  const count = Math.max(1, Math.round(size / CLUSTER / ROLES_PER_MEMBER))
  const members = Math.min(CLUSTER, size / ROLES_PER_MEMBER)
  const names = Array.from({ length: count * members }, (_, i) => nodeName(i))
  const siteOf = (port: number, more: string[]): Site => {
    const deployments: JsonObject = {}
    for (let i = 0; i < count; i++) {
      const own = names.slice(i * members, (i + 1) * members)
      const nodes = i === 0 ? [...own, ...more] : own
      deployments[`c${i}`] = { nodes, roles: Object.keys(MEMBER_ROLES) }
    }
    const nodes = Object.fromEntries([...names, ...more].map((name) => [name, {}]))
    const roles = changed(MEMBER_ROLES, { member: { inputs: { port } } })
    return shortSite({ nodes, roles, deployments })
  }
  return {
    size: names.length * ROLES_PER_MEMBER,
    site: siteOf(1, []),
    otherValue: () => siteOf(2, []),
    oneMore: () => siteOf(2, [nodeName(names.length)]),
  }
}

function nodeName(i: number): string {
  return `node-${String(i).padStart(6, '0')}`
}
