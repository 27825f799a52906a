// Words: each reason, cause, wait, fault and refusal as one English sentence, and what to do next; the same at every door.
import { unreachable } from '../base/assert.ts'
import type { Origin, Unbound } from './binding.ts'
import type { NodeRoleId } from './names.ts'
import { andOthers, because, IS_IN, listed, nextOf, plural, span, type Words } from './phrases.ts'
import type { Cause, Reason } from './reason.ts'
import type { Refusal } from './refusal.ts'
import { noRunnerWords } from './runner-words.ts'
import type { NodeFault, NodeFaultCode, RunAction } from './run.ts'
import type { ShortPlacement } from './view.ts'
import { waitWords } from './wait-words.ts'

export type { Words } from './phrases.ts'

/** What is placed on fewer nodes than were asked for. */
export function shortWords({ deployment, role, placed, count, awaits }: ShortPlacement): Words {
  const what = role === undefined ? `${deployment} has` : `${role} in ${deployment} is on`
  if (awaits !== undefined) {
    const which = awaits === 1 ? 'a node' : `${awaits} nodes`
    return {
      says: `${what} ${placed} of ${count} nodes: the others are chosen by facts of ${which} not reached yet`,
    }
  }
  return {
    says: `${what} ${placed} of ${count} nodes: no further one is selected and fit for it`,
    next: 'add nodes that it selects, or ask for fewer (count)',
  }
}

/** `now` in milliseconds since the epoch: reasons hold moments, people want spans. */
export function reasonWords(nodeRole: NodeRoleId, reason: Reason, now: number): Words {
  switch (reason.kind) {
    case 'running':
      return {
        says: `${reason.run} is ${GERUND[reason.action]} it for ${span(reason.since, now)}, because ${causeWords(reason.cause)}${reason.cancelledBy === undefined ? '' : `; ${reason.cancelledBy} asked to cancel it`}`,
        next: `anneal logs ${reason.run} shows what it prints`,
      }
    case 'neverReached':
      return {
        says: `${reason.node} has not been reached yet`,
        next: `Anneal tries it by itself while it anneals; if that does not help, check its ssh entry in anneal.yaml`,
      }
    case 'notAlive':
      return {
        says: `${reason.node} has not answered for ${span(reason.since, now)}: ${lostWords(reason.fault).says}`,
        next: lostWords(reason.fault).next ?? `when ${reason.node} answers again, its work goes on by itself`,
      }
    case 'notAvailable':
      return {
        says: `${reason.node} was made unavailable by ${reason.by}${because(reason.why)}`,
        next: `make it available again in anneal.yaml (available: true), then anneal up`,
      }
    case 'noRunner':
      return noRunnerWords(reason)
    case 'inputUnbound': {
      const why = unboundWords(reason.unbound)
      const next = why.next ?? `anneal why ${nodeRole} ${reason.input}`
      return { says: `its input ${reason.input} has no value: ${why.says}`, next }
    }
    case 'requirement':
      return {
        says: `it requires ${reason.nodeRole}, which ${IS_IN[reason.state]}${andOthers(reason.others, ' that are not active')}`,
        next: `anneal why ${reason.nodeRole}`,
      }
    case 'requirementMissing':
      return {
        says: `it requires the role ${reason.role}, and no deployment that it can see has one`,
        next: `place ${reason.role} in its deployment or in a parent of it, then anneal up`,
      }
    case 'failed':
      return {
        says: `${reason.run} failed${reason.attempts > 1 ? `, the last of ${reason.attempts} attempts` : ''}: ${reason.message}`,
        next: `${mendWords(reason.run, reason.fault)}, then anneal retry ${nodeRole}`,
      }
    case 'cancelled':
      return {
        says: `${reason.by} cancelled ${reason.run}${because(reason.why)}; what it left half-way is not known`,
        next: `when it may run again, anneal retry ${nodeRole}`,
      }
    case 'unknownResult':
      return {
        says: `nobody knows how ${reason.run} ended, and its role is marked once, so it does not run again by itself`,
        next: `look at the machine; when it may run again, anneal retry ${nodeRole}`,
      }
    case 'oscillates':
      return {
        says: `${roundWords(nodeRole, reason)}: its input ${reason.input} keeps coming back (${reason.values.join(' -> ')})`,
        next: `make one of these roles settle on a value, then anneal up`,
      }
    case 'notRepeatable': {
      const { output, runs, values, alike } = reason
      const again =
        alike === 0 ? '' : `; ${alike === 1 ? 'one run' : `${alike} runs`} said the same again since`
      return {
        says: `it is as asked, but its role is not repeatable: with equal inputs its output ${output} was ${values[0]} in ${runs[0]} and ${values[1]} in ${runs[1]}${again}`,
        next: `let the role say the same for the same inputs; whatever reads ${output} runs again each time that it does not`,
      }
    }
    case 'current':
      return { says: `its last success has today's inputs` }
    case 'milestone':
      return { says: `it has nothing to run, and all that it requires is active` }
    case 'stale': {
      const why = unboundWords(reason.unbound)
      return {
        says: `it keeps its last binding, because its input ${reason.input} has no new value now: ${why.says}`,
        next: why.next ?? `anneal why ${nodeRole} ${reason.input}`,
      }
    }
    case 'restsOnFailed':
      return {
        says: `it is as asked, but rests on ${reason.nodeRole}, which ${IS_IN[reason.state]}`,
        next: `anneal why ${reason.nodeRole}`,
      }
    case 'drifted':
      return driftedWords(nodeRole, reason, now)
    case 'waits': {
      const wait = waitWords(nodeRole, reason.wait, now)
      return { says: `it is to run because ${causeWords(reason.cause)}; ${wait.says}`, ...nextOf(wait) }
    }
    default:
      return unreachable(reason)
  }
}

