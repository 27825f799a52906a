// Counts that do not depend on the machine: what one change starts, and how many node-roles a turn looks at. The work of
// a turn must follow from what changed and not from how much there is.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/base/json.ts'
import { restoreSnapshot, takeSnapshot } from '../../src/annealer/snapshot.ts'
import { beginSnapshot } from '../../src/annealer/taking.ts'
import { splitJson } from '../../src/base/split.ts'
import { whatIsDue } from '../../src/annealer/due.ts'
import { rootsMeant } from '../../src/annealer/trace-meant.ts'
import { trace } from '../../src/annealer/trace.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import type { TraceStep } from '../../src/model/provenance.ts'
import { type Heart, newHeart, restart, tell } from '../support/heart.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'
import { contact, okWith, report } from './random-history.ts'

const NODES = 200

/** Each node a member that says its address; one balancer reads all of them, each web reads the balancer. */
const short = changed(
  readShortSite(`
nodes: {}
roles:
  ready: { remove: true }
  member:
    requires: [ready]
    inputs: { ip: { fact: ip }, size: { fact: size, default: 1 } }
    outputs: { address: { value: inputs.ip }, key: {} }
  balancer: { inputs: { all: { from: member.address, take: map } }, outputs: { vip: {} } }
  web: { requires: [member], inputs: { vip: { from: balancer.vip } } }
  gate: { requires: [{ role: web, of: deployment }] }
deployments:
  d: { roles: [ready, member, { role: balancer, nodes: [n0] }, web, { role: gate, nodes: [n0] }] }
`),
  { nodes: Object.fromEntries(Array.from({ length: NODES }, (_, index) => [`n${index}`, {}])) },
)

test('a first apply starts each node-role once', () => {
  const { started } = applied()
  expect(started).toHaveLength(3 * NODES + 2)
  expect(new Set(started).size).toBe(started.length)
})

