// Phrases: the small parts that sentences for people are put together from.
import { formatDuration } from '../base/duration.ts'
import type { State } from './reason.ts'

/** `says` is a sentence without its full stop; `next` is what the reader can do, where there is something. */
export interface Words {
  says: string
  next?: string
}

/** Completes "X, which ..." and "X ...". */
export const IS_IN: Record<State, string> = {
  proposed: 'is only proposed',
  transition: 'is running',
  blocked: 'is blocked',
  error: 'is in error',
  active: 'is active',
  todo: 'is yet to run',
}

export function nextOf(words: { next?: string | undefined }): { next?: string } {
  return words.next === undefined ? {} : { next: words.next }
}

export function because(why: string | undefined): string {
  return why === undefined || why === '' ? '' : `: ${why}`
}

export function andOthers(others: number, which = ''): string {
  return others > 0 ? `, and ${others} more${which}` : ''
}

export function span(since: number, now: number): string {
  return formatDuration(Math.max(0, now - since))
}

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many
}

/** At most five by name: a sentence is for reading. */
export function listed(names: readonly string[], between = ', '): string {
  const shown = names.slice(0, 5).join(between)
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
