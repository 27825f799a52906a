// Rehearsals of small sites: exact counts by a fixed seed, the same report each time, and a past that stays as it was.
import { expect, test } from 'vitest'
import { takeSnapshot } from '../../../src/annealer/snapshot.ts'
import { newWorld } from '../../../src/annealer/world.ts'
import { makeLanguage } from '../../../src/content/language.ts'
import type { RehearsalReport, RehearsalRequest } from '../../../src/model/rehearsal.ts'
import { readShortSite, shortSite } from '../../support/short-site.ts'
import { rehearse } from '../../../src/rehearsal/rehearse.ts'

const SITE = `
nodes: { n1: { tier: data }, n2: { tier: data }, n3: { tier: data } }
roles:
  base: {}
  store: { requires: [base], inputs: { peers: { from: store.peer, take: map } }, outputs: { peer: { value: node.name }, version: }, locks: [{ of: deployment, name: store, capacity: 1 }] }
  web: { requires: [{ role: store, of: deployment }], inputs: { version: { from: store.version, take: map } } }
deployments:
  d: { nodes: "true", roles: [store, web] }
`

function rehearsed(text: string, more: Partial<RehearsalRequest> = {}): RehearsalReport {
  const site = shortSite(readShortSite(text))
  const request: RehearsalRequest = {
    what: { kind: 'files', site },
    afresh: false,
    times: 5,
    seed: 1,
    dead: 0,
    ...more,
  }
  const found = rehearse(newWorld(makeLanguage()), request, 0)
  if (!found.ok) throw new Error(found.refusal.message)
  return found.value
}

test('a small site: what runs, what runs at once, and that it settles', () => {
  const { ends, runs, atOnce, groups, nodes, nodeRoles, left } = rehearsed(SITE)
  expect({ ends, runs: [runs.least, runs.most], atOnce: atOnce.most, nodes, nodeRoles, left }).toEqual({
    ends: { ready: 5, word: 0, problems: 0, endless: 0 },
    runs: [9, 9],
    atOnce: 3,
    nodes: 3,
    nodeRoles: 9,
    left: [],
  })
  expect(groups.map((group) => [group.role, group.atOnce, group.disrupted])).toEqual([
    ['base', 3, 0],
    ['web', 3, 0],
    ['store', 1, 0],
  ])
})

test('the same seed gives the same report, another seed another', () => {
  const report = rehearsed(SITE, { fail: 0.2 })
  expect(rehearsed(SITE, { fail: 0.2 })).toEqual(report)
  expect(rehearsed(SITE, { fail: 0.2, seed: 2 }).toRestMs).not.toEqual(report.toRestMs)
})

test('the world that it was rehearsed in is as it was', () => {
  const world = newWorld(makeLanguage())
  const before = takeSnapshot(world)
  const site = shortSite(readShortSite(SITE))
  rehearse(world, { what: { kind: 'files', site }, afresh: false, seed: 1, dead: 0 }, 0)
  expect(takeSnapshot(world)).toEqual(before)
})

test('where every run fails, each of them ends in error or is blocked by one, and the reason is told', () => {
  const { ends, left } = rehearsed(SITE, { fail: 1 })
  expect(ends.problems).toBe(5)
  expect(
    left.map(({ role, state, reason, nodeRoles, times }) => [role, state, reason.kind, nodeRoles, times]),
  ).toEqual([
    ['base', 'error', 'failed', 3, 5],
    ['store', 'blocked', 'requirement', 3, 5],
    ['web', 'blocked', 'inputUnbound', 3, 5],
  ])
})

test('nodes that never answer are left, and what waits for them', () => {
  const { ends, left } = rehearsed(SITE, { dead: 1 })
  expect(ends.problems).toBe(5)
  expect(new Set(left.map(({ reason }) => reason.kind))).toEqual(new Set(['notAlive']))
})

test('more nodes: copies are members of what their originals are members of', () => {
  const { nodes, runs, groups, assumptions } = rehearsed(SITE, { nodes: 50, times: 1 })
  expect([nodes, runs.most]).toEqual([50, 150])
  expect(groups.find(({ role }) => role === 'store')).toMatchObject({ members: 50, atOnce: 1 })
  expect(assumptions).toContainEqual({ kind: 'multiplied', from: 3, to: 50 })
})

test('what waits for a person is told as that', () => {
  const held = SITE.replace(
    'roles: [store, web]',
    'roles: [store, { role: web, windows: ["Sat 22:00-23:00"] }]',
  )
  const { ends, left } = rehearsed(held)
  expect(ends.word).toBe(5)
  expect(left.map(({ role, state }) => [role, state])).toEqual([['web', 'todo']])
})

test('what runs at once late is counted as what does early', () => {
  const widening = SITE.replace('requires: [base], ', '')
  expect(rehearsed(widening, { times: 1 }).atOnce.most).toBe(3)
})