test('on its way to rest a node-role is looked at no more often than something happens to it', () => {
  const roles = Object.fromEntries(
    Array.from({ length: 10 }, (_, i): [string, JsonObject] => [
      `r${i}`,
      i === 0 ? { outputs: { key: null } } : chained(i),
    ]),
  )
  const nodes = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}`, {}]))
  const heart = newHeart(makeLanguage())
  const { nodeRoles, locks } = heart.world
  const asked = { names: 0, locks: 0 }
  countGets(nodeRoles, () => asked.names++)
  countGets(locks, () => asked.locks++)
  applied({ nodes, roles, deployments: { d: { roles: Object.keys(roles) } } }, heart)
  // Placed, reached, what it requires and reads is there, started, finished.
  expect(heart.visited / nodeRoles.size).toBeLessThanOrEqual(5)
  // Among all by name: for its report. What a fleet keeps is in no cache.
  expect(asked.names / nodeRoles.size).toBeLessThanOrEqual(1)
  expect(asked.locks).toBe(0)
})

function countGets(map: { get(key: string): unknown }, got: () => void): void {
  const get = map.get.bind(map)
  map.get = (key) => {
    got()
    return get(key)
  }
}

test('a node-role at rest takes little room', () => {
  const roles = {
    r0: { inputs: { ip: { fact: 'ip' }, port: 1 }, outputs: { key: null } },
    r1: chained(1),
    r2: chained(2),
  }
  const nodes = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`n${index}`, {}]))
  const before = heapUsed()
  const { heart } = applied({ nodes, roles, deployments: { d: { roles: Object.keys(roles) } } })
  heart.recorded.length = 0
  heart.world.runs.clear()
  const bytes = (heapUsed() - before) / heart.world.nodeRoles.size
  // About 1,050 with its third of a node and of what there is once; 1,450 when maps keep it by its name and its inputs are kept twice.
  expect(bytes).toBeLessThan(1_250)
})

test('what a snapshot adds to the turns that it is written beside does not grow with the fleet', () => {
  const roles = { r0: { inputs: { ip: { fact: 'ip' } }, outputs: { key: null } }, r1: chained(1) }
  const most = [500, 2_500].map((count) => {
    const nodes = Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, {}]))
    const { heart } = applied({ nodes, roles, deployments: { d: { roles: Object.keys(roles) } } })
    heart.world.runs.clear()
    const texts = splitJson(beginSnapshot(heart.world, 100), 20_000)
    const { taking } = heart.world
    const stretches: number[] = [taking?.told ?? 0]
    for (const text of texts) {
      expect(text.length).toBeLessThan(150_000)
      stretches.push((taking?.told ?? 0) - stretches.reduce((sum, told) => sum + told, 0))
    }
    expect(stretches[0]).toBe(0)
    expect(taking?.told).toBe(3 * count)
    return Math.max(...stretches)
  })
  expect(most[1]).toBeLessThan(1.1 * (most[0] ?? 0))
})

/** After a full collection, which a test asks for although nobody else may. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

function chained(i: number): JsonObject {
  return {
    requires: [`r${i - 1}`],
    inputs: { before: { from: `r${i - 1}.key` } },
    outputs: { key: null },
  }
}

test('one node more starts its own runs, and those whose inputs it changes', () => {
  const { heart } = applied()
  const started = [...commit(heart, changed(short, { nodes: { fresh: {} } })), ...drive(heart)]
  expect(started.sort(byId)).toEqual(
    ['d/n0/balancer', 'd/fresh/ready', 'd/fresh/member', 'd/fresh/web'].sort(byId),
  )
})

test('one node more where all write each other down starts all who do, and nobody else', () => {
  const hosts = changed(
    readShortSite(`
nodes: {}
roles:
  ready: {}
  address: { outputs: { line: { value: "inputs.ip + ' ' + node.name" } }, inputs: { ip: { fact: ip } } }
  hosts-file: { requires: [ready], inputs: { lines: { from: address.line, take: all } } }
  web: { requires: [hosts-file], inputs: { port: 80 } }
  resolver: { inputs: { first: { from: address.line, take: map, select: "value['n0']" } } }
deployments:
  d: { roles: [ready, address, hosts-file, web, { role: resolver, nodes: [n0, n1] }] }
`),
    { nodes: Object.fromEntries(Array.from({ length: NODES }, (_, index) => [`n${index}`, {}])) },
  )
  const { heart } = applied(hosts)
  const before = new Map([...heart.world.nodeRoles.values()].map(({ id, digest }) => [id, digest]))
  const started = [...commit(heart, changed(hosts, { nodes: { fresh: {} } })), ...drive(heart)]
  const everywhere = Array.from({ length: NODES }, (_, index) => `d/n${index}/hosts-file`)
  const own = ['address', 'hosts-file', 'ready', 'web'].map((role) => `d/fresh/${role}`)
  expect(started.sort(byId)).toEqual([...everywhere, ...own].sort(byId))
  const rebound = [...heart.world.nodeRoles.values()].filter(({ id, digest }) => digest !== before.get(id))
  expect(started).toEqual(rebound.map(({ id }) => id).sort(byId))
})

test('one node less starts what read it', () => {
  const { heart } = applied()
  const started = [...commit(heart, changed(short, { nodes: { n7: null } })), ...drive(heart)]
  expect(started.sort(byId)).toEqual(['d/n0/balancer', 'd/n7/ready'].sort(byId))
})

test('a trace costs what it reaches, however many read however many, and shows a few of a fan', () => {
  const mesh = changed(
    readShortSite(`
nodes: {}
roles:
  peer: { inputs: { all: { from: peer.key, take: map, wait: known }, ip: { fact: ip } }, outputs: { key: {}, at: { value: inputs.ip } } }
  hosts: { inputs: { lines: { from: peer.at, take: all } } }
deployments:
  d: { roles: [peer, hosts] }
`),
    { nodes: short['nodes'] ?? {} },
  )
  const { heart } = applied(mesh)
  const roots = rootsMeant(heart.world, ['n7', 'ip'])
  if (!roots.ok) throw new Error(roots.refusal.message)
  const whole = trace(heart.world, roots.value, true)
  // Every peer's inputs but the others' addresses, every peer's key, its own early output, and all lines.
  expect(whole.counts).toEqual({ inputs: 2 * NODES + 1, outputs: NODES + 1, nodeRoles: 2 * NODES })
  // Beside each place once a line for each peer's key that says where the rest of it stands.
  expect(stepsIn(whole.roots)).toBeLessThan(5 * NODES)
  expect(stepsIn(trace(heart.world, roots.value, false).roots)).toBeLessThan(100)
})

function stepsIn(steps: readonly TraceStep[]): number {
  return steps.reduce((sum, { to }) => sum + 1 + stepsIn(to), 0)
}

test('time alone looks at nothing, and so does a fact that is known', () => {
  const { heart } = applied()
  expect(tell(heart, { kind: 'tick' }).visited).toBe(0)
  const { visited, events } = tell(heart, contact('n5', factsOf('n5')))
  expect(events.map(({ kind }) => kind)).toEqual(['nodeReached'])
  expect(visited).toBeLessThanOrEqual(rolesOn('n5'))
})

test('a changed fact looks at its own node, and at who reads what follows from it', () => {
  const { heart } = applied()
  const unread = tell(heart, contact('n5', { ...factsOf('n5'), uptime: 1 }))
  expect(startedIn(unread.events)).toEqual([])
  expect(unread.visited).toBeLessThanOrEqual(2 * rolesOn('n5'))
  const own = tell(heart, contact('n5', { ...factsOf('n5'), size: 2 }))
  expect(startedIn(own.events)).toEqual(['d/n5/member'])
  expect(own.visited).toBeLessThanOrEqual(4 * rolesOn('n5'))
  drive(heart)
  const shared = tell(heart, contact('n5', { ip: '10.1.1.1', size: 2 }))
  expect(startedIn(shared.events)).toEqual(['d/n0/balancer', 'd/n5/member'])
  expect(shared.visited).toBeLessThanOrEqual(4 * rolesOn('n5') + 4)
})

test('an output as before looks at nobody who reads it; another one at all who do', () => {
  const { heart } = applied()
  const vip = (value: string): Command[] =>
    [...heart.world.inFlight].map((record) => report(record, okWith({ vip: value })))
  tell(heart, { kind: 'retryNodeRole', nodeRole: 'd/n0/balancer', by: 'ann' })
  const same = tell(heart, ...vip('10.0.0.100'))
  expect([startedIn(same.events), same.visited <= 4]).toEqual([[], true])
  tell(heart, { kind: 'retryNodeRole', nodeRole: 'd/n0/balancer', by: 'ann' })
  const other = tell(heart, ...vip('10.0.0.200'))
  expect(startedIn(other.events)).toHaveLength(NODES)
  expect(other.visited).toBeLessThanOrEqual(3 * NODES + 4)
})

test('a dead node is looked at by itself', () => {
  const { heart } = applied()
  const fault = { code: 'unreachable', message: 'it is' } as const
  const lost = tell(heart, { kind: 'reportContact', node: 'n5', outcome: { result: 'fault', fault } })
  expect(lost.visited).toBeLessThanOrEqual(3 * rolesOn('n5') + 2)
  expect(startedIn(tell(heart, contact('n5', factsOf('n5'))).events)).toEqual([])
})

test('a commit of the same site starts nothing', () => {
  const { heart } = applied()
  expect([...commit(heart, short), ...drive(heart)]).toEqual([])
})

test('a restart binds one of each role, and others before what they read changes', () => {
  const { heart } = applied()
  restart(heart)
  expect(heart.world.counts.active).toBe(heart.world.nodeRoles.size)
  const atOnce = ['ready', 'member', 'balancer', 'web', 'gate'].map((role) => `d/n0/${role}`).sort(byId)
  expect(boundIn(heart)).toEqual(atOnce)
  // Rows of ready, member and web, but for the blocks with the ones that were bound.
  expect(unreadIn(heart)).toBe(3 * (NODES - 2))
  tell(heart, contact('n5', factsOf('n5')))
  tell(heart, { kind: 'startSession', by: 'ann' })
  tell(heart, { kind: 'retryNodeRole', nodeRole: 'd/n7/ready', by: 'ann' }, contact('n7', factsOf('n7')))
  expect(boundIn(heart)).toEqual([...atOnce, 'd/n7/ready'].sort(byId))
  expect(unreadIn(heart)).toBe(3 * (NODES - 2) - 12)
  tell(heart, contact('n5', { ...factsOf('n5'), size: 2 }))
  const ofN5 = ['ready', 'member', 'web'].map((role) => `d/n5/${role}`)
  expect(boundIn(heart)).toEqual([...atOnce, 'd/n7/ready', ...ofN5].sort(byId))
  tell(heart, contact('n6', { ip: '10.1.1.1' }), contact('n0', factsOf('n0')))
  tell(heart, ...[...heart.world.inFlight].map((record) => report(record, okWith({ vip: '10.0.0.200' }))))
  const webs = Array.from({ length: NODES }, (_, index) => `d/n${index}/web`)
  const ofN6 = ['ready', 'member'].map((role) => `d/n6/${role}`)
  const others = atOnce.filter((id) => !id.endsWith('web'))
  expect(boundIn(heart)).toEqual(
    [...others, ...webs, 'd/n7/ready', 'd/n5/ready', 'd/n5/member', ...ofN6].sort(byId),
  )
})

test('a restart binds all where another edition of the language may answer otherwise', () => {
  const { heart } = applied()
  const state = JSON.parse(JSON.stringify(takeSnapshot(heart.world))) as JsonObject
  const later = { ...makeLanguage(), edition: 'of a later release' }
  const { edition: _, ...old } = state
  for (const world of [restoreSnapshot(state, later), restoreSnapshot(old, makeLanguage())])
    expect(boundIn({ ...heart, world })).toHaveLength(world.nodeRoles.size)
})

function unreadIn({ world }: Heart): number {
  return [...world.nodeRoles.values()].filter(({ isUnread }) => isUnread).length
}

function boundIn({ world }: Heart): string[] {
  return [...world.nodeRoles.values()].flatMap((one) => (one.isAsleep ? [] : [one.id])).sort(byId)
}

function applied(
  site: JsonObject = short,
  heart = newHeart(makeLanguage()),
): { heart: Heart; started: string[] } {
  tell(heart, { kind: 'startSession', by: 'ann' })
  return { heart, started: [...commit(heart, site), ...drive(heart)] }
}

function commit(heart: Heart, site: JsonObject): string[] {
  const revision = Math.max(0, ...heart.world.revisions.keys()) + 1
  const who = { author: 'ann', message: '' }
  const made = tell(
    heart,
    { kind: 'proposeRevision', site: shortSite(site), ...who },
    { kind: 'commitRevision', revision, onto: heart.world.head, ...who },
  )
  expect(made.answers.map(({ ok }) => ok)).toEqual([true, true])
  return startedIn(made.events)
}

/** Lets everything succeed until rest, and answers what was started. */
function drive(heart: Heart): string[] {
  const started: string[] = []
  for (;;) {
    const { runs, contacts } = whatIsDue(heart.world)
    const commands: Command[] = [...runs].map((record) =>
      report(record, okWith({ key: record.nodeRole, vip: '10.0.0.100' })),
    )
    commands.push(...contacts.map(({ name }) => contact(name, factsOf(name))))
    if (commands.length === 0) return started
    started.push(...startedIn(tell(heart, ...commands).events))
  }
}

function startedIn(events: readonly Event[]): string[] {
  return events.flatMap((event) => (event.kind === 'runStarted' ? [event.nodeRole] : [])).sort(byId)
}

function byId(a: string, b: string): number {
  return a < b ? -1 : 1
}

function factsOf(node: string): JsonObject {
  return { ip: `10.0.0.${node}` }
}

function rolesOn(node: string): number {
  return node === 'n0' ? 5 : 3
}
