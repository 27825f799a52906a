// Words for rehearsals: what each takes to be so without knowing it, as a sentence; the same at every door.
import { unreachable } from '../base/assert.ts'
import { formatDuration } from '../base/duration.ts'
import { listed } from './phrases.ts'
import type { Assumption, RehearsalEnd } from './rehearsal.ts'

export const REHEARSAL_END_WORDS: Record<RehearsalEnd, string> = {
  ready: 'settles: all is active in the end',
  word: 'comes to rest and waits for a person',
  problems: 'comes to rest with problems',
  endless: 'does not come to rest',
}

export function assumptionWords(assumption: Assumption): string {
  switch (assumption.kind) {
    case 'duration':
      return `never measured, 1 s taken for each run: ${listed(assumption.roles)}`
    case 'usualDuration':
      return `never measured, taken to last as long as runs of other roles: ${listed(assumption.roles)}`
    case 'otherCause':
      return `never ran for what changes here, taken to last as long as when they did run: ${listed(assumption.roles)}`
    case 'contact':
      return `reaching a node was never measured, ${formatDuration(assumption.ms)} taken`
    case 'failures':
      return failuresWords(assumption)
    case 'dead':
      return `${percent(assumption.share)} of the nodes never answer, as asked`
    case 'saidAgain':
      return `${counted(assumption.outputs, 'output')} that past runs said ${assumption.outputs === 1 ? 'is' : 'are'} said again, whatever the inputs are by then`
    case 'madeUp':
      return `made up, as nobody has said them yet: ${listed(assumption.outputs)}`
    case 'unknown':
      return `unknown, as no value could be made up that fits: ${listed(assumption.outputs)}`
    case 'factsOf': {
      const { nodes, like, sameLabels } = assumption
      return `${counted(nodes, 'node')} never reached: taken to be like ${like}${sameLabels ? ', with the same labels' : ''}`
    }
    case 'factsMadeUp':
      return `${counted(assumption.nodes, 'node')} never reached: taken to be ordinary virtual machines with Debian 12`
    case 'undecided':
      return `what the facts of ${counted(assumption.nodes, 'node')} place there is not known yet, and not rehearsed`
    case 'multiplied':
      return `${assumption.to} nodes instead of ${assumption.from}: each further one is a copy of one that there is`
    case 'notMultiplied':
      return `on as many nodes as now: ${listed(assumption.placements)}`
    case 'sharedPast':
      return 'further nodes have the past of those that they are copies of'
    default:
      return unreachable(assumption)
  }
}

function failuresWords({ rates, asked }: Extract<Assumption, { kind: 'failures' }>): string {
  if (asked !== undefined) return `${percent(asked)} of the runs fail, as asked`
  if (rates.length === 0) return 'no run fails: none that is remembered failed and succeeded on another try'
  return `runs fail as often as before: ${listed(rates.map(({ role, share }) => `${role} ${percent(share)}`))}`
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`
}

function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one}s`
}
