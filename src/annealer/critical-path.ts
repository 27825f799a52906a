// The critical path of a cycle: backwards from its last run, each time the run whose end let the next one start. What is
// required, read and locked is taken from the plan as it is now; runs are those that are still kept.
import type { CriticalPath, PathPart, PathStep, PathWait } from '../model/cycle.ts'
import { type NodeRoleId, nodeRoleName } from '../model/names.ts'
import type { CycleRecord } from './cycles.ts'
import { runNumber } from './cycles.ts'
import type { Group } from './graph.ts'
import { viewCycle } from './view-cycles.ts'
import type { NodeRole, RunRecord, World } from './world.ts'

/** `runs`: all of the cycle, where somebody else has kept them. */
export function criticalPath(
  world: World,
  record: CycleRecord,
  runs: readonly RunRecord[] = runsOfCycle(world, record),
): CriticalPath {
  const cycle = viewCycle(world, record)
  const ends: Ends = { endOf: (run) => run.endedAt ?? cycle.beganAt + cycle.wallMs, ...indexed(runs) }
  const steps: PathStep[] = []
  let at = latest(runs, ends)
  const endMs = cycle.beganAt + cycle.wallMs - (at ? ends.endOf(at) : cycle.beganAt)
  while (at) {
    const before = enablerOf(world, at, ends)
    const waitedMs = at.startedAt - (before ? ends.endOf(before.run) : cycle.beganAt)
    const { run, nodeRole, action, startedAt } = at
    const waitedFor = waitedMs > 0 ? gapBefore(at, before?.run, runs) : (before?.wait ?? { kind: 'begin' })
    steps.push({ run, nodeRole, action, startedAt, tookMs: ends.endOf(at) - startedAt, waitedMs, waitedFor })
    at = before?.run
  }
  steps.reverse()
  const path: CriticalPath = { cycle, steps, endMs, forgotten: record.runs - runs.length }
  const most = largestPart(steps, endMs)
  return most ? { ...path, most } : path
}

export function runsOfCycle(world: World, { runsBefore, runs }: CycleRecord): RunRecord[] {
  const found: RunRecord[] = []
  for (let number = runsBefore + 1; number <= runsBefore + runs; number++) {
    const record = world.runs.get(`run-${number}`)
    if (record) found.push(record)
  }
  return found
}

interface Ends {
  endOf: (run: RunRecord) => number
  byNodeRole: ReadonlyMap<NodeRoleId, RunRecord[]>
  byLock: ReadonlyMap<string, RunRecord[]>
  removals: RunRecord[]
}

function indexed(runs: readonly RunRecord[]): Omit<Ends, 'endOf'> {
  const byNodeRole = new Map<NodeRoleId, RunRecord[]>()
  const byLock = new Map<string, RunRecord[]>()
  const add = (map: Map<string, RunRecord[]>, key: string, run: RunRecord): void => {
    const known = map.get(key)
    if (known) known.push(run)
    else map.set(key, [run])
  }
  for (const run of runs) {
    add(byNodeRole, run.nodeRole, run)
    for (const { key } of run.locks) add(byLock, key, run)
  }
  return { byNodeRole, byLock, removals: runs.filter(({ action }) => action === 'remove') }
}

function latest(runs: readonly RunRecord[], { endOf }: Ends): RunRecord | undefined {
  let last: RunRecord | undefined
  for (const run of runs) if (!last || endOf(run) >= endOf(last)) last = run
  return last
}

interface Enabler {
  run: RunRecord
  wait: PathWait
}

