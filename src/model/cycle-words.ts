// Words for cycles: what began one, what it came to, and what a step of its critical path waited for; the same at every door.
import { unreachable } from '../base/assert.ts'
import { formatDuration } from '../base/duration.ts'
import type { CycleCause, CycleResult, PathPart, PathWait } from './cycle.ts'
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
    case 'rinseCancelled':
      return `${cause.by} cancelled ${cause.rinse}${because(cause.why)}`
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
    case 'drift':
      return `${cause.nodeRole}${cause.others > 0 ? ` and ${cause.others} more` : ''} drifted`
    case 'session':
      return `${cause.by} went on with what was left`
    case 'time':
      return 'something was due'
    case 'elsewhere':
      return 'something elsewhere in the site'
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

/** Completes "it could start after ...". */
export function pathWaitWords(wait: PathWait): string {
  switch (wait.kind) {
    case 'begin':
      return 'the beginning'
    case 'requirement':
      return `${wait.nodeRole}, which it requires`
    case 'input':
      return `${wait.nodeRole}, for its input ${wait.input}`
    case 'order':
      return `${wait.nodeRole}, which goes first`
    case 'removal':
      return `the removal of ${wait.nodeRole}, which rested on it`
    case 'lock':
      return `the lock ${wait.lock}, which ${wait.nodeRole} held`
    case 'earlier':
      return `${wait.run}, its own run before`
    case 'backoff':
      return `the pause after ${wait.run}, which failed`
    case 'contact':
      return `contact with ${wait.node}`
    case 'outside':
      return 'a person, a node or time'
    default:
      return unreachable(wait)
  }
}

/** A sentence: what would make the cycle shorter. */
export function speedUpWords(part: PathPart, wallMs: number): string {
  const share = `${Math.round((100 * part.ms) / Math.max(1, wallMs))}% of its time (${formatDuration(part.ms)})`
  if (part.kind === 'role') {
    const { deployment, role, runs } = part
    const times = runs === 1 ? '' : `, ${runs} times one after the other`
    return `To make such a cycle shorter, make ${deployment}/${role} quicker: it takes ${share}${times}.`
  }
  return `To make such a cycle shorter, look at what no run does: ${share} is ${GAP_WORDS[part.wait]}.`
}

const GAP_WORDS: Record<Extract<PathPart, { kind: 'wait' }>['wait'], string> = {
  begin: 'before the first run',
  requirement: 'between what is required and what requires it',
  input: 'between what says a value and what reads it',
  order: 'between what goes first and what goes after',
  removal: 'between removals',
  earlier: 'between runs of the same',
  lock: 'waiting for locks',
  backoff: 'pauses before another attempt',
  contact: 'reaching machines for the first time',
  outside: 'waiting for a person, a machine or a moment',
  end: 'looking once more at what does not answer, after the last run',
}

function because(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`
}
