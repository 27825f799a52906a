// What runs took, over as many of each kind as are remembered: a steadier mean than the moving one, which follows each bad hour.
import type { Measured } from '../annealer/expected.ts'
import type { RunRecord, World } from '../annealer/world.ts'
import { type NodeRoleId, nodeRoleName } from '../model/names.ts'

/** So many of the last ones of a kind count, and fewer than that are left to the moving mean. */
const MOST = 30
const LEAST = 3

/** Under the names of `expected.ts`. */
export function measuredRuns(world: World): Map<string, Measured> {
  const measured = new Map(world.durations)
  for (const [name, all] of durationsByName(world)) {
    const last = all.slice(-MOST)
    if (last.length >= LEAST) measured.set(name, meanOf(last))
  }
  return measured
}

function durationsByName(world: World): Map<string, number[]> {
  const found = new Map<string, number[]>()
  const applied = new Set<NodeRoleId>()
  for (const run of world.runs.values()) {
    if (run.result !== 'ok' || run.durationMs === undefined) continue
    const name = nameOf(run, applied.has(run.nodeRole))
    if (run.action === 'apply') applied.add(run.nodeRole)
    if (run.action === 'remove') applied.delete(run.nodeRole)
    const known = found.get(name)
    if (known) known.push(run.durationMs)
    else found.set(name, [run.durationMs])
  }
  return found
}

/** Of what ran before the first run that is remembered only its cause tells whether it was the first. */
function nameOf({ nodeRole, action, cause }: RunRecord, isApplied: boolean): string {
  const { role } = nodeRoleName(nodeRole)
  if (action !== 'apply') return `${role} ${action}`
  const isFirst = !isApplied && cause.kind !== 'inputsChanged' && cause.kind !== 'roleChanged'
  return `${role} ${isFirst ? 'first' : 'again'}`
}

function meanOf(values: readonly number[]): Measured {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const distance = values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length
  return { ms: Math.round(mean), spread: Math.round(distance) }
}
