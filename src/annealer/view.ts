// Views of the world: the state of things as doors show it.
import { at } from '../base/json.ts'
import { byUrgency, isNotable } from '../model/notable.ts'
import type { NodeRoleView, NodeView, RoleSummary, RunView, StatusView } from '../model/view.ts'
import { shortIn } from './choosing.ts'
import { isAtRest } from './due.ts'
import { judge } from './judge.ts'
import { remainsOf } from './remains.ts'
import { viewRollouts } from './rollout-view.ts'
import { viewRevision, waitingProposals } from './timeline.ts'
import type { NodeRecord, NodeRole, RunRecord, World } from './world.ts'

/** Sorted by name: costs as much as there are node-roles. With `most` only notable ones. */
export function viewStatus(world: World, most?: number): StatusView {
  if (most !== undefined) return { ...viewStanding(world), ...viewNotable(world, most) }
  const nodeRoles = [...world.nodeRoles.values()].map((nodeRole) => viewNodeRole(world, nodeRole)).sort(byId)
  return { ...viewStanding(world), nodeRoles }
}

/** How the site stands as a whole, without each node-role: cheap also where there are very many. */
export function viewStanding(world: World): Omit<StatusView, 'nodeRoles'> {
  const total = world.nodeRoles.size
  const short = shortIn(world.target, world)
  const waiting = waitingProposals(world).map((record) => viewRevision(world, record))
  return {
    site: world.target?.site ?? '',
    revision: world.head,
    atRest: isAtRest(world),
    ready: total === world.counts.active,
    temperature: total === 0 ? 0 : (total - world.counts.active) / total,
    remains: remainsOf(world),
    holds: [...world.holds.values()].map((hold) => ({ ...hold })),
    counts: { ...world.counts },
    ...(short.length > 0 && { short }),
    ...(waiting.length > 0 && { waiting }),
    roles: summaries(world),
    rollouts: viewRollouts(world),
  }
}

/** So many of them, the most urgent first, and how many more there are. */
export function viewNotable(
  world: World,
  most: number,
  mayRead: (deployment: string) => boolean = () => true,
): Required<Pick<StatusView, 'nodeRoles' | 'hidden'>> {
  const notable: NodeRole[] = []
  for (const nodeRole of world.nodeRoles.values())
    if (isNotable(nodeRole.state, nodeRole.reasonKind) && mayRead(nodeRole.deployment)) notable.push(nodeRole)
  const shown = notable.sort(byUrgency).slice(0, most)
  return { nodeRoles: shown.map((one) => viewNodeRole(world, one)), hidden: notable.length - shown.length }
}

export function viewNodeRole(world: World, nodeRole: NodeRole): NodeRoleView {
  const { state, reason } = judge(world, nodeRole)
  const view: NodeRoleView = {
    id: nodeRole.id,
    deployment: nodeRole.deployment,
    node: nodeRole.nodeName,
    role: nodeRole.group.role.name,
    state,
    reason,
    leaving: nodeRole.leaving,
  }
  if (nodeRole.lastRun !== undefined) view.lastRun = nodeRole.lastRun
  return view
}

export function viewRun(record: RunRecord): RunView {
  const { run, nodeRole, action, result, startedAt, attempt, cause, revision, changed, durationMs, message } =
    record
  const view: RunView = { run, nodeRole, action, result, startedAt, attempt, cause, revision }
  if (changed !== undefined) view.changed = changed
  if (durationMs !== undefined) view.durationMs = durationMs
  if (message !== undefined) view.message = message
  return view
}

export function viewNode(node: NodeRecord): NodeView {
  const { transport } = node.spec
  const view: NodeView = {
    name: node.name,
    address: transport.kind === 'ssh' ? transport.host : 'this machine',
    labels: node.spec.labels,
    alive: node.alive === undefined ? 'never reached' : node.alive ? 'yes' : 'no',
    available: node.unavailable === undefined,
    nodeRoles: node.nodeRoles.length,
  }
  if (node.fault) view.fault = node.fault
  const os = at(node.facts, ['os', 'name'])
  if (typeof os === 'string') view.os = os
  return view
}

function summaries(world: World): RoleSummary[] {
  return [...world.plan.groups.values()]
    .filter((group) => group.members.size > 0)
    .map(({ deployment, role, counts }) => ({ deployment, role: role.name, counts: { ...counts } }))
}

function byId(a: NodeRoleView, b: NodeRoleView): number {
  return a.id < b.id ? -1 : 1
}
