// Rollouts: what is told of changes that go out in steps, and who has been let through.
import { assert } from '../base/assert.ts'
import type { Event } from '../model/event.ts'
import type { RolloutId } from '../model/reason.ts'
import { touch } from './touch.ts'
import type { NodeRole, RunRecord, World } from './world.ts'

export interface Rollout {
  id: RolloutId
  group: string
  since: number
  variants: RolloutVariant[]
  /** Derived: by node. */
  where: Map<string, RolloutVariant>
}

export interface RolloutVariant {
  variant: string
  /** All whose change is part of it, in the order in which they joined. */
  nodes: string[]
  /** Who has been let through, in that order. */
  passes: Map<string, Pass>
  /** Somebody has said to go on when so many had been let through. */
  approved: number | undefined
}

/** Good for one change; and for what follows from it, as long as nothing else is committed. */
export interface Pass {
  /** A run with the change has begun on the node. */
  begun: boolean
  /** The head of the timeline for which it was used. */
  usedFor: number | undefined
}

export function isGood({ usedFor }: Pass, world: World): boolean {
  return usedFor === undefined || usedFor === world.head
}

/** Whether this is a change to what is active, of a role whose changes go out in steps, that nobody asked for by name. */
export function isStepped(nodeRole: NodeRole): boolean {
  const { group, success, asked, leaving, rinse } = nodeRole
  if (!group.rollout || leaving || rinse || !success || asked) return false
  return nodeRole.digest !== undefined && success.digest !== nodeRole.digest
}

export function planRollout(world: World, event: Extract<Event, { kind: 'rolloutPlanned' }>): void {
  const known = world.rollouts.get(event.group)
  const rollout: Rollout =
    known?.id === event.rollout
      ? known
      : { id: event.rollout, group: event.group, since: world.now, variants: [], where: new Map() }
  if (rollout !== known) {
    world.rolloutsBegun++
    world.rollouts.delete(event.group)
  }
  world.rollouts.set(event.group, rollout)
  for (const { variant, nodes } of event.variants) {
    let found = rollout.variants.find((one) => one.variant === variant)
    if (!found) {
      found = { variant, nodes: [], passes: new Map(), approved: undefined }
      rollout.variants.push(found)
    }
    for (const node of nodes) {
      found.nodes.push(node)
      rollout.where.set(node, found)
    }
  }
  world.stepsDue.add(event.group)
}

export function openStep(world: World, event: Extract<Event, { kind: 'stepOpened' }>): void {
  const variant = variantCalled(world, event)
  for (const node of event.nodes) {
    variant.passes.set(node, { begun: false, usedFor: undefined })
    const member = world.plan.groups.get(event.group)?.members.get(node)
    if (member) touch(world, member)
  }
}

export function approveStep(world: World, event: Extract<Event, { kind: 'stepApproved' }>): void {
  const variant = variantCalled(world, event)
  variant.approved = variant.passes.size
  world.stepsDue.add(event.group)
}

export function endRollout(world: World, { group }: Extract<Event, { kind: 'rolloutEnded' }>): void {
  world.rollouts.delete(group)
  world.joining.delete(group)
}

/** A run has succeeded: whoever had a pass for it has used it. */
export function usePass(world: World, nodeRole: NodeRole, { revision }: RunRecord): void {
  const pass = passOf(world, nodeRole)
  if (pass) pass.usedFor = revision
}

/** A run has come to the node, whatever became of it: when the node is not heard of any more, that may be why. */
export function noteBegun(world: World, nodeRole: NodeRole): void {
  const pass = passOf(world, nodeRole)
  if (pass) pass.begun = true
}

export function passOf(world: World, { group, nodeName }: NodeRole): Pass | undefined {
  if (world.rollouts.size === 0) return undefined
  return world.rollouts.get(group.id)?.where.get(nodeName)?.passes.get(nodeName)
}

/** Rollouts look at how those are that have a change, and at what rests on them. */
export function noteForSteps(world: World, { group }: NodeRole): void {
  if (world.rollouts.size === 0) return
  if (world.rollouts.has(group.id)) world.stepsDue.add(group.id)
  for (const { id } of group.guards) if (world.rollouts.has(id)) world.stepsDue.add(id)
}

function variantCalled(world: World, { group, variant }: { group: string; variant: string }): RolloutVariant {
  const found = world.rollouts.get(group)?.variants.find((one) => one.variant === variant)
  assert(found, `an event speaks of the variant ${variant} of ${group}, which is not in a rollout`)
  return found
}
