// A moment of the past as people write it: a time as the timeline shows it, a span ago, or the number of an event.
import { parseDuration } from '../base/duration.ts'
import type { Moment } from '../model/moment.ts'

/** What it means is known once it is known when it is read. */
export type MomentGiven = (now: number) => Moment

const TIME = /^(?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d\d):(\d\d)(?::(\d\d))?$/
const WITH_ZONE = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)$/

export function parseMoment(text: string): MomentGiven {
  if (/^\d{1,15}$/.test(text)) return () => ({ event: Number(text) })
  const ago = parseDuration(text)
  if (ago !== undefined) return (now) => ({ time: Math.max(0, Math.floor(now - ago)) })
  const meant = WITH_ZONE.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(meant) && meant >= 0) return () => ({ time: meant })
  const found = TIME.exec(text)
  const local = found && timeIn(found.slice(1))
  if (local) return (now) => ({ time: local(now) })
  throw new SyntaxError(
    "expected a time ('2026-11-23 10:00' or 10:00), a span ago (10m, 2h), or the number of an event",
  )
}

/** Where the reader is. Without a day it is the last time that the clock showed it. Whole seconds hold all that happened in them. */
function timeIn(parts: readonly (string | undefined)[]): ((now: number) => number) | undefined {
  const [year, month, day, hour = 0, minute = 0, second] = parts.map((part) =>
    part === undefined ? undefined : Number(part),
  )
  const rest = [hour, minute, second ?? 0, second === undefined ? 0 : 999] as const
  if (hour > 23 || minute > 59 || (second ?? 0) > 59) return undefined
  if (year === undefined || month === undefined || day === undefined) {
    return (now) => {
      const at = new Date(now)
      at.setHours(...rest)
      if (at.getTime() > now + 999) at.setDate(at.getDate() - 1)
      return at.getTime()
    }
  }
  const at = new Date(year, month - 1, day, ...rest)
  // The calendar has no 31st of November.
  if (at.getMonth() !== month - 1 || at.getTime() < 0) return undefined
  return () => at.getTime()
}
