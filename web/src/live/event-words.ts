// Events as one line each, for lists of what happened.
import { cycleCauseWords, CYCLE_RESULT_WORDS } from '../../../src/model/cycle-words.ts'
import type { Event } from '../../../src/model/event.ts'
import { because, listed } from '../../../src/model/phrases.ts'
import { scopeName } from '../../../src/model/scope.ts'

export function eventWords(event: Event): string {
  switch (event.kind) {
    case 'sessionStarted':
      return `${event.by} began a session`
    case 'revisionProposed':
      return `${event.author} proposed revision ${event.revision}${because(event.message)}`
    case 'revisionCommitted':
      return `${event.author} committed revision ${event.revision}${because(event.message)}`
    case 'revisionDiscarded':
      return `${event.author} discarded revision ${event.revision}`
    case 'nodeReached':
      return `${event.node} answers`
    case 'nodeLost':
      return `${event.node} does not answer: ${event.fault.message}`
    case 'nodeForgotten':
      return `${event.by} let ${event.node} go`
    case 'availabilityChanged':
      return `${event.by} made ${event.node} ${event.available ? 'available' : 'unavailable'}${because(event.why)}`
    case 'rinseAsked':
      return `${event.by} asked for ${event.rinse} of ${listed(event.nodeRoles)}${because(event.why)}`
    case 'rinseCancelled':
      return `${event.by} cancelled ${event.rinse}${because(event.why)}`
    case 'rerunAsked':
      return `${event.by} asked for ${event.nodeRole}${because(event.why)}`
    case 'held':
      return `${event.by} held ${scopeName(event.scope)}${because(event.why)}`
    case 'released':
      return `${event.by} released ${scopeName(event.scope)}${because(event.why)}`
    case 'onlyChosen':
      return `${event.by} chose ${listed(event.only.map(scopeName))} alone`
    case 'runCancelAsked':
      return `${event.by} asked to cancel ${event.run} of ${event.nodeRole}${because(event.why)}`
    case 'claimingStopped':
      return `${event.by} stopped it: nothing new starts`
    case 'cycleBegan':
      return `cycle ${event.cycle} began: ${cycleCauseWords(event.cause)}`
    case 'cycleEnded':
      return `cycle ${event.cycle} ended: ${CYCLE_RESULT_WORDS[event.result]}`
    case 'rolloutPlanned':
      return `${event.rollout} of ${event.group} was planned`
    case 'stepOpened':
      return `a step of ${event.rollout} of ${event.group} opened for ${listed(event.nodes)}`
    case 'stepApproved':
      return `${event.by} approved a step of ${event.rollout} of ${event.group}${because(event.why)}`
    case 'failuresAllowed':
      return `${event.by} let ${event.group} go on in spite of failures${because(event.why)}`
    case 'rolloutEnded':
      return `${event.rollout} of ${event.group} is over`
    default:
      return event.kind
  }
}
