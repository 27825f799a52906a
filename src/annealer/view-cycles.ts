// Cycles as doors show them, with the trend: is the cycle getting shorter?
import type { CyclesView, CycleTrend, CycleView } from '../model/cycle.ts'
import type { CycleRecord } from './cycles.ts'
import type { World } from './world.ts'

export function viewCycles(world: World): CyclesView {
  const cycles = world.cycles.map((record) => viewCycle(world, record))
  const trend = trendOf(cycles)
  return trend ? { cycles, trend } : { cycles }
}

export function viewCycle(world: World, record: CycleRecord): CycleView {
  const { runsBefore: _before, ...told } = record
  const last = record.endedAt ?? Math.max(world.now, record.beganAt)
  return { ...told, wallMs: last - record.beganAt }
}

/** So many cycles are held against as many before them; fewer where there are not so many yet. */
const COMPARED = 5

/** Of cycles that ended; a stopped one says nothing of how long it would have taken, nor does one in which nothing ran. */
function trendOf(cycles: readonly CycleView[]): CycleTrend | undefined {
  const whole = cycles.filter(({ result, runs }) => result !== undefined && result !== 'stopped' && runs > 0)
  const compared = Math.min(COMPARED, Math.floor(whole.length / 2))
  if (compared === 0) return undefined
  const medianMs = median(whole.slice(-compared))
  return { cycles: compared, medianMs, beforeMs: median(whole.slice(-2 * compared, -compared)) }
}

function median(cycles: readonly CycleView[]): number {
  const sorted = cycles.map(({ wallMs }) => wallMs).sort((a, b) => a - b)
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return Math.round((low + high) / 2)
}
