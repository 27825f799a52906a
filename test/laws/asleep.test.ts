// Law of lazy binding: a world that a snapshot gave back goes on as one that never stopped, whatever changes first and whoever asks
// first. Node-roles asleep are bound before what they read changes; one that is not then stops the heart, or is bound otherwise.
import { expect, test } from 'vitest'
import { inputsOfSuccess, wake } from '../../src/annealer/asleep.ts'
import { diffSite } from '../../src/annealer/diff.ts'
import { whatIsDue } from '../../src/annealer/due.ts'
import { explain } from '../../src/annealer/explain.ts'
import { filesMeant } from '../../src/annealer/files-order.ts'
import { takeSnapshot } from '../../src/annealer/snapshot.ts'
import { rootsMeant } from '../../src/annealer/trace-meant.ts'
import { trace } from '../../src/annealer/trace.ts'
import { replay, settle, takeIn } from '../../src/annealer/turn.ts'
import { viewNodeDetails } from '../../src/annealer/view-node.ts'
import { viewStatus } from '../../src/annealer/view.ts'
import { SecretNames } from '../../src/annealer/secret-names.ts'
import { nodeCalled, nodeRoleCalled, type World } from '../../src/annealer/world.ts'
import { digestOf } from '../../src/base/digest.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { isSameJson } from '../../src/base/same-json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import type { Recorded } from '../../src/model/event.ts'
import { derivedOf, type Heart, newHeart, replayed, restart, restored, tell } from '../support/heart.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'
import { contact, okWith, report } from './random-history.ts'

/**
 * Chains on each node (ready, member, store, top, web), groups read whole (lines, hosts) and one by one (spare), one that all read
 * (balancer), a deployment that reads what is above it (resolver), and what is said early, by facts, by values and by other such. Of
 * two tables one is tried at the start, as one of its role: for the other nobody has asked what its seats say before one of them changes.
 */
const short = readShortSite(`
nodes: { n0: { rack: a }, n1: { rack: a }, n2: { rack: b }, n3: { rack: b } }
roles:
  ready:
    inputs: { size: { fact: size, default: 1 }, twice: { value: inputs.size * 2 } }
    outputs: { key: {} }
    remove: true
  member:
    requires: [ready]
    inputs: { ip: { fact: ip }, zone: lab, before: { from: ready.key } }
    outputs: { address: { value: "inputs.ip + '.' + inputs.zone" }, key: {} }
  store:
    inputs: { port: 80, at: { value: "node.facts.ip + ' in ' + node.labels.rack" }, before: { from: member.key } }
    outputs: { key: {} }
    remove: true
  top: { inputs: { before: { from: store.key } }, outputs: { key: {} } }
  lines: { inputs: { lines: { from: member.address, take: all }, own: { from: member.address } } }
  hosts: { inputs: { all: { from: store.key, take: map, wait: known } } }
  spare: { inputs: { first: { from: store.key, take: map, select: "value['n0']" } } }
  balancer:
    inputs: { all: { from: member.address, take: map } }
    outputs: { vip: {}, names: { value: inputs.all } }
  web: { inputs: { vip: { from: balancer.vip }, before: { from: top.key } } }
  resolver: { inputs: { names: { from: balancer.names }, before: { from: store.key } } }
  seat: { inputs: { ip: { fact: ip } }, outputs: { chair: { value: inputs.ip } } }
  table: { inputs: { all: { from: seat.chair, take: map } } }
deployments:
  d: { roles: [ready, member, store, top, lines, hosts, spare, { role: balancer, nodes: [n0] }, web] }
  below: { parent: d, roles: [resolver] }
  east: { nodes: "node.labels.rack == 'a'", roles: [seat, { role: table, nodes: [n0] }] }
  west: { nodes: "node.labels.rack == 'b'", roles: [seat, { role: table, nodes: [n2] }] }
`)

interface Story {
  heart: Heart
  /** What its turns wrote, turn by turn. */
  turns: Recorded[][]
}

type Change = (story: Story) => void

