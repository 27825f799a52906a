// Decide: a command becomes events or a refusal. Nothing is changed here.
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { isSameJson } from '../base/same-json.ts'
import { unreachable } from '../base/assert.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { NODE_FAULTS, type NodeFault } from '../model/run.ts'
import type { Target } from '../model/site.ts'
import { approve } from './approve.ts'
import { buildPlan } from './build-plan.ts'
import { findCircle } from './circles.ts'
import { finishExec, lostExecs, startExec } from './execs.ts'
import { decideControl } from './decide-control.ts'
import { roleOfRun } from './due.ts'
import { fleetOf } from './fleet.ts'
import { isOnceAgain, needsAnother, needsAnothersWord } from './four-eyes.ts'
import { place } from './placement.ts'
import { rinseMeant } from './rinse-preview.ts'
import { sensitiveAmong } from './sensitive.ts'
import { whatMoved } from './timeline.ts'
import { decideRunner } from './runners.ts'
import { decideToken } from './tokens.ts'
import { unknownNodeRole } from './targets.ts'
import { findNodeRole, type NodeRecord, type NodeRole, type World } from './world.ts'

export function decide(world: World, command: Command): Answer<Event[]> {
  switch (command.kind) {
    case 'startSession':
      return answer([
        ...lostWith(world, 'the process that carried it ended'),
        ...[...world.checking].flatMap((node) => checkLost(node, 'the process that carried it ended')),
        ...lostExecs(world),
        sessionEvent(world, command),
      ])
    case 'proposeRevision':
      return propose(world, command)
    case 'commitRevision':
      return commit(world, command)
    case 'discardRevision':
      return discard(world, command)
    case 'rollbackRevision':
      return rollback(world, command)
    case 'reportContact':
      return reportContact(world, command)
    case 'reportConnectionLost': {
      const node = world.nodes.get(command.node)
      return answer(node && node.reachedIn > 0 ? [{ kind: 'connectionLost', node: command.node }] : [])
    }
    case 'reportRun':
      return reportRun(world, command)
    case 'retryNodeRole': {
      const { nodeRole, by, why } = command
      const known = world.nodeRoles.get(nodeRole)
      if (!known) return refuse(unknownNodeRole(world, nodeRole))
      const alone = isOnceAgain(known) && needsAnothersWord(world, [nodeRole], by)
      if (alone) return refuse(alone)
      return answer([{ kind: 'rerunAsked', nodeRole, by, ...(why === undefined ? {} : { why }) }])
    }
    case 'rinse':
      return rinse(world, command)
    case 'approve':
      return approve(world, command)
    case 'askCheck': {
      const { by, nodeRoles } = command
      const stranger = nodeRoles?.find((id) => !world.nodeRoles.has(id))
      if (stranger !== undefined) return refuse(unknownNodeRole(world, stranger))
      return answer([{ kind: 'checkAsked', by, ...(nodeRoles ? { nodeRoles } : {}) }])
    }
    case 'reportCheck':
      return reportCheck(world, command)
    case 'setAvailable': {
      const { node, available, by, why } = command
      if (!world.nodes.has(node)) return refuse(unknownNode(world, node))
      return answer([
        { kind: 'availabilityChanged', node, available, by, ...(why === undefined ? {} : { why }) },
      ])
    }
    case 'forgetNode':
      return forget(world, command)
    case 'hold':
    case 'release':
    case 'chooseOnly':
    case 'cancelRun':
    case 'cancelRinse':
      return decideControl(world, command)
    case 'startExec':
      return startExec(world, command)
    case 'finishExec':
      return finishExec(world, command)
    case 'stopClaiming':
      return answer([{ kind: 'claimingStopped', by: command.by }])
    case 'issueToken':
    case 'useToken':
    case 'revokeToken':
      return decideToken(world, command)
    case 'inviteRunner':
    case 'enrolRunner':
    case 'reportRunnerHere':
    case 'reportRunnerGone':
    case 'drainRunner':
    case 'resumeRunner':
    case 'revokeRunner':
      return decideRunner(world, command)
    case 'auditRequest':
      return answer([{ ...command, kind: 'requestAudited' }])
    case 'tick':
      return answer([])
    default:
      return unreachable(command)
  }
}

function sessionEvent(world: World, { by, stays, only }: Extract<Command, { kind: 'startSession' }>): Event {
  const event: Event = { kind: 'sessionStarted', session: world.session + 1, by }
  if (stays) event.stays = true
  if (only) event.only = only
  return event
}

function checkLost({ name, check }: NodeRecord, why: string): Event[] {
  return check ? [{ kind: 'checkLost', check: check.check, node: name, why }] : []
}

function lostWith(world: World, why: string): Event[] {
  return [...world.inFlight].map(({ run, nodeRole }) => ({ kind: 'runLost', run, nodeRole, why }))
}

