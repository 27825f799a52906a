// A part of the site as doors show it to who may read some deployments and not all: what is counted there is counted of these alone.
import type { CriticalPath, CycleCause, CycleView } from '../model/cycle.ts'
import { nodeRoleName } from '../model/names.ts'
import { STATES, type State } from '../model/reason.ts'
import type { Scope } from '../model/scope.ts'
import type { Target } from '../model/site.ts'
import type { NodeView, RevisionView } from '../model/view.ts'
import { criticalPath, runsOfCycle } from './critical-path.ts'
import type { CycleRecord } from './cycles.ts'
import { viewRevision } from './timeline.ts'
import { touchedBetween } from './touched.ts'
import { viewNode, viewStanding } from './view.ts'
import { viewCycle } from './view-cycles.ts'
import type { NodeRecord, RevisionRecord, RunRecord, World } from './world.ts'

export interface SitePart {
  standing(): ReturnType<typeof viewStanding> & { nodeRoles: number }
  /** Undefined where nothing of it is in this part. */
  node(node: NodeRecord): NodeView | undefined
  /** Those in which something of it ran, or that may still come to it. */
  cycles(): CycleView[]
  cycle(record: CycleRecord): CriticalPath | undefined
  /** Those that touch it. */
  revisions(): RevisionView[]
}

export function partOf(world: World, mayRead: (deployment: string) => boolean): SitePart {
  const mayReadOf = (id: string): boolean => mayRead(nodeRoleName(id).deployment)
  return { standing, node, cycles, cycle, revisions }

  function standing(): ReturnType<SitePart['standing']> {
    const whole = viewStanding(world)
    const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>
    let nodeRoles = 0
    for (const { deployment, state } of world.nodeRoles.values()) {
      if (!mayRead(deployment)) continue
      nodeRoles++
      if (state) counts[state]++
    }
    const { short, waiting, ...rest } = whole
    const own = (waiting ?? []).flatMap(({ revision }) => world.revisions.get(revision) ?? [])
    const ready = nodeRoles === counts.active
    const shown = own.filter(touches).map(viewPartOfRevision)
    const few = (short ?? []).filter(({ deployment }) => mayRead(deployment))
    return {
      ...rest,
      nodeRoles,
      counts,
      ready,
      temperature: nodeRoles === 0 ? 0 : (nodeRoles - counts.active) / nodeRoles,
      remains: ready ? 'nothing' : whole.remains,
      holds: whole.holds.filter(({ scope }) => isOfScope(scope)),
      roles: whole.roles.filter(({ deployment }) => mayRead(deployment)),
      rollouts: whole.rollouts.filter(({ deployment }) => mayRead(deployment)),
      ...(few.length > 0 && { short: few }),
      ...(shown.length > 0 && { waiting: shown }),
    }
  }

  function node(record: NodeRecord): NodeView | undefined {
    const here = [...record.nodeRoles].filter(({ deployment }) => mayRead(deployment))
    return here.length > 0 || isMember(record.name)
      ? { ...viewNode(record), nodeRoles: here.length }
      : undefined
  }

  function isMember(name: string): boolean {
    const all = Object.entries(world.target?.deployments ?? {})
    return all.some(([deployment, { members }]) => mayRead(deployment) && members.includes(name))
  }

  function cycles(): CycleView[] {
    return world.cycles.flatMap((record) => {
      const view = viewPartOfCycle(record)
      return view.runs > 0 || record.endedAt === undefined ? view : []
    })
  }

  function cycle(record: CycleRecord): CriticalPath | undefined {
    const { steps, endMs, forgotten } = criticalPath(world, record)
    const view = viewPartOfCycle(record)
    if (view.runs === 0 && record.endedAt !== undefined) return undefined
    return { cycle: view, steps: steps.filter(({ nodeRole }) => mayReadOf(nodeRole)), endMs, forgotten }
  }

  /** What is not kept any more is counted for nobody. */
  function viewPartOfCycle(record: CycleRecord): CycleView {
    const runs = runsOfCycle(world, record).filter(({ nodeRole }) => mayReadOf(nodeRole))
    const { cause, ...whole } = viewCycle(world, record)
    return { ...whole, cause: isOfCause(cause) ? cause : { kind: 'elsewhere' }, ...countsOf(runs) }
  }

  function revisions(): RevisionView[] {
    return [...world.revisions.values()].filter(touches).map(viewPartOfRevision)
  }

  function touches(record: RevisionRecord): boolean {
    return touchedBy(record, world.revisions.get(record.onto)?.target).some(mayRead)
  }

  function viewPartOfRevision(record: RevisionRecord): RevisionView {
    const { deployments } = record.target
    const own = Object.entries(deployments).flatMap(([name, one]) => (mayRead(name) ? one : []))
    const placements = own.flatMap((one) => one.placements)
    const members = [...own, ...placements].flatMap((one) => one.members)
    const roles = placements.map(({ role }) => role)
    return { ...viewRevision(world, record), nodes: new Set(members).size, roles: new Set(roles).size }
  }

  function isOfScope(scope: Scope): boolean {
    switch (scope.kind) {
      case 'site':
        return true
      case 'deployment':
      case 'group':
        return mayRead(scope.deployment)
      case 'nodeRole':
        return mayReadOf(scope.nodeRole)
      case 'node': {
        const record = world.nodes.get(scope.node)
        return record !== undefined && node(record) !== undefined
      }
    }
  }

  function isOfCause(cause: CycleCause): boolean {
    if ('nodeRole' in cause) return mayReadOf(cause.nodeRole)
    if ('first' in cause) return mayReadOf(cause.first)
    if ('group' in cause) return mayRead(cause.group.slice(0, cause.group.indexOf('/')))
    if ('scope' in cause) return isOfScope(cause.scope)
    return !('node' in cause) || isOfScope({ kind: 'node', node: cause.node })
  }
}

const touchedKept = new WeakMap<RevisionRecord, readonly string[]>()

/** A revision says what it says: asked once of each. */
function touchedBy(record: RevisionRecord, before: Target | undefined): readonly string[] {
  const kept = touchedKept.get(record) ?? touchedBetween(before, record.target).deployments
  touchedKept.set(record, kept)
  return kept
}

function countsOf(
  runs: readonly RunRecord[],
): Pick<CycleView, 'runs' | 'reruns' | 'retries' | 'failed' | 'nodes'> {
  const seen = new Set<string>()
  let [reruns, retries, failed] = [0, 0, 0]
  for (const { nodeRole, attempt, result } of runs) {
    if (attempt > 1) retries++
    else if (seen.has(nodeRole)) reruns++
    if (result !== 'ok' && result !== 'running') failed++
    seen.add(nodeRole)
  }
  const nodes = new Set([...seen].map((id) => nodeRoleName(id).node)).size
  return { runs: runs.length, reruns, retries, failed, nodes }
}
