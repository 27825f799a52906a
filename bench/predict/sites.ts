// The two sites of the bench of predictions, as text made from what is wanted: an etcd cluster, and web servers behind a balancer.
import { join } from 'node:path'

/** What a change changes; all else stays as it was. */
export interface Wanted {
  /** Hosts that are in the inventory. */
  members: readonly string[]
  /** Inputs of roles, by role. */
  values: Readonly<Record<string, Readonly<Record<string, number | string>>>>
  /** People with an account on every host. */
  users: readonly string[]
  /** Roles that every host gets besides. */
  everywhere: readonly string[]
  /** Whether the service is there at all, or only the base under it. */
  service: boolean
}

export interface BenchSite {
  name: string
  /** All hosts that are ever in it. */
  hosts: readonly string[]
  layers: readonly string[]
  begin: Wanted
  text(wanted: Wanted): string
}

const WEB = join(import.meta.dirname, 'web')

export const ETCD: BenchSite = {
  name: 'etcd',
  hosts: numbered('etcd', 5),
  layers: ['etcd'],
  begin: {
    members: numbered('etcd', 3),
    values: { etcd: { heartbeat_interval_ms: 100, snapshot_count: 10_000 } },
    users: [],
    everywhere: [],
    service: true,
  },
  text: (wanted) => `site: etcd
packages: [ready, pki, etcd]
nodes: { from: nodes.yaml }
deployments:
${base(wanted)}
  store:
    parent: base
    nodes: "${wanted.service ? "node.name.startsWith('etcd-')" : 'false'}"
    roles:
${
  wanted.service
    ? `      - { role: certificate-signing, nodes: [etcd-1] }
      - { role: etcd-founding, nodes: [etcd-1], values: { cluster_name: bench } }
      - { role: etcd, values: ${JSON.stringify(wanted.values['etcd'])} }`
    : '      - ready'
}
`,
}

export const WEBSITE: BenchSite = {
  name: 'web',
  hosts: ['lb-1', ...numbered('web', 6)],
  layers: ['haproxy', 'nginx'],
  begin: {
    members: ['lb-1', ...numbered('web', 4)],
    values: { page: { text: 'hello', port: 8080 }, balancer: { most_connections: 1000 } },
    users: [],
    everywhere: [],
    service: true,
  },
  text: (wanted) => `site: web
packages: [ready, ${WEB}]
nodes: { from: nodes.yaml }
deployments:
${base(wanted)}
  front:
    parent: base
    nodes: "${wanted.service ? "node.name.startsWith('web-') || node.name.startsWith('lb-')" : 'false'}"
    roles:
${
  wanted.service
    ? `      - { role: page, nodes: "node.name.startsWith('web-')", values: ${JSON.stringify(wanted.values['page'])} }
      - { role: balancer, nodes: "node.name.startsWith('lb-')", values: ${JSON.stringify(wanted.values['balancer'])} }`
    : '      - ready'
}
`,
}

function base({ users, everywhere }: Wanted): string {
  const listed = JSON.stringify(users.map((name) => ({ name, sudo: true })))
  return `  base:
    nodes: "true"
    values: { users: { users: ${listed} } }
    roles: [${['ready', ...everywhere].join(', ')}]`
}

export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`)
}
