// Metrics over turns of a real heart: what is kept up is what one counts in the world, at the cost of what changed.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judge } from '../../src/annealer/judge.ts'
import type { World } from '../../src/annealer/world.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { ServedTurn } from '../../src/engine/serving.ts'
import { keepMetrics, type Metrics } from '../../src/observe/metrics.ts'
import { newHeart } from '../support/heart.ts'
import { seedOr } from '../support/seed.ts'
import { type ServedHeart, servedHeart } from '../support/served-heart.ts'
import { changed, readShortSite } from '../support/short-site.ts'
import { anyStep, commandsFor, contact, okWith, report } from './random-history.ts'
import { anySite } from './random-site.ts'

const language = makeLanguage()

test('whatever happens, levels are what one counts in the world, from the start on and after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(anySite, fc.array(anyStep, { maxLength: 60, size: 'max' }), async (short, steps) => {
      const served = servedHeart(newHeart(language))
      const play = { heart: served.heart, short }
      const metrics = metricsOf(served)
      served.tell({ kind: 'startSession', by: 'ann' })
      for (const step of [{ do: 'commit', change: {} } as const, ...steps]) {
        served.tell(...commandsFor(play, step))
        expect(await levels(metrics)).toEqual(countedIn(served.heart.world))
      }
      expect(await levels(metricsOf(served))).toEqual(countedIn(served.heart.world))
    }),
    { seed: seedOr(20_261_126), numRuns: 60, interruptAfterTimeLimit: 40_000 },
  )
})

test('a turn costs what changed in it, and a look at all node-roles is taken once', () => {
  const short = changed(readShortSite('{ roles: { web: {}, gate: { requires: [web] } } }'), {
    nodes: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`n${index}`, {}])),
    deployments: { d: { nodes: 'true', roles: ['web', 'gate'] } },
  })
  const served = servedHeart(newHeart(language))
  served.tell({ kind: 'startSession', by: 'ann' })
  served.tell(...commandsFor({ heart: served.heart, short }, { do: 'commit', change: {} }))
  const metrics = metricsOf(served)
  expect(metrics.looked()).toBe(1000)
  const turn = served.tell(contact('n7', {}))
  expect(turn.changed.length).toBeLessThanOrEqual(2)
  // Taken from what it was, put to what it is.
  expect(metrics.looked()).toBeLessThanOrEqual(1000 + 2 * turn.changed.length)
  served.tell({ kind: 'tick' })
  expect(metrics.looked()).toBeLessThanOrEqual(1000 + 2 * turn.changed.length)
})

test('a turn that was in the world when it was read is not counted twice', async () => {
  const served = servedHeart(newHeart(language))
  const short = readShortSite(
    '{ nodes: { n1: {} }, roles: { web: {} }, deployments: { d: { roles: [web] } } }',
  )
  served.tell({ kind: 'startSession', by: 'ann' })
  const turn = served.tell(...commandsFor({ heart: served.heart, short }, { do: 'commit', change: {} }))
  const late = { ...served, serving: { ...served.serving, watch: again(turn) } }
  const metrics = metricsOf(late)
  expect((await valuesOf(metrics))['anneal_cycles_started_total{cause="commit"}']).toBeUndefined()
  expect(await levels(metrics)).toEqual(countedIn(served.heart.world))
})

test('runs, cycles and drift are counted from their events', async () => {
  const served = servedHeart(newHeart(language))
  const metrics = metricsOf(served)
  const short = readShortSite(
    '{ nodes: { n1: {} }, roles: { web: { check: true } }, deployments: { d: { roles: [web] } } }',
  )
  served.tell({ kind: 'startSession', by: 'ann', stays: true })
  served.tell(...commandsFor({ heart: served.heart, short }, { do: 'commit', change: {} }))
  served.tell(contact('n1', {}))
  finishAll(served)
  served.tell({ kind: 'askCheck', by: 'ann' })
  for (const node of served.heart.world.checking) {
    const { check, token } = node.check as { check: string; token: number }
    const differences = [{ kind: 'check', message: 'no', tail: '' } as const]
    const findings = [{ nodeRole: 'd/n1/web', found: 'drifted' as const, differences }]
    const outcome = { result: 'done', findings, durationMs: 9 } as const
    served.tell({ kind: 'reportCheck', check, token, node: node.name, outcome })
  }
  finishAll(served)
  const text = await valuesOf(metrics)
  expect(text['anneal_runs_started_total{role="web",action="apply"}']).toBe(2)
  expect(text['anneal_runs_finished_total{role="web",action="apply",result="ok"}']).toBe(2)
  expect(text['anneal_run_duration_seconds_sum{role="web",action="apply"}']).toBeCloseTo(0.02)
  expect(text['anneal_cycles_started_total{cause="commit"}']).toBe(1)
  expect(text['anneal_cycles_started_total{cause="drift"}']).toBe(1)
  expect(text['anneal_cycles_ended_total{result="ready"}']).toBe(2)
  expect(text['anneal_cycle_duration_seconds_count{result="ready"}']).toBe(2)
  expect(text['anneal_drift_found_total{role="web"}']).toBe(1)
  expect(text['anneal_drift_repaired_total{role="web"}']).toBe(1)
  expect(text['anneal_journal_events']).toBe(served.heart.recorded.length)
})

/** As when the world is read just before those who watch are told. */
function again(turn: ServedTurn): ServedHeart['serving']['watch'] {
  return (listener) => {
    listener(turn)
    return () => {}
  }
}

function metricsOf(served: ServedHeart): Metrics {
  const metrics = keepMetrics({
    serving: served.serving,
    version: 'test',
    ofProcess: false,
    journalSize: () => Promise.resolve(undefined),
    queued: () => new Map(),
  })
  return metrics
}

function finishAll(served: ServedHeart): void {
  for (const record of served.heart.world.inFlight) served.tell(report(record, okWith({})))
}

const LEVELS = /^anneal_(node_roles|waiting_node_roles|temperature_ratio|nodes|runs_in_flight|cycles_open)\b/

async function levels(metrics: Metrics): Promise<Record<string, number>> {
  const values = Object.entries(await valuesOf(metrics))
  return Object.fromEntries(values.filter(([name, value]) => LEVELS.test(name) && value !== 0))
}

async function valuesOf(metrics: Metrics): Promise<Record<string, number>> {
  const { text } = await metrics.scrape(undefined)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

/** From scratch; what is 0 is left out. */
function countedIn(world: World): Record<string, number> {
  const counts: Record<string, number> = {}
  const add = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  let warm = 0
  for (const nodeRole of world.nodeRoles.values()) {
    const { deployment, group, reasonKind } = nodeRole
    const { state } = judge(world, nodeRole)
    add(`anneal_node_roles{deployment="${deployment}",role="${group.role.name}",state="${state}"}`)
    // The kept kind: one that waits for two things is not judged again whenever the order of these changes.
    if (state === 'todo') add(`anneal_waiting_node_roles{wait="${reasonKind}"}`)
    if (state !== 'active') warm++
  }
  for (const { alive } of world.nodes.values())
    add(`anneal_nodes{alive="${alive === undefined ? 'unknown' : alive ? 'yes' : 'no'}"}`)
  if (warm > 0) counts['anneal_temperature_ratio'] = warm / world.nodeRoles.size
  if (world.inFlight.size > 0) counts['anneal_runs_in_flight'] = world.inFlight.size
  const last = world.cycles.at(-1)
  if (last && last.endedAt === undefined) counts['anneal_cycles_open'] = 1
  return counts
}
