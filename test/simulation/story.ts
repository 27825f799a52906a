// A story: a seed and the steps that disturb it. Made from the seed alone, told in lines, shrunk when it ends badly.
import type { Event } from '../../src/model/event.ts'
import { scopeName } from '../../src/model/scope.ts'
import type { Step } from './faults.ts'

export interface Story {
  seed: number
  /** Who runs the site: a server when nothing is said. */
  by?: 'server' | 'commands'
  /** One of the wild sites, where not everything can become active. */
  wild?: boolean
  /** Its placements are also those that wait for windows and for people's words, or choose nodes by number. */
  demanding?: boolean
  steps: Step[]
}

export interface Told {
  lines: string[]
  /** The first thing that must never happen. */
  broken: Error | undefined
}

/** One line for an event: names and words, never values. */
export function eventLine(event: Event): string {
  switch (event.kind) {
    case 'sessionStarted':
      return `session ${event.session}`
    case 'revisionProposed':
      return `revision ${event.revision} proposed onto ${event.onto}`
    case 'revisionCommitted':
      return `revision ${event.revision} committed`
    case 'runStarted':
      return `${event.run} ${event.action} ${event.nodeRole}: ${event.cause.kind}, attempt ${event.attempt}`
    case 'runFinished': {
      const { outcome } = event
      const more = outcome.result === 'fault' ? ` ${outcome.fault.code}` : ''
      return `${event.run} ${outcome.result}${more} after ${outcome.durationMs} ms`
    }
    case 'runLost':
      return `${event.run} lost: ${event.why}`
    case 'nodeLost':
      return `${event.node} lost: ${event.fault.code}, try ${event.tries}`
    case 'held':
    case 'released':
      return `${scopeName(event.scope)} ${event.kind}`
    case 'onlyChosen':
      return `only ${event.only.map(scopeName).join(', ')}`
    case 'rolloutPlanned':
      return `${event.rollout} of ${event.group}: ${event.variants.map(({ nodes }) => nodes.join(' ')).join(' | ')}`
    case 'stepOpened':
      return `${event.rollout} lets through ${event.nodes.join(' ')}`
    case 'checkStarted':
      return `${event.check} on ${event.node}`
    case 'checkFinished':
      return `${event.check} found ${event.findings.map(({ found }) => found).join(' ')}`
    default:
      return Object.values(event)
        .filter((word) => typeof word !== 'object')
        .join(' ')
  }
}

export function storyText(story: Story): string {
  return [
    `seed ${story.seed}, by ${story.by ?? 'server'}${story.wild ? ', wild' : ''}${story.demanding ? ', demanding' : ''}`,
    ...story.steps.map((step) => `  ${JSON.stringify(step)}`),
  ].join('\n')
}
