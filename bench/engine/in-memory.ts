// One round in memory: from nothing to rest, then what each kind of change costs, and how much of the machine it holds.
import { restoreSnapshot, takeSnapshot } from '../../src/annealer/snapshot.ts'
import { joinJson, splitJson } from '../../src/base/split.ts'
import type { Fleet } from './fleets.ts'
import { commit, contactOf, drive, type Heart, newHeart, propose, tell } from './heart.ts'

export interface InMemory {
  proposeMs: number
  /** From the commit until all is placed, linked and judged for the first time. */
  buildMs: number
  restMs: number
  visited: number
  events: number
  /** Median of a hundred. */
  idleMs: number
  factMs: number
  valueMs: number
  valueRuns: number
  memberMs: number
  memberRuns: number
  bytesEach: number
  snapshotMs: number
  snapshotBytesEach: number
  restartMs: number
}

/** Needs `--expose-gc`. */
export function measureInMemory(fleet: Fleet): InMemory {
  const before = heapUsed()
  const heart = newHeart()
  const proposeMs = timed(() => propose(heart, fleet.site))
  const buildMs = timed(() => commit(heart))
  const restMs = timed(() => drive(heart))
  const { events, visited } = heart
  expectReady(heart)
  const bytesEach = (heapUsed() - before) / fleet.size
  const idleMs = medianOf(100, () => timed(() => tell(heart, [{ kind: 'tick' }])))
  const names = [...heart.world.nodes.keys()]
  const factMs = medianOf(100, (i) => {
    const node = names[i % names.length] as string
    return timed(() => {
      tell(heart, [contactOf(node, { ip: node, uptime: i })])
      drive(heart)
    })
  })
  const parts: string[] = []
  const snapshotMs = timed(() => parts.push(...splitJson(takeSnapshot(heart.world))))
  const snapshotBytes = parts.reduce((sum, { length }) => sum + length, 0)
  const restartMs = timed(() => {
    const again = restoreSnapshot(joinJson(parts), heart.world.language)
    if (again.counts.active !== fleet.size) throw new Error('a restart gives another world')
  })
  parts.length = 0
  const value = change(heart, fleet.otherValue())
  const member = change(heart, fleet.oneMore())
  return {
    proposeMs,
    buildMs,
    restMs,
    visited,
    events,
    idleMs,
    factMs,
    valueMs: value.ms,
    valueRuns: value.runs,
    memberMs: member.ms,
    memberRuns: member.runs,
    bytesEach,
    snapshotMs,
    snapshotBytesEach: snapshotBytes / fleet.size,
    restartMs,
  }
}

function change(heart: Heart, site: Fleet['site']): { ms: number; runs: number } {
  const before = heart.runs
  const ms = timed(() => {
    propose(heart, site)
    commit(heart)
    drive(heart)
  })
  expectReady(heart)
  return { ms, runs: heart.runs - before }
}

function expectReady({ world }: Heart): void {
  if (world.counts.active !== world.nodeRoles.size) throw new Error('not all is active')
}

function heapUsed(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function medianOf(times: number, measure: (i: number) => number): number {
  const all = Array.from({ length: times }, (_, i) => measure(i)).sort((a, b) => a - b)
  return all[times >> 1] as number
}

export function timed(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
