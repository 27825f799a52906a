// Words of provenance: why a candidate won, since when a value is what it is, how it got where it is, and whether it ran.
import { unreachable } from '../base/assert.ts'
import type { Candidate } from './binding.ts'
import type { How, Reached, Since, Thing } from './provenance.ts'
import type { OutputView } from './view.ts'
import { unboundWords } from './words.ts'

/** Why the winner won over all others; undefined where nothing won. */
export function winnerWords(candidates: readonly Candidate[]): string | undefined {
  const winner = candidates.find(({ wins }) => wins)
  if (!winner) return undefined
  const others = candidates.filter((one) => one !== winner)
  const lacking = others.find(({ unbound }) => unbound !== undefined)
  if (lacking) {
    return winner.origin?.kind === 'none'
      ? 'nothing stands in where its source has no value, and its role allows that'
      : 'the default stands in, because its source has no value'
  }
  if (winner.origin?.kind === 'none') return 'nobody gave a value, and its role allows that'
  if (winner.origin?.kind !== 'level')
    return others.length > 0
      ? 'its source comes before the default'
      : 'a bound input comes from its source alone'
  if (others.length === 0) return 'it is the only value that was given'
  const beaten = others.map(({ origin }) => (origin?.kind === 'level' ? origin.level : '')).reverse()
  return `${winner.origin.level} beats ${listed([...new Set(beaten)])}`
}

export function sinceWords(since: Since): string {
  return since.kind === 'run'
    ? `said first by ${since.run}`
    : `since revision ${since.revision} of ${since.author}`
}

/** Where the value of an output is from, or why there is none. */
export function outputWords({ early, known, since, unbound }: OutputView): string {
  if (since) return sinceWords(since)
  if (unbound) return unboundWords(unbound).says
  if (early) return known ? 'known before any run' : 'not known yet'
  return 'no run has said it yet'
}

/** A noun phrase. */
function thingWords(thing: Thing): string {
  switch (thing.kind) {
    case 'fact':
      return `${thing.node} ${thing.path.join('.')}`
    case 'given':
      return `${thing.role} ${thing.input} (${thing.level}, ${thing.where})`
    case 'input':
      return `${thing.nodeRole} ${thing.input}`
    case 'output':
      return `${thing.nodeRole}.${thing.output}`
    case 'inputs':
      return `${thing.input} of ${thing.count} ${thing.deployment}/*/${thing.role}`
    default:
      return unreachable(thing)
  }
}

export function howWords(how: How): string {
  switch (how.kind) {
    case 'fact':
      return 'bound to the fact'
    case 'given':
      return how.wins ? 'given' : `not taken: ${how.beatenBy} beats it`
    case 'output':
      return `takes ${TAKES[how.take]}${how.select === undefined ? '' : `, of it ${how.select}`}`
    case 'expression':
      return `made by ${how.expression}`
    case 'early':
      return `early output: ${how.expression}`
    case 'run':
      return 'output of its run'
    default:
      return unreachable(how)
  }
}

const TAKES = { one: 'it', all: 'the list of all', map: 'the map of all' } as const

export function reachedWords(thing: Thing, reached: Reached): string {
  const says = thing.kind === 'output'
  switch (reached.kind) {
    case 'ran':
      return says ? `said by ${reached.run}` : `${reached.run} ran with it`
    case 'runs':
      return says ? `${reached.run} will say it` : `${reached.run} runs with it`
    case 'would':
      return says ? 'a run would say it' : 'a run would have it; none has'
    case 'never':
      return 'its role has nothing to run'
    default:
      return unreachable(reached)
  }
}

/** Node-roles that a thing belongs to, to be counted. */
function nodeRoleOf(thing: Thing): string | undefined {
  return thing.kind === 'input' || thing.kind === 'output' ? thing.nodeRole : undefined
}

/** A thing on the same node-role as the one above is told shortly. */
export function shortThingWords(thing: Thing, above: Thing | undefined): string {
  const here = nodeRoleOf(thing)
  if (here === undefined || above === undefined || nodeRoleOf(above) !== here) return thingWords(thing)
  return thing.kind === 'output'
    ? `.${thing.output}`
    : thing.kind === 'input'
      ? thing.input
      : thingWords(thing)
}

function listed(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')
}
