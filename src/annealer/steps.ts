// Steps: which members of a group a change reaches next, and what keeps the others waiting. Who decides to go on and who
// explains why not asks the same question.
import type { Event } from '../model/event.ts'
import type { StepHold, Wait } from '../model/reason.ts'
import type { RolloutSpec, Share } from '../model/site.ts'
import type { Group } from './graph.ts'
import { gateHold, restingHold, toBeChecked } from './gate.ts'
import { keptBy } from './holds.ts'
import { isGood, isStepped, passOf, type RolloutVariant } from './rollout.ts'
import { variantOf } from './variant.ts'
import type { NodeRole, World } from './world.ts'

/** What a change waits for that goes out in steps; undefined when it may go. */
export function stepWait(world: World, nodeRole: NodeRole): Extract<Wait, { kind: 'step' }> | undefined {
  if (!isStepped(nodeRole)) return undefined
  const { group, nodeName } = nodeRole
  const rollout = world.rollouts.get(group.id)
  const variant = rollout?.where.get(nodeName)
  const pass = variant?.passes.get(nodeName)
  if (pass && isGood(pass, world)) return undefined
  const role = group.role.name
  if (!rollout || !variant || pass) {
    // Planned before the turn ends.
    const hold = { kind: 'underWay', nodeRole: nodeRole.id } as const
    return { kind: 'step', rollout: '', role, variant: variantOf(nodeRole), step: 1, of: 1, hold }
  }
  const targets = stepTargets(group.rollout as RolloutSpec, variant.nodes.length)
  const step = targets.findIndex((target) => target > variant.passes.size) + 1 || targets.length
  const hold = holdOf(world, group, variant) ?? absentHold(group, variant)
  return { kind: 'step', rollout: rollout.id, role, variant: variant.variant, step, of: targets.length, hold }
}

/** It waits for its step: whoever is not planned yet joins, and the rollout is looked at before the turn ends. */
export function waitForStep(world: World, nodeRole: NodeRole): void {
  const { group, nodeName } = nodeRole
  world.stepsDue.add(group.id)
  const variant = world.rollouts.get(group.id)?.where.get(nodeName)
  if (variant && !variant.passes.has(nodeName)) return
  const joining = world.joining.get(group.id) ?? new Set()
  world.joining.set(group.id, joining.add(nodeRole))
}

/** The next thing to decide about rollouts, or undefined when all of them go on or wait. */
export function nextStep(world: World): Event | undefined {
  if (world.stoppedBy !== undefined) return undefined
  for (const id of world.stepsDue) {
    const event = joined(world, id) ?? opened(world, id) ?? ended(world, id)
    if (event) return event
    world.stepsDue.delete(id)
  }
  return undefined
}

/** For who only follows: the timers that who decides sets where it finds that a step must soak. */
export function awaitSteps(world: World): void {
  for (const id of world.stepsDue) {
    const rollout = world.rollouts.get(id)
    const group = world.plan.groups.get(id)
    if (!rollout || !group) continue
    for (const variant of rollout.variants) {
      const hold = holdOf(world, group, variant)
      if (hold?.kind === 'soaking') wakeAt(world, group, variant, hold.until)
    }
  }
}

/** How many of so many nodes have the change after each step. */
export function stepTargets({ probe, then }: RolloutSpec, nodes: number): number[] {
  const targets = [Math.min(probe, nodes)]
  for (const share of then) {
    const before = targets.at(-1) as number
    const next = share.endsWith('%') ? countOf(share, nodes) : before + Number(share)
    if (next > before && next < nodes) targets.push(next)
  }
  if ((targets.at(-1) as number) < nodes) targets.push(nodes)
  return targets
}

/** A share of nothing is nothing, of something at least one where it is to reach somebody. */
function countOf(share: Share, nodes: number): number {
  return share.endsWith('%') ? Math.ceil((nodes * Number.parseInt(share)) / 100) : Number(share)
}

function joined(world: World, id: string): Event | undefined {
  const joining = [...(world.joining.get(id) ?? [])].filter(
    (nodeRole) => !nodeRole.isGone && isStepped(nodeRole),
  )
  world.joining.delete(id)
  const group = world.plan.groups.get(id)
  if (!group || joining.length === 0) return undefined
  const rollout = world.rollouts.get(id)
  const newcomers = joining.filter((nodeRole) => !rollout?.where.has(nodeRole.nodeName))
  // Who has had its change already wants another one by now: that one goes first to few again.
  const another = joining.some((nodeRole) => {
    const pass = passOf(world, nodeRole)
    return pass !== undefined && !isGood(pass, world)
  })
  const all = another || !rollout ? [...group.members.values()].filter(isStepped) : newcomers
  if (all.length === 0) return undefined
  const rolloutId = another || !rollout ? `rollout-${world.rolloutsBegun + 1}` : rollout.id
  return { kind: 'rolloutPlanned', rollout: rolloutId, group: id, variants: byVariant(all) }
}

export function byVariant(nodeRoles: readonly NodeRole[]): { variant: string; nodes: string[] }[] {
  const variants = new Map<string, string[]>()
  for (const nodeRole of nodeRoles) {
    const variant = variantOf(nodeRole)
    variants.set(variant, [...(variants.get(variant) ?? []), nodeRole.nodeName])
  }
  return [...variants]
    .map(([variant, nodes]) => ({ variant, nodes: nodes.sort() }))
    .sort((a, b) => (a.variant < b.variant ? -1 : 1))
}

