// Placement: what is refused before it can become a target, whoever hands it in.
import { expect, test } from 'vitest'
import type { Language } from '../model/language.ts'
import type { Role } from '../model/role.ts'
import type { DeploymentSpec, NodeSpec, Site } from '../model/site.ts'
import type { Fleet } from './fleet.ts'
import { place } from './placement.ts'

/** Expressions name the nodes that they select. */
const language: Language = {
  edition: 'of this test',
  expression: (source) => ({
    reads: [['node', 'name']],
    evaluate: ({ node }) => ({
      ok: true,
      value: source.split(' ').includes((node as { name: string }).name),
    }),
  }),
  schema: () => () => undefined,
}

const fleet: Fleet = { facts: () => undefined, fitness: () => 'fit', carriers: () => [] }

test('selections are answered, and roles narrow them', () => {
  const site = siteOf({
    d: deployment('n1 n2', [{ role: 'web', nodes: { names: ['n2', 'n1'] }, values: {} }]),
  })
  site.deployments['d']?.placements.push({ role: 'db', nodes: { expression: 'n2 n3' }, values: {} })
  const placed = place(site, language, fleet)
  expect(placed.ok && placed.value.deployments['d']?.placements.map(({ members }) => members)).toEqual([
    ['n1', 'n2'],
    ['n2'],
  ])
})

test('what is required is brought in once, where a parent does not have it', () => {
  const site = siteOf({
    base: deployment('n1', [{ role: 'ready', values: {} }]),
    d: { ...deployment('n1 n2 n3', [{ role: 'web', values: {} }]), parent: 'base' },
  })
  site.roles['web'] = role('web', { requires: [{ role: 'ready', of: 'node' }] })
  const placed = place(site, language, fleet)
  const added = placed.ok ? placed.value.deployments['d']?.placements.at(-1) : undefined
  expect(added).toEqual({ role: 'ready', members: ['n2', 'n3'], values: {}, broughtInBy: 'web' })
})

test('the caller keeps the site as it was', () => {
  const site = siteOf({ d: deployment('n1', [{ role: 'web', values: {} }]) })
  site.roles['web'] = role('web', { requires: [{ role: 'ready', of: 'node' }] })
  const before = structuredClone(site)
  place(site, language, fleet)
  expect(site).toEqual(before)
})

const refusals: [string, (site: Site) => void][] = [
  ['deployment d has the parent nowhere, which is not there', (site) => set(site, { parent: 'nowhere' })],
  ['deployment d is its own ancestor', (site) => set(site, { parent: 'd' })],
  ['deployment d has the member n9, which is no node', (site) => set(site, { nodes: { names: ['n9'] } })],
  ['deployment d places wbe, which no package has', (site) => setRoles(site, ['wbe'])],
  ['deployment d places web twice', (site) => setRoles(site, ['web', 'web'])],
  [
    'web in d requires redy, which no package has; did you mean ready?',
    (site) => void (site.roles['web'] = role('web', { requires: [{ role: 'redy', of: 'node' }] })),
  ],
  [
    'web in d requires ready of its deployment, which neither it nor a parent places',
    (site) => void (site.roles['web'] = role('web', { requires: [{ role: 'ready', of: 'deployment' }] })),
  ],
  [
    'web in d requires ready of its deployment, which d places on no node',
    (site) => {
      site.roles['web'] = role('web', { requires: [{ role: 'ready', of: 'deployment' }] })
      setRoles(site, ['web', 'ready'])
      const ready = site.deployments['d']?.placements[1]
      if (ready) ready.nodes = { names: [] }
    },
  ],
  [
    'web in d requires ready of its deployment, which neither it nor a parent places; other does',
    (site) => {
      site.roles['web'] = role('web', { requires: [{ role: 'ready', of: 'deployment' }] })
      site.deployments['other'] = deployment('n1', [{ role: 'ready', values: {} }])
    },
  ],
]

test.each(refusals)('%s', (message, spoil) => {
  const site = siteOf({ d: deployment('n1', [{ role: 'web', values: {} }]) })
  spoil(site)
  const placed = place(site, language, fleet)
  expect(placed.ok ? '' : placed.refusal.message).toBe(message)
})

test('ten thousand nodes with ten roles that require each other are placed in one pass', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `n${index}`)
  const site = siteOf({ d: deployment('', [{ role: 'r9', values: {} }]) })
  site.nodes = Object.fromEntries(names.map((name) => [name, node]))
  set(site, { nodes: { names } })
  for (let index = 0; index < 10; index++) {
    const requires: Role['requires'] = index === 0 ? [] : [{ role: `r${index - 1}`, of: 'node' }]
    site.roles[`r${index}`] = role(`r${index}`, { requires })
  }
  const placed = place(site, language, fleet)
  expect(placed.ok && placed.value.deployments['d']?.placements.length).toBe(10)
})

const node: NodeSpec = { transport: { kind: 'local' }, labels: {}, hints: {}, available: true }

function siteOf(deployments: Record<string, DeploymentSpec>): Site {
  const roles = Object.fromEntries(['ready', 'web', 'db'].map((name) => [name, role(name)]))
  return { name: 'site', nodes: { n1: node, n2: node, n3: node }, deployments, roles, defaults: {} }
}

function deployment(nodes: string, placements: DeploymentSpec['placements']): DeploymentSpec {
  return { nodes: { expression: nodes }, values: {}, groups: [], overrides: {}, placements, adopt: false }
}

function set(site: Site, change: Partial<DeploymentSpec>): void {
  Object.assign(site.deployments['d'] as DeploymentSpec, change)
}

function setRoles(site: Site, roles: string[]): void {
  set(site, { placements: roles.map((name) => ({ role: name, values: {} })) })
}

function role(name: string, change: Partial<Role> = {}): Role {
  return {
    name,
    package: 'test@1',
    summary: '',
    per: 'node',
    driver: 'simulated',
    requires: [],
    after: [],
    provides: [],
    conflicts: [],
    once: false,
    parallel: false,
    become: false,
    inputs: {},
    outputs: {},
    files: {},
    locks: [],
    retry: { attempts: 1, backoffMs: 0 },
    deadlineMs: 1,
    digest: name,
    ...change,
  }
}