const CIRCLE_SHOWN = 8

/** Of a circle that it is not part of it only feels the turns. */
function roundWords(
  nodeRole: NodeRoleId,
  { circle, nodeRole: source }: Extract<Reason, { kind: 'oscillates' }>,
): string {
  const [first] = circle
  if (first === undefined) return `it goes round in circles with ${source}`
  const more = circle.length - CIRCLE_SHOWN
  const path = more > 1 ? [...circle.slice(0, CIRCLE_SHOWN), `${more} more`] : circle
  const way = [...path, first].join(' -> ')
  return first === nodeRole
    ? `it goes round in circles, ${way}`
    : `others go round in circles, ${way}, and it with them`
}

function driftedWords(
  nodeRole: NodeRoleId,
  { since, what, policy, repairs }: Extract<Reason, { kind: 'drifted' }>,
  now: number,
): Words {
  const shows = `anneal drift ${nodeRole} shows it`
  if (policy === 'repair' && repairs > 0) {
    return {
      says: `it was applied again ${repairs} times, and drifted each time: ${what.join('; ')}`,
      next: `${shows}; find out what changes it, or what its check asks for and apply does not do, then anneal retry ${nodeRole}`,
    }
  }
  return {
    says: `it drifted ${span(since, now)} ago: ${what.join('; ')}`,
    next:
      policy === 'report'
        ? `${shows}; it is left so (drift: report) until anneal drift --repair ${nodeRole}`
        : shows,
  }
}

/** Completes "because ...". */
export function causeWords(cause: Cause): string {
  switch (cause.kind) {
    case 'new':
      return 'it never ran'
    case 'inputsChanged':
      return `${plural(cause.inputs.length, 'its input', 'its inputs')} ${listed(cause.inputs)} changed`
    case 'roleChanged':
      return 'its role changed'
    case 'asked':
      return `${cause.by} asked for it${because(cause.why)}`
    case 'retry':
      return `${cause.after} did not succeed`
    case 'lost':
      return `nobody knows how ${cause.run} ended`
    case 'removal':
      return 'it is being removed'
    case 'rinse':
      return `${cause.by} asked for ${cause.rinse}${because(cause.why)}`
    case 'drift':
      return `it drifted: ${cause.what.join('; ')}`
    default:
      return unreachable(cause)
  }
}

export function unboundWords(unbound: Unbound): Words {
  switch (unbound.kind) {
    case 'noValue':
      return {
        says: 'nobody gave one and the role has no default',
        next: 'set it in anneal.yaml under values, then anneal up',
      }
    case 'factAbsent':
      return {
        says: `${unbound.node} has no fact ${unbound.path.join('.')}`,
        next: `anneal facts ${unbound.node} lists what it has`,
      }
    case 'outputUnknown':
      return {
        says: `the output ${unbound.output} of ${unbound.nodeRole} is not known yet`,
        next: `anneal why ${unbound.nodeRole}`,
      }
    case 'outputsUnknown': {
      const more = unbound.missingCount - unbound.missing.length
      const first = unbound.missing[0]
      return {
        says: `the output ${unbound.output} is known of ${unbound.known} of the ${unbound.needed} that are needed; it is missing of ${listed(unbound.missing)}${andOthers(more)}`,
        ...(first === undefined ? {} : { next: `anneal why ${first}` }),
      }
    }
    case 'nobodyProvides':
      return {
        says: `no deployment that it can see has the role ${unbound.role}, whose output ${unbound.output} it reads`,
        next: `place ${unbound.role} in its deployment or in a parent of it, then anneal up`,
      }
    case 'ambiguous':
      return {
        says: `the output ${unbound.output} of ${unbound.role} could be that of ${listed(unbound.candidates)}`,
        next: `take: all or take: map reads several; a narrower deployment leaves one`,
      }
    case 'expressionFailed':
      return { says: `the expression ${unbound.expression} has no answer: ${unbound.message}` }
    case 'inputUnbound':
      return { says: `it is made from the input ${unbound.input}, which has none` }
    case 'breaksSchema':
      return { says: `what ${originWords(unbound.from)} gives does not fit: ${unbound.message}` }
    default:
      return unreachable(unbound)
  }
}

