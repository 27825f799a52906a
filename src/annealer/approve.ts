// Approving: a person's word for what waits for one.
import { nearest } from '../base/nearest.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { type Scope, scopeName } from '../model/scope.ts'
import type { Reason, Wait } from '../model/reason.ts'
import { reasonWords } from '../model/words.ts'
import { isOnceAgain, needsAnothersWord } from './four-eyes.ts'
import { type Group, groupId } from './graph.ts'
import { judge } from './judge.ts'
import { holdOf } from './steps.ts'
import { unknownNodeRole } from './targets.ts'
import { type NodeRole, nodeRoleCalled, type World } from './world.ts'

type Word = { by: string; why?: string }

export function approve(
  world: World,
  { scope, variant, by, why }: Extract<Command, { kind: 'approve' }>,
): Answer<Event[]> {
  const word: Word = why === undefined ? { by } : { by, why }
  if (scope.kind === 'nodeRole') {
    const { nodeRole } = scope
    const known = world.nodeRoles.get(nodeRole)
    if (!known) return refuse(unknownNodeRole(world, nodeRole))
    const idle = waitsForNoWord(world, known)
    if (idle) return refuse(idle)
    const alone = isOnceAgain(known) && needsAnothersWord(world, [nodeRole], by)
    if (alone) return refuse(alone)
    return answer([{ kind: 'rerunAsked', nodeRole, ...word, approved: true }])
  }
  const unknown = variant === undefined ? undefined : unknownVariant(world, scope, variant)
  if (unknown) return refuse(unknown)
  const events =
    scope.kind === 'node'
      ? waitingOn(world, scope.node).map((nodeRole): Event => asked(nodeRole, word))
      : groupsIn(world, scope).flatMap((group) => approvedOf(world, group, variant, word))
  const destroyed = events.flatMap((event) => (event.kind === 'rerunAsked' ? [event.nodeRole] : []))
  const again = destroyed.filter((id) => isOnceAgain(nodeRoleCalled(world, id)))
  const alone = needsAnothersWord(world, again, by)
  if (alone) return refuse(alone)
  if (events.length > 0) return answer(events)
  return refuse({
    code: 'nothingToApprove',
    message: `nothing of ${scopeName(scope)} waits for anybody's word now`,
  })
}

function asked({ id }: NodeRole, word: Word): Event {
  return { kind: 'rerunAsked', nodeRole: id, ...word, approved: true }
}

const WAITS_FOR_A_WORD = new Set<Wait['kind']>(['approval', 'step', 'failures', 'window'])

function waitingOn(world: World, node: string): NodeRole[] {
  return [...(world.nodes.get(node)?.nodeRoles ?? [])].filter((nodeRole) =>
    isWaitingForWord(judge(world, nodeRole).reason),
  )
}

function isWaitingForWord(reason: Reason): boolean {
  return reason.kind === 'waits' && WAITS_FOR_A_WORD.has(reason.wait.kind)
}

/** A word that nobody waits for would make it run past what it really waits for, or although nothing changed. */
function waitsForNoWord(world: World, nodeRole: NodeRole): Refusal | undefined {
  const { reason } = judge(world, nodeRole)
  if (isWaitingForWord(reason) || reason.kind === 'unknownResult') return undefined
  const { says } = reasonWords(nodeRole.id, reason, world.now)
  return { code: 'nothingToApprove', message: `${nodeRole.id} waits for nobody's word: ${says}` }
}

function groupsIn(world: World, scope: Scope): Group[] {
  const groups = [...world.plan.groups.values()]
  if (scope.kind === 'group') return groups.filter(({ id }) => id === groupId(scope.deployment, scope.role))
  return scope.kind === 'deployment'
    ? groups.filter(({ deployment }) => deployment === scope.deployment)
    : groups
}

function approvedOf(world: World, group: Group, only: string | undefined, word: Word): Event[] {
  const events: Event[] = []
  const rollout = world.rollouts.get(group.id)
  for (const variant of rollout?.variants ?? []) {
    if (only !== undefined && variant.variant !== only) continue
    const hold = holdOf(world, group, variant)
    // Those before it are on their way: there is nothing to say yet.
    if (!rollout || !hold || hold.kind === 'underWay') continue
    events.push({
      kind: 'stepApproved',
      rollout: rollout.id,
      group: group.id,
      variant: variant.variant,
      ...word,
    })
  }
  if (isStopped(world, group))
    events.push({ kind: 'failuresAllowed', group: group.id, roleDigest: group.role.digest, ...word })
  return events
}

function isStopped(world: World, { id, role, maxFailures, trials }: Group): boolean {
  if (maxFailures === undefined || world.allowed.get(id) === role.digest) return false
  return [...trials.values()].some(({ failed }) => failed.size >= maxFailures)
}

function unknownVariant(world: World, scope: Scope, variant: string): Refusal | undefined {
  const known = groupsIn(world, scope).flatMap(
    ({ id }) => world.rollouts.get(id)?.variants.map((one) => one.variant) ?? [],
  )
  if (known.includes(variant)) return undefined
  const meant = nearest(variant, known)
  const advice =
    meant !== undefined ? `did you mean ${meant}?` : known.length > 0 ? `there is ${known.join('; ')}` : ''
  const message = `no rollout of ${scopeName(scope)} has the variant ${variant}${advice === '' ? '' : `; ${advice}`}`
  return { code: 'nothingToApprove', message }
}
