// Failures: a revision of a role that fails on so many nodes goes no further, and until it has succeeded once it is
// tried on no more nodes at a time than that.
import type { Reason, State, Wait } from '../model/reason.ts'
import type { Group } from './graph.ts'
import { touch } from './touch.ts'
import { variantOf } from './variant.ts'
import type { NodeRole, World } from './world.ts'

/** What is known of a role's revision on the nodes of one variant; derived. */
export interface Trial {
  failed: Set<NodeRole>
  trying: Set<NodeRole>
  succeeded: Set<NodeRole>
}

export function failuresWait(
  world: World,
  nodeRole: NodeRole,
): Extract<Wait, { kind: 'failures' }> | undefined {
  const { group, asked, attempts, lost, digest } = nodeRole
  const most = group.maxFailures
  if (most === undefined || asked || world.allowed.get(group.id) === group.role.digest) return undefined
  // It has begun already: its own attempts go on.
  if (attempts?.digest === digest || lost?.digest === digest) return undefined
  const variant = variantOf(nodeRole)
  const trial = group.trials.get(variant)
  if (!trial || !isFull(trial, most)) return undefined
  const named = (members: ReadonlySet<NodeRole>): string[] => [...members].map(({ id }) => id).sort()
  return { kind: 'failures', failed: named(trial.failed), trying: named(trial.trying), most, variant }
}

/** Keeps the books after a node-role was judged; those that waited are looked at again when it makes room or closes. */
export function noteTrial(world: World, nodeRole: NodeRole, state: State, reason: Reason): void {
  const { group } = nodeRole
  if (group.maxFailures === undefined || nodeRole.leaving) return
  const variant = variantOf(nodeRole)
  if (!group.trials.has(variant))
    group.trials.set(variant, { failed: new Set(), trying: new Set(), succeeded: new Set() })
  let turned = false
  for (const [name, trial] of group.trials) {
    const before = isFull(trial, group.maxFailures)
    // Its facts may have made it one of another variant.
    const here = name === variant
    keep(trial.failed, nodeRole, here && state === 'error')
    keep(trial.trying, nodeRole, here && isTrying(nodeRole, state, reason))
    keep(trial.succeeded, nodeRole, here && nodeRole.success?.roleDigest === group.role.digest)
    turned ||= isFull(trial, group.maxFailures) !== before
  }
  if (turned) touchWaiting(world, group)
}

export function touchWaiting(world: World, group: Group): void {
  for (const member of group.members.values()) if (member.state === 'todo') touch(world, member)
}

function isFull({ failed, trying, succeeded }: Trial, most: number): boolean {
  return failed.size + (succeeded.size > 0 ? 0 : trying.size) >= most
}

function isTrying({ attempts, lost, digest, flight }: NodeRole, state: State, reason: Reason): boolean {
  if (state === 'transition') return flight?.action === 'apply'
  return reason.kind === 'waits' && (attempts?.digest === digest || lost?.digest === digest)
}

function keep(set: Set<NodeRole>, nodeRole: NodeRole, is: boolean): void {
  if (is) set.add(nodeRole)
  else set.delete(nodeRole)
}
