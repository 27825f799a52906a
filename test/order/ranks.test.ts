// Ranks, by hand: what each of the three rules says on a site that is small enough to check with a pencil.
import { expect, test } from 'vitest'
import { newWorld, type World } from '../../src/annealer/world.ts'
import { turn } from '../../src/annealer/turn.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

test('the longest chain behind it, over all that waits for all of its group', () => {
  const ranks = ranksIn(`
nodes: { n1: , n2: }
roles:
  log: {}
  store: { requires: [log] }
  web: { requires: [{ role: store, of: deployment }] }
deployments: { d: { nodes: "true", roles: [log, store, { role: web, nodes: [n1] }] } }
`)
  expect(ranks).toEqual({
    'd/n1/log': 3_000,
    'd/n1/store': 2_000,
    'd/n1/web': 1_000,
    'd/n2/log': 3_000,
    'd/n2/store': 2_000,
  })
})

test('what must come after it on the same node is counted one after the other, unless it may run beside others', () => {
  const ranks = ranksIn(`
nodes: { n1: , n2: }
roles:
  base: {}
  a: { requires: [base] }
  b: { requires: [base] }
  c: { requires: [base] }
  free: { requires: [base], parallel: true }
deployments:
  d: { nodes: "true", roles: [base, { role: a, nodes: [n1] }, { role: b, nodes: [n1] }, { role: c, nodes: [n1] }, free] }
`)
  // A node with more to do is begun before others.
  expect(ranks).toMatchObject({ 'd/n1/base': 4_000, 'd/n2/base': 2_000, 'd/n1/a': 1_000 })
})

test('who stands first in a line for a lock has the whole line behind it, and what leads there goes first, too', () => {
  const ranks = ranksIn(`
nodes: { n1: , n2: , n3: }
roles:
  base: {}
  join: { requires: [base], locks: [{ of: deployment, name: cluster, capacity: 1 }] }
deployments: { d: { nodes: "true", roles: [base, join] } }
`)
  expect(ranks).toEqual({
    'd/n1/base': 4_000,
    'd/n1/join': 3_000,
    'd/n2/base': 3_000,
    'd/n2/join': 2_000,
    'd/n3/base': 2_000,
    'd/n3/join': 1_000,
  })
})

test('in a line those with the least to do before come first', () => {
  const ranks = ranksIn(`
nodes: { n1: , n2: }
roles:
  base: {}
  join: { requires: [base], after: [found], locks: [{ of: deployment, name: cluster, capacity: 1 }] }
  found: { requires: [base] }
deployments: { d: { nodes: "true", roles: [base, join, { role: found, nodes: [n1] }] } }
`)
  expect(ranks).toMatchObject({ 'd/n2/join': 2_000, 'd/n1/join': 1_000 })
})

test('where some of a group are enough, the others are no more urgent than their own chains', () => {
  const ranks = ranksIn(`
nodes: { n1: , n2: }
roles:
  ask: { outputs: { request: {} } }
  sign: { inputs: { requests: { from: ask.request, take: map, wait: 1 } }, outputs: { all: {} } }
  use: { inputs: { mine: { from: sign.all } } }
deployments: { d: { nodes: "true", roles: [ask, { role: sign, nodes: [n1] }, use] } }
`)
  expect(ranks).toMatchObject({ 'd/n1/ask': 3_000, 'd/n2/ask': 1_000, 'd/n1/sign': 2_000 })
})

/** Nothing was measured: a second each. */
function ranksIn(text: string): Record<string, number> {
  const world: World = newWorld(makeLanguage())
  const who = { author: 'ann', message: '' }
  turn(world, [{ kind: 'proposeRevision', site: shortSite(readShortSite(text)), ...who }], 1)
  turn(world, [{ kind: 'commitRevision', revision: 1, onto: 0, ...who }], 2)
  return Object.fromEntries([...world.nodeRoles.values()].map(({ id, rankAtFirst }) => [id, rankAtFirst]))
}