/** A noun phrase: where a value came from. */
export function originWords(origin: Origin): string {
  switch (origin.kind) {
    case 'level':
      return origin.where === '' ? origin.level : `${origin.level}, ${origin.where}`
    case 'fact':
      return `fact ${origin.path.join('.')} of ${origin.node}`
    case 'output':
      return `output ${origin.output} of ${origin.nodeRole} (${origin.run === 'early' ? 'known before any run' : origin.run})`
    case 'outputs':
      return `output ${origin.output} of ${origin.known} of ${origin.members} ${origin.deployment}/*/${origin.role}`
    case 'expression':
      return `expression ${origin.expression}`
    case 'none':
      return 'nothing, which is allowed here'
    default:
      return unreachable(origin)
  }
}

/** The transport's own message comes first; where it has no advice, the kind of fault has some. */
export function faultWords(fault: NodeFault): Words {
  const next = fault.advice ?? FAULT_ADVICE[fault.code]
  return { says: fault.message, ...(next === undefined ? {} : { next }) }
}

/** The same of a node that is held to be not alive, with whether anybody waits for it. */
export function lostWords(fault: NodeFault): Words {
  const words = faultWords(fault)
  return fault.passing ? { ...words, says: `${words.says}; it is looked at once more in a moment` } : words
}

/** What a run did is in its log; what the world did to it has advice of its own. */
function mendWords(run: string, fault: NodeFault | undefined): string {
  const advice = fault && faultWords(fault).next
  return advice === undefined ? `read anneal logs ${run}, mend the cause` : advice.replace(/\.$/, '')
}

/** Faults of a file carry their own lines and columns; this is the sentence above them. */
export function refusalWords(refusal: Refusal): Words {
  return { says: refusal.message.replace(/\.$/, ''), ...nextOf({ next: afterRefusal(refusal) }) }
}

