// Notable: which node-roles are worth a line without being asked for, and which of them come first.
import type { State } from './reason.ts'

/** Everything that is not quietly active. `kind`: of its reason. */
export function isNotable(state: State | undefined, kind: string): boolean {
  return state !== 'active' || ODD_REASONS.has(kind)
}

const ODD_REASONS: ReadonlySet<string> = new Set(['drifted', 'stale', 'restsOnFailed', 'notRepeatable'])

interface Named {
  id: string
  state?: State | undefined
}

/** For `Array.sort`: the most urgent first, then by name. */
export function byUrgency(a: Named, b: Named): number {
  return URGENCY[a.state ?? 'todo'] - URGENCY[b.state ?? 'todo'] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

const URGENCY: Record<State, number> = {
  error: 0,
  transition: 1,
  blocked: 2,
  todo: 3,
  proposed: 4,
  active: 5,
}
