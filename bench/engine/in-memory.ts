// One round in memory: from nothing to rest, then what each kind of change costs, and how much of the machine it holds.
import { expectedMs } from '../../src/annealer/expected.ts'
import { rankNodeRoles } from '../../src/annealer/node-ranks.ts'
import { restoreSnapshot } from '../../src/annealer/snapshot.ts'
import { beginSnapshot } from '../../src/annealer/taking.ts'
import { joinJson, splitJson } from '../../src/base/split.ts'
import type { Fleet } from './fleets.ts'
import { commit, contactOf, drive, type Heart, newHeart, propose, tell } from './heart.ts'

export interface InMemory {
  proposeMs: number
  /** From the commit until all is placed, linked and judged for the first time. */
  buildMs: number
  restMs: number
  /** Processor time from the commit to rest. */
  restCpuMs: number
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
  /** Ranks of all node-roles anew, as each session and each commit has them. */
  rankMs: number
  snapshotMs: number
  /** The longest that a turn waits for it: the dearest of its slices. */
  sliceMs: number
  snapshotBytesEach: number
  restartMs: number
  restartCpuMs: number
}

/** Needs `--expose-gc`. */
export function measureInMemory(fleet: Fleet): InMemory {
  const before = heapUsed()
  const heart = newHeart()
  const proposeMs = timed(() => propose(heart, fleet.site))
  const begun = process.cpuUsage()
  const buildMs = timed(() => commit(heart))
  const restMs = timed(() => drive(heart))
  const restCpuMs = cpuMsSince(begun)
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
  const rankMs = timed(() => rankNodeRoles(heart.world.plan, expectedMs(heart.world)))
  const parts: string[] = []
  const slices: number[] = []
  const snapshotMs = timed(() => {
    const texts = splitJson(beginSnapshot(heart.world))
    for (let more = true; more; ) {
      slices.push(
        timed(() => {
          const { value, done } = texts.next()
          if (done) more = false
          else parts.push(value)
        }),
      )
    }
  })
  const sliceMs = Math.max(...slices)
  const snapshotBytes = parts.reduce((sum, { length }) => sum + length, 0)
  const restarted = process.cpuUsage()
  const restartMs = timed(() => {
    const again = restoreSnapshot(joinJson(parts), heart.world.language)
    if (again.counts.active !== fleet.size) throw new Error('a restart gives another world')
  })
  const restartCpuMs = cpuMsSince(restarted)
  parts.length = 0
  const value = change(heart, fleet.otherValue())
  const member = change(heart, fleet.oneMore())
  return {
    proposeMs,
    buildMs,
    restMs,
    restCpuMs,
    visited,
    events,
    idleMs,
    factMs,
    valueMs: value.ms,
    valueRuns: value.runs,
    memberMs: member.ms,
    memberRuns: member.runs,
    bytesEach,
    rankMs,
    snapshotMs,
    sliceMs,
    snapshotBytesEach: snapshotBytes / fleet.size,
    restartMs,
    restartCpuMs,
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

/** Of user and system, of all threads: it needs no quiet machine. */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
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
