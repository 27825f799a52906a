// Odds: how often runs of a role failed and succeeded on another try, as far back as runs are kept.
import type { RunRecord, World } from '../annealer/world.ts'
import { nodeRoleName } from '../model/names.ts'

/** By role; those that never failed so are not there. What never succeeded after all was a mistake and not bad luck. */
export function learntOdds(world: World): Map<string, number> {
  const tried = new Map<string, number>()
  const failed = new Map<string, number>()
  const open = new Map<string, RunRecord[]>()
  for (const run of world.runs.values()) {
    if (run.action !== 'apply') continue
    const { role } = nodeRoleName(run.nodeRole)
    const before = open.get(run.nodeRole) ?? []
    if (run.result === 'ok') {
      const overcome = before.filter(({ digest }) => digest === run.digest).length
      tried.set(role, (tried.get(role) ?? 0) + 1 + overcome)
      if (overcome > 0) failed.set(role, (failed.get(role) ?? 0) + overcome)
      open.delete(run.nodeRole)
    } else if (run.result === 'failed' || run.result === 'fault') open.set(run.nodeRole, [...before, run])
  }
  const roles = [...failed.keys()].sort()
  return new Map(roles.map((role) => [role, (failed.get(role) as number) / (tried.get(role) as number)]))
}