function opened(world: World, id: string): Event | undefined {
  const rollout = world.rollouts.get(id)
  const group = world.plan.groups.get(id)
  if (!rollout || !group?.rollout) return undefined
  for (const variant of rollout.variants) {
    const hold = holdOf(world, group, variant)
    if (hold?.kind === 'soaking') wakeAt(world, group, variant, hold.until)
    const asked = hold?.kind === 'dependant' ? toBeChecked(group, doneIn(group, variant)) : []
    if (asked.length > 0)
      return { kind: 'checkAsked', by: rollout.id, nodeRoles: asked.map(({ id: one }) => one) }
    if (hold) continue
    const nodes = whoIsNext(world, group, group.rollout, variant)
    if (nodes.length > 0)
      return { kind: 'stepOpened', rollout: rollout.id, group: id, variant: variant.variant, nodes }
  }
  return undefined
}

/** Those that answer go first. Those that do not are let through once others have shown that all is well; those held, never. */
function whoIsNext(world: World, group: Group, spec: RolloutSpec, variant: RolloutVariant): string[] {
  const waiting = waitingIn(group, variant).filter((member) => !keptBy(world, member))
  const present = waiting.filter((member) => !isAbsent(member))
  const tried = [...variant.passes].filter(([node, { begun }]) => {
    const member = group.members.get(node)
    return member && (begun || !isAbsent(member))
  })
  const targets = stepTargets(spec, variant.nodes.length)
  const target = targets.find((one) => one > tried.length) ?? variant.nodes.length
  const next = present.slice(0, target - tried.length)
  if (next.length > 0) return next.map(({ nodeName }) => nodeName)
  return tried.length > 0 ? waiting.map(({ nodeName }) => nodeName) : []
}

function waitingIn(group: Group, variant: RolloutVariant): NodeRole[] {
  return variant.nodes.flatMap((node) => {
    const member = group.members.get(node)
    return member && !variant.passes.has(node) && isStepped(member) ? [member] : []
  })
}

function ended(world: World, id: string): Event | undefined {
  const rollout = world.rollouts.get(id)
  if (!rollout) return undefined
  const group = world.plan.groups.get(id)
  const goesOn =
    group?.rollout !== undefined &&
    [...rollout.where.keys()].some((node) => {
      const member = group.members.get(node)
      return member !== undefined && (isStepped(member) || member.flight !== undefined)
    })
  return goesOn ? undefined : { kind: 'rolloutEnded', rollout: rollout.id, group: id }
}

/** What keeps the next step of a variant closed; undefined when it may be opened. */
export function holdOf(world: World, group: Group, variant: RolloutVariant): StepHold | undefined {
  const spec = group.rollout
  if (!spec || variant.passes.size === 0) return undefined
  const done: NodeRole[] = []
  const failed: NodeRole[] = []
  for (const [node, { begun }] of variant.passes) {
    const member = group.members.get(node)
    if (!member) continue
    if (isAbsent(member)) {
      // It fell silent with the change: the change may be why.
      if (begun) failed.push(member)
      continue
    }
    if (member.state === 'error') failed.push(member)
    else if (member.state === 'active') done.push(member)
    else return { kind: 'underWay', nodeRole: member.id }
  }
  if (variant.approved === variant.passes.size) return undefined
  const tolerated = spec.tolerate === undefined ? 0 : countOf(spec.tolerate, variant.nodes.length)
  const [first] = failed
  if (first && failed.length > tolerated)
    return {
      kind: 'failed',
      nodeRole: first.id,
      silent: isAbsent(first),
      others: failed.length - 1,
      tolerated,
    }
  const learnt = gateHold(group, done) ?? restingHold(group, done)
  if (learnt) return learnt
  const settledAt = Math.max(0, ...done.map(({ success }) => success?.at ?? 0))
  if (spec.soakMs !== undefined && done.length > 0 && settledAt + spec.soakMs > world.now)
    return { kind: 'soaking', until: settledAt + spec.soakMs }
  return spec.approve ? { kind: 'approval' } : undefined
}

function doneIn(group: Group, { passes }: RolloutVariant): NodeRole[] {
  return [...passes.keys()].flatMap((node) => {
    const member = group.members.get(node)
    return member?.state === 'active' ? [member] : []
  })
}

function absentHold(group: Group, variant: RolloutVariant): StepHold {
  const absent = waitingIn(group, variant)
  return { kind: 'absent', nodeRole: absent[0]?.id ?? '', others: absent.length - 1 }
}

/** Its node does not answer, or was taken out of work: it says nothing about the change. */
function isAbsent({ node, flight }: NodeRole): boolean {
  return !flight && node !== undefined && (node.unavailable !== undefined || !node.alive)
}

function wakeAt(world: World, group: Group, variant: RolloutVariant, at: number): void {
  // One that is blocked goes on when something else happens to it, and not by the clock.
  const wakes = waitingIn(group, variant).find(({ reasonKind }) => reasonKind === 'step')
  if (!wakes) return
  wakes.wakesAt = at
  world.timers.push({ at, wakes })
}