function propose(
  world: World,
  { site, author, message, cause }: Extract<Command, { kind: 'proposeRevision' }>,
): Answer<Event[]> {
  const target = targetOf(world, site)
  if (!target.ok) return target
  const revision = nextRevision(world)
  const proposed = { revision, onto: world.head, target: target.value, author, message }
  return answer([{ kind: 'revisionProposed', ...proposed, ...(cause && { cause }) }])
}

/** The site as a target, with circles judged: what a proposal would hold. */
export function targetOf(
  world: World,
  site: Extract<Command, { kind: 'proposeRevision' }>['site'],
  now = world.now,
): Answer<Target> {
  const placed = place(site, world.language, fleetOf(world, site, now))
  if (!placed.ok) return placed
  const circle = findCircle(buildPlan(placed.value, world.language))
  if (!circle) return placed
  const message = `${circle.join(' waits for ')}: nothing in this circle can ever be first; \`wait: known\` or an early output (\`value\`) would open it`
  return refuse({ code: 'waitsForItself', message, path: circle })
}

export function isHead(world: World, target: Target): boolean {
  return world.target !== undefined && sameTarget(world.target, target)
}

/** Whose facts are not known yet changes by itself and is nothing that anybody said. */
export function sameTarget(one: Target, other: Target): boolean {
  const said = ({ undecided: _undecided, ...target }: Target): Json => target as unknown as Json
  return isSameJson(said(one), said(other))
}

export function nextRevision(world: World): number {
  return Math.max(0, ...world.revisions.keys()) + 1
}

function commit(world: World, command: Extract<Command, { kind: 'commitRevision' }>): Answer<Event[]> {
  const { revision, onto, author, message } = command
  const proposed = world.revisions.get(revision)
  if (proposed?.status !== 'proposed') {
    const state = proposed ? `is ${proposed.status}` : 'does not exist'
    return refuse({
      code: 'unknownRevision',
      message: `revision ${revision} ${state}; only a proposed one can be committed`,
    })
  }
  if (proposed.onto !== world.head || onto !== world.head) {
    // One that was made on top of what is newest now, but is committed by somebody who saw an older one.
    const isCurrent = proposed.onto === world.head
    const moved = whatMoved(world, isCurrent ? onto : proposed.onto)
    const by = moved.committed.map((one) => `${one.revision} by ${one.author}`).join(', ')
    const before = isCurrent
      ? `whoever commits revision ${revision} took ${onto} for the newest`
      : `revision ${revision} was made on top of ${proposed.onto}`
    const message = `${before}, and the timeline has moved on since: ${by}`
    return refuse({ code: 'timelineMoved', message, head: world.head, moved })
  }
  const alone = needsAnother(world, proposed, author)
  return alone ? refuse(alone) : answer([{ kind: 'revisionCommitted', revision, author, message }])
}

function discard(
  world: World,
  { revision, author }: Extract<Command, { kind: 'discardRevision' }>,
): Answer<Event[]> {
  if (world.revisions.get(revision)?.status !== 'proposed') {
    return refuse({ code: 'unknownRevision', message: `revision ${revision} is not proposed` })
  }
  return answer([{ kind: 'revisionDiscarded', revision, author }])
}

/** Nodes that are gone meanwhile come back with the target; they are new ones, to be reached first. */
function rollback(
  world: World,
  { revision, author, message }: Extract<Command, { kind: 'rollbackRevision' }>,
): Answer<Event[]> {
  const { target, status } = world.revisions.get(revision) ?? {}
  if (target === undefined || (status !== 'superseded' && status !== 'committed')) {
    const state = status === undefined ? 'does not exist' : `was never committed: it is ${status}`
    return refuse({ code: 'unknownRevision', message: `revision ${revision} ${state}` })
  }
  return answer([
    { kind: 'revisionProposed', revision: nextRevision(world), onto: world.head, target, author, message },
  ])
}

function reportContact(world: World, command: Extract<Command, { kind: 'reportContact' }>): Answer<Event[]> {
  const node = world.nodes.get(command.node)
  if (!node) return answer([])
  if (command.outcome.result === 'fault') {
    const { fault } = command.outcome
    // We ended it ourselves: that says nothing of the node.
    return answer(fault.code === 'cancelled' ? [] : lose(world, node, fault))
  }
  const { facts, durationMs } = command.outcome
  const known = node.facts && canonical(node.facts) === canonical(facts)
  const changed: Event[] = known ? [] : [{ kind: 'factsChanged', node: node.name, facts }]
  const reached: Event = { kind: 'nodeReached', node: node.name }
  if (durationMs !== undefined) reached.durationMs = durationMs
  return answer([...changed, reached])
}

/** A node that was there in this session may be back in a moment, whatever it says; one that fails twice is not passing. */
function lose(world: World, node: NodeRecord, { passing, ...fault }: NodeFault): Event[] {
  const { name, tries } = node
  const again = tries === 0 && (passing ?? wasThere(world, node))
  return [
    { kind: 'nodeLost', node: name, fault: again ? { ...fault, passing: true } : fault, tries: tries + 1 },
  ]
}

