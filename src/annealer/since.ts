// Since when a value is what it is: the revision that last changed what an operator gave, the run that first said an output.
import { canonical } from '../base/canonical.ts'
import type { Since } from '../model/provenance.ts'
import type { RunId } from '../model/run.ts'
import type { Target } from '../model/site.ts'
import { candidatesFor, type Given } from './levels.ts'
import type { NodeRole, World } from './world.ts'

/** Backwards along what was committed, for as long as that level says the same. */
export function sinceRevision(
  world: World,
  nodeRole: NodeRole,
  input: string,
  given: Given,
): Since | undefined {
  let since: Since | undefined
  for (let record = world.revisions.get(world.head); record; record = world.revisions.get(record.onto)) {
    if (!says(record.target, nodeRole, input, given)) break
    const { revision, author, at } = record
    since = { kind: 'revision', revision, author, at }
  }
  return since
}

function says(target: Target, nodeRole: NodeRole, input: string, given: Given): boolean {
  const { deployment, group, nodeName } = nodeRole
  const role = target.roles[group.role.name]
  if (!role) return false
  return candidatesFor(target, { deployment, role }, input, nodeName).some(
    ({ origin, value }) => isSameLevel(origin, given.origin) && canonical(value) === canonical(given.value),
  )
}

/** A package's version and the place of a label group in its list may change while their value stays. */
function isSameLevel(one: Given['origin'], other: Given['origin']): boolean {
  return one.level === other.level && (one.level !== 'parent deployment' || one.where === other.where)
}

export function sinceRun(world: World, run: RunId): Since {
  const record = world.runs.get(run)
  if (record?.durationMs === undefined) return { kind: 'run', run }
  return { kind: 'run', run, at: record.startedAt + record.durationMs }
}
