// Runners on other machines: invited, enrolled, here and away by events, and whether a node has one that would do.
import { unreachable } from '../base/assert.ts'
import { nearest } from '../base/nearest.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { NAME_PATTERN } from '../model/names.ts'
import type { NoRunner } from '../model/reason.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { fitsRunner, type RunnerState, type RunnerView } from '../model/runner.ts'
import { touchNode } from './touch.ts'
import type { NodeRecord, RunnerRecord, World } from './world.ts'

export type RunnerCommand = Extract<
  Command,
  {
    kind:
      | 'inviteRunner'
      | 'enrolRunner'
      | 'reportRunnerHere'
      | 'reportRunnerGone'
      | 'drainRunner'
      | 'resumeRunner'
      | 'revokeRunner'
  }
>
export type RunnerEvent = Extract<
  Event,
  {
    kind:
      | 'runnerInvited'
      | 'runnerEnrolled'
      | 'runnerArrived'
      | 'runnerLeft'
      | 'runnerDrained'
      | 'runnerResumed'
      | 'runnerRevoked'
  }
>

const RUNNERS_MOST = 1_000
const NAME = new RegExp(NAME_PATTERN)

export function decideRunner(world: World, command: RunnerCommand): Answer<Event[]> {
  if (command.kind === 'inviteRunner') return invite(world, command)
  const known = world.runners.get(command.runner)
  if (!known) return refuse(unknownRunner(world, command.runner))
  const { runner } = known
  switch (command.kind) {
    case 'enrolRunner': {
      const { hash, key } = command
      const invite = known.invite
      if (!invite || invite.hash !== hash || invite.endsAt <= world.now)
        return refuse({
          code: 'unauthenticated',
          message: 'this enrolment token was used, is over, or never was',
        })
      return answer([{ kind: 'runnerEnrolled', runner, key }])
    }
    case 'reportRunnerHere': {
      const { slots, version } = command
      if (stateOf(world, known) === 'revoked') return refuse(revoked(runner))
      return answer([{ kind: 'runnerArrived', runner, slots, version }])
    }
    case 'reportRunnerGone':
      return answer(isPresent(world, known) ? [{ kind: 'runnerLeft', runner, why: command.why }] : [])
    case 'drainRunner':
      return answer(known.drained ? [] : [{ kind: 'runnerDrained', runner, ...saidOf(command) }])
    case 'resumeRunner':
      return answer(known.drained ? [{ kind: 'runnerResumed', runner, ...saidOf(command) }] : [])
    case 'revokeRunner':
      return answer(known.revoked ? [] : [{ kind: 'runnerRevoked', runner, ...saidOf(command) }])
    default:
      return unreachable(command)
  }
}

export function evolveRunner(world: World, event: RunnerEvent): void {
  const known = world.runners.get(event.runner)
  if (event.kind === 'runnerInvited') {
    const { kind: _, by, hash, endsAt, ...told } = event
    const invite = { hash, endsAt, by, at: world.now }
    // Until the token is used the old identity stays what it is.
    world.runners.set(event.runner, { ...(known ?? { ...told }), invite, next: event.labels })
    return
  }
  if (!known) return
  const said =
    'by' in event
      ? { by: event.by, at: world.now, ...(event.why === undefined ? {} : { why: event.why }) }
      : undefined
  switch (event.kind) {
    case 'runnerEnrolled':
      known.labels = known.next ?? known.labels
      known.key = event.key
      known.enrolledAt = world.now
      known.invitedBy = known.invite?.by ?? known.invitedBy ?? ''
      known.invite = known.next = known.revoked = known.presence = undefined
      break
    case 'runnerArrived': {
      const { slots, version } = event
      known.presence = { session: world.session, since: world.now, slots, version }
      break
    }
    case 'runnerLeft':
      if (known.presence) known.presence = { ...known.presence, session: 0, since: world.now, why: event.why }
      break
    case 'runnerDrained':
      known.drained = said
      break
    case 'runnerResumed':
      known.drained = undefined
      break
    case 'runnerRevoked':
      known.revoked = said
      break
    default:
      unreachable(event)
  }
  touchServed(world)
}

/**
 * Why nobody can be asked to look at a node, or to run something on it, beside the engine's work; undefined where somebody can.
 * Only who serves hands out to runners.
 */
