// Words for waits: what something that may run waits for, as a sentence, and what to do about it.
import { unreachable } from '../base/assert.ts'
import { formatDuration } from '../base/duration.ts'
import { type NodeRoleId, nodeRoleName } from './names.ts'
import { andOthers, because, IS_IN, listed, nextOf, plural, span, type Words } from './phrases.ts'
import type { StepHold, Wait } from './reason.ts'
import { scopeName } from './scope.ts'

export function waitWords(nodeRole: NodeRoleId, wait: Wait, now: number): Words {
  switch (wait.kind) {
    case 'turn':
      return { says: 'it waits for its turn' }
    case 'lock':
      return {
        says: `it waits for the lock ${wait.lock} (${wait.capacity} at a time), which ${wait.holders.length === 0 ? 'others wait for too' : `${listed(wait.holders)} ${plural(wait.holders.length, 'holds', 'hold')}`}`,
      }
    case 'checking':
      return { says: `it waits until ${wait.node} has been looked at for drift (${wait.check})` }
    case 'contact':
      return { says: `it waits until ${wait.node} is reached in this session` }
    case 'backoff':
      return {
        says: `it tries again ${wait.until > now ? `in ${formatDuration(wait.until - now)}` : 'now'} (attempt ${wait.attempt} of ${wait.attempts}): ${wait.message}`,
      }
    case 'upstream':
      return {
        says: `it waits for ${wait.nodeRole}, which goes first and is about to run`,
        next: `anneal why ${wait.nodeRole}`,
      }
    case 'dependants':
      return {
        says: `it is removed after what rests on it: ${wait.nodeRole}${andOthers(wait.others)}`,
        next: `anneal why ${wait.nodeRole}`,
      }
    case 'rival':
      return {
        says: `it waits until ${wait.nodeRole}, with which its role conflicts, is removed`,
        next: `anneal why ${wait.nodeRole}`,
      }
    case 'rinse':
      return {
        says: `it waits to be applied afresh until all of ${wait.rinse} is removed; still to be removed is ${wait.nodeRole}${andOthers(wait.others)}`,
        next: `anneal why ${wait.nodeRole}; anneal cancel ${wait.rinse} calls the rinse off`,
      }
    case 'approval':
      return {
        says: `it waits for your approval: ${wait.why}`,
        next: `when it may run, anneal retry ${nodeRole}`,
      }
    case 'stopped':
      return { says: `nothing new is started since ${wait.by} stopped`, next: `anneal up goes on` }
    case 'held': {
      const what = wait.what.kind === 'nodeRole' ? 'it' : scopeName(wait.what)
      return {
        says: `${wait.by} has held ${what} for ${span(wait.since, now)}${because(wait.why)}`,
        next: wait.what.kind === 'site' ? 'anneal resume' : `anneal release ${scopeName(wait.what)}`,
      }
    }
    case 'notChosen':
      return {
        says: `${wait.by} asked for a session of ${listed(wait.only)} only`,
        next: 'anneal up runs the rest',
      }
    case 'step':
      return stepWords(nodeRole, wait, now)
    case 'failures':
      return failuresWords(nodeRole, wait)
    case 'window':
      return {
        says: `it waits for its maintenance window, which opens in ${formatDuration(wait.until - now)}`,
        next: `anneal up --stay waits for it; when it may run now, anneal approve ${nodeRole}`,
      }
    default:
      return unreachable(wait)
  }
}

function stepWords(
  nodeRole: NodeRoleId,
  { role, variant, step, of, hold }: Extract<Wait, { kind: 'step' }>,
  now: number,
): Words {
  const says = `it waits for step ${step} of ${of} of the rollout of ${role}${variant === ALL_ALIKE ? '' : ` on ${variant}`}`
  const held = stepHoldWords(nodeRole, hold, now)
  return { says: `${says}: ${held.says}`, ...nextOf(held) }
}

/** The name of the only variant where nodes do not differ in what a role reads. */
export const ALL_ALIKE = 'all alike'

/** What keeps the next step closed for any of those that wait for it. */
export function stepHoldWords(nodeRole: NodeRoleId, hold: StepHold, now: number): Words {
  switch (hold.kind) {
    case 'underWay':
      return {
        says: `${hold.nodeRole} has it first and is not done yet`,
        next: `anneal why ${hold.nodeRole}`,
      }
    case 'failed':
      return {
        says: `${hold.nodeRole} has ${hold.silent ? 'not been heard of since it got it' : 'failed with it'}${andOthers(hold.others)}${hold.tolerated > 0 ? `, and no more than ${hold.tolerated} may` : ''}`,
        next: `anneal why ${hold.nodeRole}; mend it and anneal up, go back with anneal rollback, or go on all the same with ${approveCommand(nodeRole)}`,
      }
    case 'gate':
      return {
        says: `the gate ${hold.gate} does not hold on ${hold.nodeRole}: ${hold.found}`,
        next: `mend it and anneal up, go back with anneal rollback, or go on all the same with ${approveCommand(nodeRole)}`,
      }
    case 'dependant':
      return {
        says: `${hold.dependant} rests on ${hold.nodeRole}, which has it, and ${hold.look ? LOOKS[hold.look] : IS_IN[hold.state]}`,
        next: hold.look === undefined ? `anneal why ${hold.dependant}` : `anneal drift ${hold.dependant}`,
      }
    case 'soaking':
      return {
        says: `those that have it are watched for another ${formatDuration(Math.max(0, hold.until - now))}`,
      }
    case 'approval':
      return { says: `somebody has to give the word`, next: `when it may go on, ${approveCommand(nodeRole)}` }
    case 'absent':
      return {
        says: `none of those that could go first answers: ${hold.nodeRole}${andOthers(hold.others)}`,
        next: `anneal nodes`,
      }
    default:
      return unreachable(hold)
  }
}

const LOOKS = {
  underWay: 'is being checked',
  drifted: 'is not as it was left',
  unknown: 'could not be checked',
}

function failuresWords(
  nodeRole: NodeRoleId,
  { failed, trying, most, variant }: Extract<Wait, { kind: 'failures' }>,
): Words {
  const on = variant === ALL_ALIKE ? '' : ` on ${variant}`
  const first = failed[0]
  if (first === undefined || failed.length < most) {
    return {
      says: `nobody has succeeded with this revision of its role yet${on}, so no more than ${most} try it at once (max_failures): ${listed([...failed, ...trying])}`,
    }
  }
  return {
    says: `its role has failed on ${failed.length} ${plural(failed.length, 'node', 'nodes')}${on} and goes no further (max_failures: ${most}): ${listed(failed)}`,
    next: `anneal why ${first}; mend it and anneal up, or go on all the same with ${approveCommand(nodeRole)}`,
  }
}

/** What speaks for all of a role in a deployment, from one node-role of it. */
function approveCommand(nodeRole: NodeRoleId): string {
  const { deployment, role } = nodeRoleName(nodeRole)
  return `anneal approve ${deployment}/${role}`
}
