// The difference that a site would make: a world of its own is moved on and compared with the one that is.
import type { Json } from '../base/json.ts'
import { nodeRoleName } from '../model/names.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { Site, Target } from '../model/site.ts'
import type { Diff, NodeRoleChange } from '../model/view.ts'
import { inputsOfSuccess } from './asleep.ts'
import { bindingOf } from './bind.ts'
import { shortIn } from './choosing.ts'
import { isHead, nextRevision, targetOf } from './decide.ts'
import { estimateChanges } from './estimate.ts'
import { asksRepair, whatDiffers } from './drift.ts'
import { evolve } from './evolve.ts'
import { inputChanges } from './explain.ts'
import { changedInputs, judge, needsApproval } from './judge.ts'
import { mayFollow } from './may-follow.ts'
import { causeOfRinse } from './rinse.ts'
import { ripple } from './ripple.ts'
import { stepsOfChanges } from './rollout-view.ts'
import { forkWorld } from './snapshot.ts'
import { unknownInputs } from './tellers.ts'
import type { NodeRole, World } from './world.ts'

export function diffSite(world: World, site: Site, now = world.now): Answer<Diff> {
  const target = targetOf(world, site, now)
  return target.ok ? answer(diffTarget(world, target.value)) : target
}

/** `revision`: the number of the proposal, where there is one already. */
export function diffTarget(world: World, target: Target, revision = nextRevision(world)): Diff {
  const after = worldAfter(world, target, revision)
  const short = shortIn(target, world)
  const changes = changesIn(world, after)
  const moving = new Set(changes.filter(({ what }) => what !== 'remove').map(({ nodeRole }) => nodeRole))
  const estimate = estimateChanges(after, changes)
  return {
    onto: world.head,
    revision: after.head,
    changes,
    nodes: new Set(changes.map(({ nodeRole }) => nodeRoleName(nodeRole).node)).size,
    ...(estimate && { estimate }),
    rollouts: stepsOfChanges(after),
    mayFollow: mayFollow(after, moving),
    nodesAdded: [...after.nodes.keys()].filter((node) => !world.nodes.has(node)),
    nodesRemoved: Object.keys(world.target?.nodes ?? {}).filter((node) => !Object.hasOwn(target.nodes, node)),
    ...(short.length > 0 && { short }),
  }
}

/** The world as it would be; the same where nothing would change. */
export function worldAfter(world: World, target: Target, revision = nextRevision(world)): World {
  return isHead(world, target) ? world : moved(world, target, revision)
}

function moved(world: World, target: Target, revision: number): World {
  const fork = forkWorld(world)
  const who = { author: '', message: '' }
  evolve(fork, { kind: 'revisionProposed', revision, onto: world.head, target, ...who })
  evolve(fork, { kind: 'revisionCommitted', revision, ...who })
  ripple(fork)
  return fork
}

function changesIn(before: World, after: World): NodeRoleChange[] {
  const changes: NodeRoleChange[] = []
  for (const nodeRole of after.nodeRoles.values()) {
    const change = changeOf(before.nodeRoles.get(nodeRole.id), nodeRole, after)
    if (change) changes.push(change)
  }
  for (const [id, nodeRole] of before.nodeRoles) {
    // Never tried, or a milestone: it goes without a run.
    if (!after.nodeRoles.has(id) && nodeRole.group.role.apply) changes.push(removal(id))
  }
  return changes.sort((a, b) => (a.nodeRole < b.nodeRole ? -1 : 1))
}

function changeOf(was: NodeRole | undefined, is: NodeRole, after: World): NodeRoleChange | undefined {
  if (is.leaving) return removal(is.id)
  const rinse = is.rinse?.removed === false ? causeOfRinse(after, is) : undefined
  if (rinse) return { ...removal(is.id), what: 'rinse', cause: rinse }
  if (!is.group.role.apply) return undefined
  const { state, reason } = judge(after, is)
  if (
    is.success &&
    is.digest !== undefined &&
    is.success.digest === is.digest &&
    !is.asked &&
    !asksRepair(is) &&
    !is.lost &&
    !is.cancelled &&
    !is.attempts
  )
    return undefined
  if (is.success && reason.kind === 'stale') return undefined
  const again = state === 'error' || isSpent(is)
  const what = !is.success && (!was || !again) ? 'add' : again ? 'retry' : 'change'
  const cause = reason.kind === 'waits' ? reason.cause : causeWithout(is)
  return {
    nodeRole: is.id,
    what,
    cause,
    inputs: is.success ? inputChanges(is, inputsOfSuccess(is) ?? {}, boundInputs(is)) : [],
    knownAfter: unknownInputs(after, is),
    destructive: needsApproval(is) !== undefined,
  }
}

/** In error as soon as its node is looked at: a commit may have changed how that one is reached, and nothing else. */
function isSpent({ attempts, cancelled, digest }: NodeRole): boolean {
  if (cancelled) return true
  return attempts?.spent === true && attempts.digest === digest
}

/** Blocked or failed ones are not waiting, yet want to run for the same causes. */
function causeWithout(nodeRole: NodeRole): NodeRoleChange['cause'] {
  const { attempts, lost, cancelled, success, group, drift } = nodeRole
  if (cancelled) return { kind: 'retry', after: cancelled.run }
  const retry = attempts && ({ kind: 'retry', after: attempts.lastRun } as const)
  if (retry && attempts.digest === nodeRole.digest) return retry
  if (lost) return { kind: 'lost', run: lost.run }
  if (!success) return retry ?? { kind: 'new' }
  const inputs = changedInputs(nodeRole)
  if (inputs.length > 0) return { kind: 'inputsChanged', inputs }
  if (drift && success.roleDigest === group.role.digest && !attempts)
    return { kind: 'drift', check: drift.check, what: whatDiffers(drift.differences) }
  return retry && success.roleDigest === group.role.digest ? retry : { kind: 'roleChanged' }
}

function boundInputs(nodeRole: NodeRole): Record<string, Json> {
  return bindingOf(nodeRole).inputs
}

function removal(nodeRole: string): NodeRoleChange {
  return {
    nodeRole,
    what: 'remove',
    cause: { kind: 'removal' },
    inputs: [],
    knownAfter: [],
    destructive: false,
  }
}