/** The last to end of all that it may have waited for; of several the one that is named first. */
function enablerOf(world: World, run: RunRecord, ends: Ends): Enabler | undefined {
  let best: Enabler | undefined
  const number = runNumber(run.run)
  const consider = (
    candidates: readonly RunRecord[] | undefined,
    wait: (by: RunRecord) => PathWait,
  ): void => {
    for (const by of candidates ?? []) {
      if (runNumber(by.run) >= number || ends.endOf(by) > run.startedAt) continue
      if (!best || ends.endOf(by) > ends.endOf(best.run)) best = { run: by, wait: wait(by) }
    }
  }
  const nodeRole = world.nodeRoles.get(run.nodeRole)
  if (run.action === 'remove') {
    const justBefore = ends.removals.filter((by) => ends.endOf(by) === run.startedAt)
    consider(justBefore, (by) => ({ kind: 'removal', nodeRole: by.nodeRole }))
  } else if (nodeRole) considerNeeds(nodeRole, ends, consider)
  consider(ends.byNodeRole.get(run.nodeRole), (by) => ({ kind: 'earlier', run: by.run }))
  for (const { key } of run.locks) {
    // One that let go earlier was not what this one waited for.
    const justBefore = ends.byLock.get(key)?.filter((by) => ends.endOf(by) === run.startedAt)
    consider(justBefore, (by) => ({ kind: 'lock', lock: key, nodeRole: by.nodeRole }))
  }
  return best
}

function considerNeeds(
  nodeRole: NodeRole,
  { byNodeRole }: Ends,
  consider: (candidates: readonly RunRecord[] | undefined, wait: (by: RunRecord) => PathWait) => void,
): void {
  const { group } = nodeRole
  for (const { of, candidates } of group.requires) {
    for (const member of meant(nodeRole, candidates, of === 'deployment'))
      consider(byNodeRole.get(member.id), (by) => ({ kind: 'requirement', nodeRole: by.nodeRole }))
  }
  for (const { name, spec, sources } of group.inputs) {
    const { source } = spec
    if (source?.kind !== 'output') continue
    const late = sources.filter(({ lateOutputs }) => lateOutputs.includes(source.output))
    for (const member of meant(nodeRole, late, source.take !== 'one'))
      consider(byNodeRole.get(member.id), (by) => ({ kind: 'input', nodeRole: by.nodeRole, input: name }))
  }
  for (const candidates of group.after) {
    for (const member of meant(nodeRole, candidates, false))
      consider(byNodeRole.get(member.id), (by) => ({ kind: 'order', nodeRole: by.nodeRole }))
  }
}

/** The member on the same node, else all of the nearest group. */
function meant(nodeRole: NodeRole, groups: readonly Group[], wide: boolean): Iterable<NodeRole> {
  for (const group of groups) {
    const here = wide ? undefined : group.members.get(nodeRole.nodeName)
    if (here) return [here]
  }
  return groups.find(({ members }) => members.size > 0)?.members.values() ?? []
}

/** Nothing that ended then let it start: what else it waited for. */
function gapBefore(run: RunRecord, before: RunRecord | undefined, runs: readonly RunRecord[]): PathWait {
  if (before?.nodeRole === run.nodeRole && run.cause.kind === 'retry')
    return { kind: 'backoff', run: before.run }
  const { node } = nodeRoleName(run.nodeRole)
  const isFirst = runs.every(
    (one) =>
      one.session !== run.session ||
      nodeRoleName(one.nodeRole).node !== node ||
      runNumber(one.run) >= runNumber(run.run),
  )
  return isFirst && node !== '-' ? { kind: 'contact', node } : { kind: 'outside' }
}

function largestPart(steps: readonly PathStep[], endMs: number): PathPart | undefined {
  const parts = new Map<string, PathPart>()
  const add = (part: PathPart): void => {
    const key = part.kind === 'role' ? `${part.deployment}/${part.role}` : `wait ${part.wait}`
    const known = parts.get(key)
    if (!known) return void parts.set(key, part)
    known.ms += part.ms
    if (known.kind === 'role') known.runs++
  }
  for (const { nodeRole, tookMs, waitedMs, waitedFor } of steps) {
    const { deployment, role } = nodeRoleName(nodeRole)
    add({ kind: 'role', deployment, role, runs: 1, ms: tookMs })
    if (waitedMs > 0) add({ kind: 'wait', wait: waitedFor.kind, ms: waitedMs })
  }
  if (endMs > 0) add({ kind: 'wait', wait: 'end', ms: endMs })
  const [largest] = [...parts.values()].filter(({ ms }) => ms > 0).sort((a, b) => b.ms - a.ms)
  return largest
}