function afterRefusal(refusal: Refusal): string | undefined {
  switch (refusal.code) {
    case 'timelineMoved':
      return 'look at what moved, then propose it anew (anneal propose or rollback): that is made on top of it'
    case 'unknownNodeRole':
      return meant(refusal.nearest) ?? 'anneal status --all lists the node-roles'
    case 'unknownNode':
      return meant(refusal.nearest) ?? 'anneal nodes lists them'
    case 'unknownInput':
      return meant(refusal.nearest)
    case 'unknownTarget':
      return meant(refusal.nearest) ?? 'anneal status --all and anneal nodes list what there is'
    case 'ambiguousTarget':
      return `say ${listed(refusal.candidates, ' or ')}`
    case 'unknownValue':
      return meant(refusal.nearest) ?? 'anneal why NODE/ROLE shows the values of a node-role'
    case 'invalidControl':
      return 'use the version of Anneal that works on the site'
    case 'notHeld':
      return 'anneal status shows what is held'
    case 'unknownRun':
      return 'anneal runs lists the latest'
    case 'unknownCycle':
      return 'anneal cycles lists those that are kept'
    case 'unknownEvent':
      return 'name an earlier one, or a time: anneal status --at 10m'
    case 'unknownRevision':
      return 'anneal timeline lists the revisions'
    case 'notInFlight':
      return undefined
    case 'invalidSite':
      return 'mend what is marked; anneal validate checks without a change'
    case 'waitsForItself':
      return 'give one of these outputs a value (early output), or read it with wait: known'
    case 'conflict':
      return refusal.nodeRoles.length === 0 ? undefined : `look at ${listed(refusal.nodeRoles)}`
    case 'nothingToApprove':
      return 'anneal status shows what waits and for what'
    case 'busy':
      return 'anneal watch follows it, anneal stop ends it; status, why, logs, hold and cancel work meanwhile'
    case 'damagedJournal':
      return 'bring .anneal/ back from a backup, or move it away and anneal up anew'
    case 'newerJournal':
      return 'use the version of Anneal that wrote it, or a newer one'
    case 'journalFault':
      return 'see to the disk under .anneal/ (space, rights), then run it again'
    case 'keyMissing':
    case 'keyUnusable':
    case 'keyWrong':
      return refusal.next
    case 'noNodes':
      return 'anneal nodes lists them'
    case 'nothingUnderWay':
      return 'anneal status shows how it stands'
    case 'nothingThere':
      return 'anneal up makes a start'
    case 'fourEyes':
      if (refusal.nobody)
        return 'propose it in your own name (anneal propose), and ask somebody else to commit it'
      return refusal.revision === undefined
        ? 'ask somebody else to do it'
        : `ask somebody else to look at it (anneal show ${refusal.revision}) and commit it (anneal commit ${refusal.revision})`
    case 'damagedExport':
      return 'export it anew where the journal is: anneal journal export, or anneal audit export'
    case 'unknownToken':
      return meant(refusal.nearest) ?? 'anneal token list shows them'
    case 'invalidToken':
    case 'invalidDatabase':
    case 'notEmpty':
      return undefined
    case 'unknownRunner':
      return meant(refusal.nearest) ?? 'anneal runners lists them'
    case 'invalidRunner':
      return undefined
    case 'leaseOver':
    case 'outOfOrder':
      return 'a runner comes back by itself: what it held is taken up anew'
    case 'otherProtocol':
      return 'bring the older of the two to a release next to the other one'
    case 'unauthenticated':
      return 'sign in, or send a token that is valid (anneal token create)'
    case 'notAllowed':
      return 'ask somebody who may, or an admin for a wider grant'
    case 'crossSite':
      return 'use the page of the server itself'
    case 'replayed':
      return 'sign a message of its own, with an id of its own'
    case 'tooMany':
      return 'wait a little, and ask less often'
    case 'invalidRequest':
      return listed(refusal.places.flatMap(({ nearest }) => meant(nearest) ?? [])) || undefined
    case 'unknownPath':
      return meant(refusal.nearest) ?? '/openapi.json lists what there is'
    case 'wrongMethod':
      return `use ${listed(refusal.allowed, ' or ')}`
    case 'wrongContentType':
      return `send content-type: ${listed(refusal.expected, ' or ')}`
    case 'tooLarge':
      return `send at most ${refusal.mostBytes} bytes`
    case 'tookTooLong':
      return 'ask for less, or again later'
    case 'movedOn':
      return 'read it again, and decide anew'
    case 'mustMatch':
      return 'send the ETag of what was looked at as If-Match'
    case 'keyReused':
      return 'use another Idempotency-Key for another request'
    case 'askedBefore':
      return refusal.isDone
        ? 'take it for done; what it told is not told again'
        : 'look whether it was done, and ask under another Idempotency-Key if it was not'
    case 'notServing':
      return 'ask again in a moment'
    case 'internal':
      return 'this is a mistake of Anneal: please report it with the log of the server'
    case 'draining':
      return 'ask again when the server is back'
    case 'notServed':
      return 'hold what is not to start (anneal hold), or end the server (anneal stop) and do it without'
    case 'notAsConfirmed':
      return 'look again and decide anew'
    case 'noServer':
      return 'look whether anneal serve runs and is reached at this address; without a server, work in its site'
    case 'cannotListen':
      return 'give it another address: anneal serve --listen 127.0.0.1:PORT'
    default:
      return unreachable(refusal)
  }
}

const GERUND: Record<RunAction, string> = { apply: 'applying', check: 'checking', remove: 'removing' }

const FAULT_ADVICE: Record<NodeFaultCode, string | undefined> = {
  unreachable: 'check that it is up, and its ssh entry in anneal.yaml; try ssh by hand',
  hostKeyUnknown: 'connect once by ssh and compare the fingerprint, or set known_hosts for it',
  hostKeyChanged: 'find out why; when the machine was rebuilt, take its old key out of known_hosts',
  accessDenied: 'check the user and the key for it; try ssh by hand',
  noSudo: 'let its user run sudo without a password, or set become: false where root is not needed',
  noShell: 'its user needs a POSIX shell to log in to',
  connectionLost: undefined,
  runnerLost: 'look at its machine: journalctl -u anneal-runner; anneal runners shows how it stands',
  notHandedOut: 'anneal runners shows how they stand; only a server hands out to them: anneal serve',
  deadline: 'raise deadline: in the role if it may take so long',
  cancelled: undefined,
  diskFull: 'make room on the machine',
  secretUnresolved: 'see that it can be had where Anneal runs',
  garbled: 'look whether its login files print text for shells that are not interactive',
  internal: 'this is a mistake of Anneal: please report it with the log of the run',
}

function meant(nearest: string | undefined): string | undefined {
  return nearest === undefined ? undefined : `did you mean ${nearest}?`
}
