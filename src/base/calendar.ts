// Windows of a calendar as people write them (`Sat 22:00-04:00 Europe/Berlin`): whether one is open, and when the next opens.

export interface CalendarWindow {
  /** 0 is Sunday; on which the window opens. */
  days: number[]
  /** Minutes after midnight. Up to `from` or earlier: of the next day. */
  from: number
  to: number
  /** An IANA name. */
  zone: string
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const TEXT = /^(?:([A-Za-z,-]+) +)?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?: +(\S+))?$/

/** Undefined when the text is no window; days may be left out (every day), and the zone (UTC). */
export function parseWindow(text: string): CalendarWindow | undefined {
  const parts = TEXT.exec(text.trim())
  if (!parts) return undefined
  const [, days, fromHour, fromMinute, toHour, toMinute, zone = 'UTC'] = parts
  const parsed = days === undefined ? DAYS.map((_, day) => day) : daysFrom(days)
  const from = minutes(fromHour, fromMinute)
  const to = minutes(toHour, toMinute)
  if (!parsed || from === undefined || to === undefined || !isZone(zone)) return undefined
  return { days: parsed, from, to: to % DAY, zone }
}

export function isOpen(window: CalendarWindow, at: number): boolean {
  const { day, minute } = localTime(window.zone, at)
  const { days, from, to } = window
  if (from < to) return days.includes(day) && minute >= from && minute < to
  return (days.includes(day) && minute >= from) || (days.includes((day + 6) % 7) && minute < to)
}

/** The first minute at or after `at` in which one of them is open; there is one within eight days. */
export function nextOpening(windows: readonly CalendarWindow[], at: number): number {
  if (windows.some((window) => isOpen(window, at))) return at
  const candidates = windows.flatMap((window) => openings(window, at)).filter((moment) => moment > at)
  return Math.min(...candidates)
}

/** When the last of those that are open at `at`, or follow it without a gap, closes; undefined when none is open, or for ever. */
export function nextClosing(windows: readonly CalendarWindow[], at: number): number | undefined {
  let moment = at
  for (let step = 0; step <= 2 * 7 * windows.length; step++) {
    const open = windows.find((window) => isOpen(window, moment))
    if (!open) return moment > at ? moment : undefined
    const { minute } = localTime(open.zone, moment)
    const left = minute < open.to ? open.to - minute : DAY - minute + open.to
    moment = (Math.floor(moment / MINUTE_MS) + left) * MINUTE_MS
  }
  return undefined
}

const DAY = 24 * 60
const MINUTE_MS = 60_000
const DAY_MS = DAY * MINUTE_MS

/** Of a week and a day; where clocks are put forward over an opening, the minute after the gap. */
function openings(window: CalendarWindow, at: number): number[] {
  const found: number[] = []
  for (let ahead = 0; ahead <= 8; ahead++) {
    const near = at + ahead * DAY_MS
    const { day, minute } = localTime(window.zone, near)
    if (!window.days.includes(day)) continue
    const guess = Math.floor(near / MINUTE_MS) * MINUTE_MS + (window.from - minute) * MINUTE_MS
    // The day may have an hour more or less than others.
    const there = localTime(window.zone, guess)
    const off = window.from - there.minute
    found.push(guess + (Math.abs(off) <= 120 ? off * MINUTE_MS : 0))
  }
  return found
}

function daysFrom(text: string): number[] | undefined {
  const found = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first] = part.split('-')
    const from = DAYS.indexOf(first)
    const to = DAYS.indexOf(last)
    if (from < 0 || to < 0 || part.split('-').length > 2) return undefined
    for (let day = from; ; day = (day + 1) % 7) {
      found.add(day)
      if (day === to) break
    }
  }
  return [...found].sort((a, b) => a - b)
}

function minutes(hour: string | undefined, minute: string | undefined): number | undefined {
  const total = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && total <= DAY ? total : undefined
}

function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

function localTime(zone: string, at: number): { day: number; minute: number } {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const day = DAYS.indexOf((parts['weekday'] ?? '').toLowerCase())
  return { day, minute: Number(parts['hour']) * 60 + Number(parts['minute']) }
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one costs a hundred times more than using it. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(zone, made)
  return made
}