const CHANGES: Readonly<Record<string, Change>> = {
  'a fact that one node-role reads': (story) => say(story, contact('n3', { ...factsOf('n3'), size: 2 })),
  'a fact that is said early': (story) => say(story, contact('n3', { ip: '10.9.9.9' })),
  'a fact that nobody reads': (story) => say(story, contact('n3', { ...factsOf('n3'), uptime: 1 })),
  'facts of two nodes in one turn': (story) =>
    say(story, contact('n3', { ip: '10.9.9.9' }), contact('n2', { ip: '10.9.9.8', size: 3 })),
  'a run that says something else to its node and to groups': (story) =>
    runAgain(story, 'd/n3/store', 'anew'),
  'a run that says something else to all': (story) => runAgain(story, 'd/n0/balancer', 'anew'),
  'a run that says what it said before': (story) => runAgain(story, 'd/n3/store', ''),
  'a rinse, which takes back what was said': (story) =>
    say(story, { kind: 'rinse', nodeRoles: ['d/n3/store'], once: false, by: 'ann' }),
  'one value': committing({ deployments: { d: { values: { store: { port: 81 } } } } }),
  'one value of one node-role that says it early': committing({
    deployments: { d: { overrides: { 'n3/member': { zone: 'far' } } } },
  }),
  'a label': committing({ nodes: { n3: { rack: 'c' } } }),
  'one node more': committing({ nodes: { n4: { rack: 'a' } } }),
  'one node out': committing({ nodes: { n3: null } }),
  'one node-role out': committing({
    roles: { spare: { inputs: { first: { from: 'store.key', take: 'map', select: "value['n1']" } } } },
    deployments: { d: { roles: placing('store', ['n1', 'n2', 'n3']) } },
  }),
  'the one that all read, elsewhere': committing({
    deployments: { d: { roles: placing('balancer', ['n1']) } },
  }),
  'a role of other words': committing({ roles: { store: { inputs: { more: 'yes' } } } }),
  'the same again': committing({}),
}

test.each(Object.entries(CHANGES))('as if it had never stopped: %s', (_, change) => {
  const live = atRest()
  const late = restarted(live)
  const [followed, caughtUp] = [restored(live.heart.world), restored(live.heart.world)]
  expect(sleepers(late.heart.world).length).toBeGreaterThan(late.heart.world.nodeRoles.size / 2)

  for (const story of [live, late]) goOn(story, change)
  expectEqual(late.turns, live.turns)

  for (const turn of late.turns) takeIn(followed, turn)
  for (const { at, event } of late.turns.flat()) replay(caughtUp, at, event)
  settle(caughtUp)
  const again = [restored(late.heart.world), replayed(late.heart)]
  expectAlike(live.heart.world, late.heart.world, followed, caughtUp, ...again)
})

test('as if all had been awake: one change after the other, also for who takes all in at once', () => {
  const live = atRest()
  const late = restarted(live)
  const before = late.heart.recorded.length
  const caughtUp = restored(live.heart.world)
  for (const change of Object.values(CHANGES)) {
    // Both, as what is cleared in one turn is told in the order in which it came to be.
    for (const { heart } of [live, late]) restart(heart)
    for (const nodeRole of live.heart.world.nodeRoles.values()) wake(nodeRole)
    for (const story of [live, late]) goOn(story, change)
    expectEqual(late.turns, live.turns)
    for (const { turns } of [live, late]) turns.length = 0
  }
  for (const { at, event } of late.heart.recorded.slice(before)) replay(caughtUp, at, event)
  settle(caughtUp)
  expectAlike(live.heart.world, late.heart.world, caughtUp)
})

test('nobody wakes for what was said before and is said again', () => {
  const late = restarted(atRest())
  const { world } = late.heart
  const before = sleepers(world)
  runAgain(late, 'd/n3/store', '')
  expect(late.turns.flat().map(({ event }) => event.kind)).toContain('runFinished')
  expect(sleepers(world)).toEqual(before.filter((id) => id !== 'd/n3/store'))
})

/** What is asked, and who is awake afterwards that slept before. */
const QUESTIONS: Readonly<Record<string, { ask: (world: World) => unknown; wakes: string[] | 'all' }>> = {
  why: {
    ask: (world) => explain(world, nodeRoleCalled(world, 'd/n3/web')),
    wakes: ['d/n3/web'],
  },
  'why, what it ran with': {
    ask: (world) => inputsOfSuccess(nodeRoleCalled(world, 'below/n3/resolver')) ?? {},
    wakes: ['below/n3/resolver'],
  },
  'its files': {
    ask: (world) => filesMeant(world, nodeRoleCalled(world, 'd/n3/lines')),
    wakes: ['d/n3/lines'],
  },
  'how all stands': { ask: (world) => viewStatus(world), wakes: [] },
  'a node': {
    ask: (world) =>
      viewNodeDetails(world, nodeCalled(world, 'n3'), new SecretNames(world.language), () => true),
    wakes: [],
  },
  'where a value goes': { ask: (world) => traced(world, 'd/n3/top.key'), wakes: ['d/n3/web'] },
  'where a value is': { ask: (world) => traced(world, '10.0.0.n3.lab'), wakes: 'all' },
  'what a commit would change': {
    ask: (world) => diffSite(world, shortSite(changed(short, { nodes: { n3: null } }))),
    wakes: [],
  },
}

