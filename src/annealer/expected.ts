// How long a run of a role is expected to take, learnt from those that succeeded.
import type { Role } from '../model/role.ts'
import type { RunAction } from '../model/run.ts'
import type { NodeRole, World } from './world.ts'

/** Where nothing was learnt yet. */
const UNKNOWN_DURATION_MS = 1_000

export function expectedMs(world: World): (role: Role) => number {
  return (role) => (role.apply ? (world.durations.get(role.name) ?? UNKNOWN_DURATION_MS) : 0)
}

/** New measurements of `apply` weigh a third. */
export function learnDuration(world: World, nodeRole: NodeRole, action: RunAction, durationMs: number): void {
  if (action !== 'apply') return
  const { name } = nodeRole.group.role
  const before = world.durations.get(name)
  world.durations.set(name, before === undefined ? durationMs : Math.round((2 * before + durationMs) / 3))
}
