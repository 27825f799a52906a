// Messages: what the journal tells an operator, the same from every implementation.
import { formatDuration } from '../base/duration.ts'
import type { Holder } from './journal.ts'

export function busyMessage(holder: Holder, heldMs: number): string {
  const who = `${holder.what} (pid ${holder.pid} on host ${holder.host})`
  return `busy: ${who} has been working here for ${formatDuration(Math.max(0, heldMs))}`
}

export function nothingThereMessage(where: string): string {
  return `There is no journal in ${where}: nothing was ever committed here.`
}
