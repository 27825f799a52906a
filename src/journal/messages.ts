// Messages: what the journal tells an operator, the same from every implementation.
import { formatDuration } from '../base/duration.ts'
import type { Holder } from './journal.ts'

export function busyMessage(holder: Holder, heldMs: number): string {
  const who = `${holder.what} (pid ${holder.pid} on host ${holder.host})`
  return `busy: ${who} has been working here for ${formatDuration(Math.max(0, heldMs))}`
}

/** Behind the other one. */
export function silentMessage(forMs: number): string {
  const wayOut = 'kill it, or end its session in the database, if it does not go on'
  return `, and gave no sign of life for ${formatDuration(forMs)}: it may be stopped or hang (${wayOut})`
}

/** Likewise, of a process on this machine. */
export function stoppedMessage(pid: number): string {
  return `, and is stopped: \`kill -CONT ${pid}\` lets it go on, \`kill -KILL ${pid}\` ends it, and the next start settles what was in flight`
}

export function nothingThereMessage(where: string): string {
  return `There is no journal in ${where}: nothing was ever committed here.`
}

/** `what` is the finding, as a sentence without its full stop; `soundUpTo` the last event that can be relied on. */
export function damagedMessage(
  where: string,
  what: string,
  soundUpTo: number | undefined,
  thing: 'directory' | 'schema' = 'directory',
): string {
  const wayOut = `Restore the ${thing} from a backup; or move it away and commit anew, and the nodes are looked at afresh.`
  return `The journal ${where} is damaged: ${what}. ${sound(soundUpTo)} Nothing was changed. ${wayOut}`
}

function sound(upTo: number | undefined): string {
  if (upTo === undefined) return 'How much of it is sound cannot be told.'
  return upTo === 0 ? 'No event in it can be relied on.' : `It is sound up to event ${upTo}.`
}

export function newerMessage(
  where: string,
  found: string,
  writtenBy: string | undefined,
  tool: string,
): string {
  const writer = writtenBy === undefined ? 'a newer anneal' : `anneal ${writtenBy}`
  return `The journal ${where} was written by ${writer}: it has ${found}, which this anneal ${tool} does not know. Nothing was changed. Use ${writer} or newer here.`
}

export function faultMessage(where: string, doing: string, cause: string): string {
  return `The journal ${where} could not be ${doing}: ${cause}.`
}

export function busyUnknownMessage(where: string): string {
  return `busy: another process, which has not said its name, is working in ${where}`
}
