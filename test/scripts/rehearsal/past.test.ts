// What the past teaches a rehearsal: durations, odds, outputs, facts; and what copies of nodes have of it.
import { expect, test } from 'vitest'
import { takeSnapshot } from '../../../src/annealer/snapshot.ts'
import type { World } from '../../../src/annealer/world.ts'
import { makeLanguage } from '../../../src/content/language.ts'
import type { JsonObject } from '../../../src/base/json.ts'
import type { RehearsalReport, RehearsalRequest } from '../../../src/model/rehearsal.ts'
import type { RunOutcome } from '../../../src/model/run.ts'
import { learntOdds } from '../../../src/rehearsal/odds.ts'
import { rehearse } from '../../../src/rehearsal/rehearse.ts'
import { type Heart, newHeart, tell } from '../../support/heart.ts'
import { changed, readShortSite, shortSite } from '../../support/short-site.ts'

const SITE = readShortSite(`
nodes: { n1: { tier: data }, n2: { tier: data } }
roles:
  store:
    inputs: { size: 1, address: { fact: network.primary.address } }
    outputs: { version: }
    retry: { attempts: 3 }
  web: { requires: [store], inputs: { version: { from: store.version } } }
deployments:
  d: { nodes: "true", roles: [store, web] }
`)

const LARGER = changed(SITE, { deployments: { d: { values: { store: { size: 2 } } } } })

/** Carried out in earnest, so to speak: each run takes as long as it is told to, and the first `failing` ones fail. */
function annealed(ms: number, failing = 0, facts: (node: string) => JsonObject = factsOf): Heart {
  const heart = newHeart(makeLanguage())
  let left = failing
  tell(heart, { kind: 'startSession', by: 'ann' })
  commit(heart, SITE)
  for (const node of ['n1', 'n2'])
    tell(heart, { kind: 'reportContact', node, outcome: { result: 'reached', facts: facts(node) } })
  for (let step = 0; step < 50; step++) {
    heart.now += ms
    const [run] = heart.world.inFlight
    if (!run) {
      tell(heart, { kind: 'tick' })
      continue
    }
    const outcome: RunOutcome =
      left-- > 0
        ? { result: 'failed', message: 'no', tail: '', retry: true, durationMs: ms }
        : { result: 'ok', outputs: { version: 'seven' }, filesChanged: [], durationMs: ms }
    tell(heart, { kind: 'reportRun', run: run.run, token: run.token, outcome })
  }
  expect(heart.world.counts.active).toBe(heart.world.nodeRoles.size)
  return heart
}

function commit(heart: Heart, short: JsonObject): void {
  const revision = heart.world.revisions.size + 1
  const author = 'ann'
  tell(heart, { kind: 'proposeRevision', site: shortSite(short), author, message: '' })
  tell(heart, { kind: 'commitRevision', revision, onto: heart.world.head, author, message: '' })
}

function factsOf(node: string): JsonObject {
  return { hostname: node, network: { primary: { address: `10.0.0.${node.slice(1)}` } } }
}

function rehearsed(world: World, short: JsonObject, more: Partial<RehearsalRequest> = {}): RehearsalReport {
  const what = { kind: 'files', site: shortSite(short) } as const
  const found = rehearse(world, { what, afresh: false, times: 5, seed: 1, dead: 0, ...more }, world.now)
  if (!found.ok) throw new Error(found.refusal.message)
  return found.value
}

test('a change runs what it touches, in the time that runs have taken, and stops where the same is said again', () => {
  const { world } = annealed(5_000)
  const { runs, revision, onto, afresh, toRestMs, groups, assumptions } = rehearsed(world, LARGER)
  expect([runs.most, revision, onto, afresh]).toEqual([2, 2, 1, 'no'])
  expect(toRestMs.p50).toBeGreaterThan(2_500)
  expect(groups).toEqual([{ deployment: 'd', role: 'store', members: 2, atOnce: 2, disrupted: 2 }])
  expect(assumptions).toContainEqual({ kind: 'saidAgain', outputs: 1 })
})

test('machines take as long to reach as they took, those too that were reached while others were at work', () => {
  const heart = annealed(100)
  tell(heart, { kind: 'startSession', by: 'ann' })
  commit(heart, LARGER)
  for (const [node, durationMs] of [
    ['n1', 100],
    ['n2', 20_000],
  ] as const) {
    heart.now += durationMs
    const outcome = { result: 'reached', facts: factsOf(node), durationMs } as const
    tell(heart, { kind: 'reportContact', node, outcome })
    expect(heart.world.inFlight.size).toBeGreaterThan(0)
  }
  tell(heart, { kind: 'startSession', by: 'ann' })
  expect(rehearsed(heart.world, SITE).toRestMs.p50).toBeGreaterThan(5_000)
})

test('where nothing is left to do all of it is rehearsed afresh, which is said', () => {
  const { afresh, runs, revision, onto } = rehearsed(annealed(5_000).world, SITE)
  expect([afresh, runs.most, revision, onto]).toEqual(['nothingToDo', 4, 1, 1])
})

test('more nodes and no change: all of it afresh', () => {
  const { afresh, nodes, runs } = rehearsed(annealed(5_000).world, SITE, { nodes: 5 })
  expect([afresh, nodes, runs.most]).toEqual(['nothingToDo', 5, 10])
})

