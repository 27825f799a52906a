// Lock-step: role after role, each on all its nodes before the next begins, as a play of Ansible goes by default.
import { linksBehind, ranksOf } from '../../src/annealer/rank.ts'
import type { Group, Plan } from '../../src/annealer/graph.ts'
import { Heap } from '../../src/base/heap.ts'
import type { RunRecord, World } from '../../src/annealer/world.ts'

/** What the same runs would take so: role after role by depth, and of each so many at once as slots and its locks allow. */
export function lockStepMs(world: World, runs: readonly RunRecord[]): number {
  const depths = depthsOf(world.plan)
  const byGroup = new Map<Group, RunRecord[]>()
  for (const run of runs) {
    const group = world.nodeRoles.get(run.nodeRole)?.group
    if (!group) continue
    const known = byGroup.get(group)
    if (known) known.push(run)
    else byGroup.set(group, [run])
  }
  const steps = [...byGroup].sort(
    ([a], [b]) => (depths.get(a) as number) - (depths.get(b) as number) || (a.id < b.id ? -1 : 1),
  )
  return steps.reduce((sum, [, members]) => sum + stepMs(members), 0)
}

/** How many roles each rests on, in the longest chain. */
export function depthsOf(plan: Plan): Map<Group, number> {
  const behind = ranksOf(plan, () => 1)
  const depths = new Map<Group, number>()
  // Whoever has more behind it stands before all of those, and is seen first.
  for (const group of [...plan.groups.values()].sort((a, b) => (behind.get(b) ?? 0) - (behind.get(a) ?? 0))) {
    const own = depths.get(group) ?? 0
    depths.set(group, own)
    for (const { group: next } of linksBehind(group))
      depths.set(next, Math.max(depths.get(next) ?? 0, own + 1))
  }
  return depths
}

function stepMs(runs: readonly RunRecord[]): number {
  const most = Math.min(runs.length, ...runs.flatMap(({ locks }) => shared(locks)))
  const free = new Heap<number>((a, b) => a - b)
  let end = 0
  for (let slot = 0; slot < most; slot++) free.push(0)
  for (const { startedAt, endedAt } of runs) {
    const until = (free.pop() as number) + (endedAt ?? startedAt) - startedAt
    end = Math.max(end, until)
    free.push(until)
  }
  return end
}

function shared(locks: RunRecord['locks']): number[] {
  return locks.flatMap(({ key, capacity }) =>
    key.startsWith('node ') || / on \S+$/.test(key) ? [] : [capacity],
  )
}
