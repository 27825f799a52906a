// Words for cycles: what began one, and what it came to; the same at every door.
import { unreachable } from '../base/assert.ts'
import type { CycleCause, CycleResult } from './cycle.ts'
import { scopeName } from './scope.ts'

/** Completes "it began with ...". */
export function cycleCauseWords(cause: CycleCause): string {
  switch (cause.kind) {
    case 'commit':
      return `commit of revision ${cause.revision} by ${cause.by}`
    case 'asked':
      return `${cause.by} asked for ${cause.nodeRole}${because(cause.why)}`
    case 'rinse':
      return `${cause.by} rinsed ${cause.first}${cause.others > 0 ? ` and ${cause.others} more` : ''}${because(cause.why)}`
    case 'released':
      return `${cause.by} released ${scopeName(cause.scope)}${because(cause.why)}`
    case 'approved':
      return `${cause.by} approved ${cause.group}${because(cause.why)}`
    case 'availability':
      return `${cause.by} made ${cause.node} ${cause.available ? 'available' : 'unavailable'}${because(cause.why)}`
    case 'forgotten':
      return `${cause.by} let ${cause.node} go`
    case 'facts':
      return `facts of ${cause.node} changed`
    case 'nodeReturned':
      return `${cause.node} answered again`
    case 'nodeLost':
      return `${cause.node} was lost`
    case 'session':
      return `${cause.by} went on with what was left`
    case 'time':
      return 'something was due'
    default:
      return unreachable(cause)
  }
}

export const CYCLE_RESULT_WORDS: Record<CycleResult, string> = {
  ready: 'ready',
  problems: 'problems',
  waits: 'waits for a word',
  stopped: 'stopped',
}

function because(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`
}