test('the past is as it was, whatever was rehearsed', () => {
  const { world } = annealed(5_000)
  const before = takeSnapshot(world)
  rehearsed(world, LARGER, { nodes: 9, fail: 0.5, dead: 0.5 })
  rehearsed(world, SITE, { afresh: true })
  expect(takeSnapshot(world)).toEqual(before)
})

test('copies have the past of those that they are copies of, so that a change is a change there, too', () => {
  const { nodes, runs, groups, assumptions } = rehearsed(annealed(5_000).world, LARGER, { nodes: 7 })
  expect([nodes, runs.most]).toEqual([7, 7])
  expect(groups).toMatchObject([{ role: 'store', members: 7, disrupted: 7 }])
  expect(assumptions).toContainEqual({ kind: 'sharedPast' })
})

test('a proposal on the timeline is rehearsed by its number, and one that is not there is refused', () => {
  const heart = annealed(5_000)
  tell(heart, { kind: 'proposeRevision', site: shortSite(LARGER), author: 'ann', message: '' })
  expect(rehearsed(heart.world, SITE, { what: { kind: 'revision', revision: 2 } })).toMatchObject({
    revision: 2,
    runs: { most: 2 },
  })
  const what = { kind: 'revision', revision: 9 } as const
  const refused = rehearse(heart.world, { what, afresh: false, seed: 1, dead: 0 }, heart.now)
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'unknownRevision' } })
})

test('fewer nodes than there are cannot be rehearsed', () => {
  const what = { kind: 'files', site: shortSite(SITE) } as const
  const refused = rehearse(annealed(5_000).world, { what, afresh: false, seed: 1, dead: 0, nodes: 1 }, 0)
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'conflict' } })
})

test('odds are failures that another try overcame', () => {
  expect(learntOdds(annealed(5_000).world)).toEqual(new Map())
  expect(learntOdds(annealed(5_000, 1).world)).toEqual(new Map([['store', 1 / 3]]))
  const { failed, assumptions } = rehearsed(annealed(5_000, 1).world, SITE, { afresh: true, times: 20 })
  expect(failed.most).toBeGreaterThan(0)
  expect(assumptions).toContainEqual({ kind: 'failures', rates: [{ role: 'store', share: 1 / 3 }] })
})

test('a new node is taken to be like one with the same labels, with an address of its own', () => {
  const grown = changed(SITE, { nodes: { n3: { tier: 'data' }, n4: { tier: 'web' } } })
  const { assumptions, left } = rehearsed(annealed(5_000).world, grown)
  expect(left).toEqual([])
  expect(assumptions).toContainEqual({ kind: 'factsOf', nodes: 1, like: 'n1', sameLabels: true })
  expect(assumptions).toContainEqual({ kind: 'factsOf', nodes: 1, like: 'n1', sameLabels: false })
})

test('a first run and a further one take as long as each of them took', () => {
  const heart = annealed(60_000)
  carryOut(heart, LARGER, 1_000)
  const again = sized(3)
  expect(rehearsed(heart.world, again).toRestMs.most).toBeLessThan(10_000)
  expect(rehearsed(heart.world, again, { afresh: true }).toRestMs.least).toBeGreaterThan(30_000)
})

test('a run takes as long as those that ran for the same reason, and what never was the reason is said', () => {
  const heart = annealed(60_000)
  carryOut(heart, LARGER, 1_000)
  const grown = changed(SITE, { roles: { store: { inputs: { size: 2, color: 'red' } } } })
  const role = rehearsed(heart.world, grown)
  expect(role.assumptions).toContainEqual({ kind: 'otherCause', roles: ['store'] })
  carryOut(heart, grown, 20_000)
  const { assumptions, toRestMs } = rehearsed(heart.world, changed(grown, sized(4)))
  expect(assumptions).not.toContainEqual(expect.objectContaining({ kind: 'otherCause' }))
  expect(toRestMs.most).toBeLessThan(10_000)
})

test('a role that never ran takes as long as others usually do, once there are enough of them', () => {
  const more = { d: { roles: ['store', 'web', 'cache'] } }
  const grown = changed(SITE, { roles: { cache: {}, extra: {}, third: {} }, deployments: more })
  const two = annealed(60_000)
  expect(rehearsed(two.world, grown).assumptions).toContainEqual({ kind: 'duration', roles: ['cache'] })
  const three = changed(grown, { deployments: { d: { roles: ['store', 'web', 'extra'] } } })
  carryOut(two, three, 60_000)
  const { assumptions, toRestMs } = rehearsed(
    two.world,
    changed(grown, { deployments: { d: { roles: ['store', 'web', 'extra', 'cache'] } } }),
  )
  expect(assumptions).toContainEqual({ kind: 'usualDuration', roles: ['cache'] })
  expect(toRestMs.p50).toBeGreaterThan(50_000)
})

function sized(size: number): JsonObject {
  return changed(SITE, { deployments: { d: { values: { store: { size } } } } })
}

/** A change in earnest, each run of which takes so long. */
function carryOut(heart: Heart, short: JsonObject, durationMs: number): void {
  commit(heart, short)
  for (let step = 0; step < 10; step++) {
    heart.now += durationMs
    const [run] = heart.world.inFlight
    if (!run) continue
    const outcome: RunOutcome = { result: 'ok', outputs: { version: 'seven' }, filesChanged: [], durationMs }
    tell(heart, { kind: 'reportRun', run: run.run, token: run.token, outcome })
  }
}