test.each(Object.entries(QUESTIONS))('who is asked is awake, and nobody else: %s', (_, { ask, wakes }) => {
  const live = atRest()
  const late = restarted(live)
  const before = sleepers(late.heart.world)
  expectEqual(ask(late.heart.world), ask(live.heart.world))
  const after = sleepers(late.heart.world)
  expect(before.filter((id) => !after.includes(id))).toEqual(wakes === 'all' ? before : wakes)
  for (const story of [live, late]) goOn(story, CHANGES['a fact that is said early'] as Change)
  expectEqual(late.turns, live.turns)
  expectAlike(live.heart.world, late.heart.world)
})

/** Bindings with their digests and what each ran with, what `anneal why` says, and all that events told. */
function expectAlike(live: World, ...others: World[]): void {
  const [derived, whys, snapshot] = [derivedOf(live), whysOf(live), takeSnapshot(live)]
  for (const world of others) {
    expectEqual(derivedOf(world), derived)
    expectEqual(whysOf(world), whys)
    expectEqual(takeSnapshot(world), snapshot)
  }
}

/** Drawings of differences are made only where there is one. */
function expectEqual(is: unknown, wanted: unknown): void {
  if (!isSameJson(is as Json, wanted as Json)) expect(is).toEqual(wanted)
}

function whysOf(world: World): unknown[] {
  return [...world.nodeRoles.keys()].sort().map((id) => explain(world, nodeRoleCalled(world, id)))
}

function traced(world: World, ...words: string[]): unknown {
  const roots = rootsMeant(world, words)
  return roots.ok ? trace(world, roots.value, true) : roots
}

function sleepers(world: World): string[] {
  return [...world.nodeRoles.values()].flatMap(({ isAsleep, id }) => (isAsleep ? [id] : [])).sort()
}

function atRest(): Story {
  const story: Story = { heart: newHeart(makeLanguage()), turns: [] }
  say(story, { kind: 'startSession', by: 'ann' })
  committing({})(story)
  drive(story)
  const { counts, nodeRoles } = story.heart.world
  expect(counts.active).toBe(nodeRoles.size)
  story.turns.length = 0
  return story
}

/** Another that begins where it stands. */
function restarted({ heart }: Story): Story {
  return { heart: { ...heart, world: restored(heart.world), recorded: [...heart.recorded] }, turns: [] }
}

function committing(change: JsonObject): Change {
  return (story) => {
    const revision = Math.max(0, ...story.heart.world.revisions.keys()) + 1
    const who = { author: 'ann', message: '' }
    say(
      story,
      { kind: 'proposeRevision', site: shortSite(changed(short, change)), ...who },
      { kind: 'commitRevision', revision, onto: story.heart.world.head, ...who },
    )
  }
}

/** All roles of `d` in their places, but for this one. */
function placing(role: string, nodes: string[]): Json[] {
  const roles = (short['deployments'] as { d: { roles: Json[] } }).d.roles
  return roles.map((one) => (one === role || (one as JsonObject)['role'] === role ? { role, nodes } : one))
}

function goOn(story: Story, change: Change): void {
  change(story)
  drive(story)
}

function runAgain(story: Story, nodeRole: string, words: string): void {
  say(story, { kind: 'retryNodeRole', nodeRole, by: 'ann' })
  say(story, ...reports(story.heart, words))
}

/** Lets everything succeed until rest. What is said follows from what it ran with, so that a change goes all the way. */
function drive(story: Story): void {
  for (;;) {
    const { contacts } = whatIsDue(story.heart.world)
    const commands = reports(story.heart, '')
    commands.push(...contacts.map(({ name }) => contact(name, factsOf(name))))
    if (commands.length === 0) return
    say(story, ...commands)
  }
}

function reports({ world }: Heart, words: string): Command[] {
  return [...whatIsDue(world).runs].map((record) => {
    const key = digestOf([record.nodeRole, record.inputs, words]).slice(0, 12)
    return report(record, okWith({ key, vip: key }))
  })
}

function say({ heart, turns }: Story, ...commands: Command[]): void {
  const before = heart.recorded.length
  const { answers } = tell(heart, ...commands)
  expect(answers.filter(({ ok }) => !ok)).toEqual([])
  turns.push(heart.recorded.slice(before))
}

function factsOf(node: string): JsonObject {
  return { ip: `10.0.0.${node}` }
}