export function whyUnasked(world: World, node: NodeRecord, served: boolean): NoRunner | undefined {
  const isOut = served ? lacksRunner(world, node) : node.spec.runner !== undefined
  return isOut ? noRunner(world, node, served) : undefined
}

/** Whether nobody can work on it now: it is for a runner elsewhere, and none that would do is here. */
export function lacksRunner(world: World, { spec }: NodeRecord): boolean {
  const needs = spec.runner
  if (!needs) return false
  for (const one of world.runners.values())
    if (stateOf(world, one) === 'here' && fitsRunner(needs, one.labels)) return false
  return true
}

export function noRunner(world: World, { name: node, spec }: NodeRecord, served = true): NoRunner {
  const needs = spec.runner ?? {}
  const absent = [...world.runners.values()].flatMap((one) => {
    const state = stateOf(world, one)
    const is = state === 'here' && !served ? 'away' : state
    return is === 'here' || is === 'revoked' || !fitsRunner(needs, one.labels)
      ? []
      : [{ runner: one.runner, is }]
  })
  return { kind: 'noRunner', node, needs, absent: absent.slice(0, ABSENT_MOST) }
}

const ABSENT_MOST = 5

function stateOf(world: World, record: RunnerRecord): RunnerState {
  if (record.revoked) return 'revoked'
  if (record.key === undefined) return 'invited'
  if (!isPresent(world, record)) return 'away'
  return record.drained ? 'draining' : 'here'
}

export function viewRunner(world: World, record: RunnerRecord): RunnerView {
  const { runner, labels, invite, enrolledAt, presence, drained, revoked: out, invitedBy } = record
  return {
    runner,
    labels: { ...(record.key === undefined ? (record.next ?? labels) : labels) },
    state: stateOf(world, record),
    invitedBy: invite?.by ?? invitedBy ?? '',
    invitedAt: invite?.at ?? enrolledAt ?? 0,
    ...(invite && { inviteEndsAt: invite.endsAt }),
    ...(enrolledAt === undefined ? {} : { enrolledAt }),
    ...(presence && { slots: presence.slots, version: presence.version, since: presence.since }),
    ...(presence?.why === undefined ? {} : { why: presence.why }),
    ...(drained && { drained }),
    ...(out && { revoked: out }),
  }
}

export function viewRunners(world: World): RunnerView[] {
  return [...world.runners.values()]
    .map((one) => viewRunner(world, one))
    .sort((a, b) => (a.runner < b.runner ? -1 : 1))
}

/** Nobody is here before it has come in this session: what an earlier server knew of it is over. */
function isPresent(world: World, { presence }: RunnerRecord): boolean {
  return presence !== undefined && presence.session === world.session
}

function touchServed(world: World): void {
  for (const node of world.nodes.values()) if (node.spec.runner !== undefined) touchNode(world, node, false)
}

function invite(world: World, command: Extract<RunnerCommand, { kind: 'inviteRunner' }>): Answer<Event[]> {
  const { kind: _, ...request } = command
  const { runner, hash, endsAt, labels } = request
  if (!NAME.test(runner))
    return invalid(`${JSON.stringify(runner)} is no name of small letters, digits and dashes`)
  if (!/^[0-9a-f]{64}$/.test(hash)) return invalid('the hash of its token is none')
  if (endsAt <= world.now) return invalid('its token would be over already')
  if (Object.keys(labels).length > 100) return invalid('it has more than 100 labels')
  if (!world.runners.has(runner) && world.runners.size >= RUNNERS_MOST)
    return invalid(`there are ${world.runners.size} runners, and no more may be`)
  return answer([{ kind: 'runnerInvited', ...request }])
}

function saidOf({ by, why }: { by: string; why?: string }): { by: string; why?: string } {
  return why === undefined ? { by } : { by, why }
}

function invalid<T>(message: string): Answer<T> {
  return refuse({ code: 'invalidRunner', message })
}

function revoked(runner: string): Refusal {
  return { code: 'unauthenticated', message: `the runner ${runner} is revoked` }
}

function unknownRunner(world: World, runner: string): Refusal {
  const meant = nearest(runner, world.runners.keys())
  const message = `there is no runner ${runner}`
  return { code: 'unknownRunner', message, ...(meant === undefined ? {} : { nearest: meant }) }
}
