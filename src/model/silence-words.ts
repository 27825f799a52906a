// Words about a process that has the journal and gives no sign of life: which, since when, and what becomes of it.
import { formatDuration } from '../base/duration.ts'
import type { Silence } from './server-place.ts'

export function silenceWords({ holder, heldMs, forMs, patienceMs, refused }: Silence): string {
  const who = holder
    ? `${holder.what} (pid ${holder.pid} on host ${holder.host})`
    : 'a process without a name'
  const has = `${who} has had the journal for ${formatDuration(inSeconds(heldMs))}`
  const is = `and gave no sign of life for ${formatDuration(inSeconds(forMs))}`
  return `${has} ${is}: ${whatThen(patienceMs, refused)}`
}

function whatThen(patienceMs: number, refused: string | undefined): string {
  if (refused === undefined) return `after ${formatDuration(patienceMs)} this server takes over`
  return `this server may not take over (${refused}): kill that process, or end its session in the database`
}

function inSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000) * 1_000)
}