/** Its connection is still held to be good, or was lost after it was. */
function wasThere(world: World, { alive, reachedIn }: NodeRecord): boolean {
  return alive === true && (reachedIn === world.session || reachedIn === 0)
}

function reportRun(world: World, command: Extract<Command, { kind: 'reportRun' }>): Answer<Event[]> {
  const { run, token, outcome } = command
  const record = world.runs.get(run)
  if (record?.result !== 'running' || record.token !== token) {
    const is = record
      ? record.result === 'running'
        ? 'has another token'
        : `ended as ${record.result}`
      : 'is not known'
    return refuse({ code: 'notInFlight', message: `a report for ${run} was not taken: it ${is}` })
  }
  const { nodeRole } = record
  const outputs = outcome.result === 'ok' ? outcome.outputs : {}
  const events: Event[] = [
    {
      kind: 'runFinished',
      run,
      nodeRole,
      outcome,
      ...sensitiveAmong('outputs', roleOfRun(world, record), outputs),
    },
  ]
  const { leaving, rinse, node } = findNodeRole(world, nodeRole) ?? {}
  // It may have been placed again while its removal was in flight.
  if (outcome.result === 'ok' && record.action === 'remove') {
    if (leaving) events.push({ kind: 'nodeRoleRemoved', nodeRole })
    else if (rinse?.removed === false) events.push({ kind: 'nodeRoleRinsed', nodeRole })
  }
  if (outcome.result === 'fault' && node) events.push(...faultOnNode(world, node, outcome.fault))
  return answer(events)
}

function rinse(world: World, command: Extract<Command, { kind: 'rinse' }>): Answer<Event[]> {
  const { once, by, why } = command
  const named: NodeRole[] = []
  for (const id of command.nodeRoles) {
    const nodeRole = world.nodeRoles.get(id)
    if (!nodeRole) return refuse(unknownNodeRole(world, id))
    named.push(nodeRole)
  }
  const asked = rinseMeant(named, once)
  if (!asked.ok) return asked
  const destroyed = asked.value.rinsed.filter(({ group }) => group.role.once).map(({ id }) => id)
  const alone = needsAnothersWord(world, destroyed, by)
  if (alone) return refuse(alone)
  return answer([
    {
      kind: 'rinseAsked',
      rinse: `rinse-${world.rinsesAsked + 1}`,
      nodeRoles: asked.value.rinsed.map(({ id }) => id),
      once,
      by,
      ...(why === undefined ? {} : { why }),
    },
  ])
}

function reportCheck(world: World, command: Extract<Command, { kind: 'reportCheck' }>): Answer<Event[]> {
  const { check, token, outcome } = command
  const node = world.nodes.get(command.node)
  if (node?.check?.check !== check || node.check.token !== token) {
    const message = `a report for ${check} was not taken: it is not in flight, or has another token`
    return refuse({ code: 'notInFlight', message })
  }
  if (outcome.result === 'done') {
    const { findings, durationMs } = outcome
    return answer([{ kind: 'checkFinished', check, node: node.name, findings, durationMs }])
  }
  const { fault } = outcome
  return answer([...checkLost(node, fault.message), ...faultOnNode(world, node, fault)])
}

/** What a fault on the way says of the node itself. */
function faultOnNode(world: World, node: NodeRecord, fault: NodeFault): Event[] {
  if (NODE_FAULTS[fault.code].nodeLost) return lose(world, node, fault)
  return fault.code === 'connectionLost' ? [{ kind: 'connectionLost', node: node.name }] : []
}

function forget(world: World, { node: name, by }: Extract<Command, { kind: 'forgetNode' }>): Answer<Event[]> {
  const node = world.nodes.get(name)
  if (!node) return refuse(unknownNode(world, name))
  const placed = [...node.nodeRoles].filter((nodeRole) => !nodeRole.leaving)
  if (placed.length > 0) {
    const message = `${name} still has ${placed.length} node-roles in the committed revision; take it out of the site first`
    return refuse({ code: 'conflict', message, nodeRoles: placed.map((nodeRole) => nodeRole.id) })
  }
  return answer([
    ...lostWith(world, `node ${name} was forgotten`).filter((event) => isOf(event, node)),
    ...checkLost(node, `node ${name} was forgotten`),
    { kind: 'nodeForgotten', node: name, by },
  ])
}

function isOf(event: Event, node: NodeRecord): boolean {
  return event.kind === 'runLost' && [...node.nodeRoles].some((nodeRole) => nodeRole.id === event.nodeRole)
}

export function unknownNode(world: World, name: string): Refusal {
  const meant = nearest(name, world.nodes.keys())
  return {
    code: 'unknownNode',
    message: `there is no node ${name}`,
    ...(meant === undefined ? {} : { nearest: meant }),
  }
}
