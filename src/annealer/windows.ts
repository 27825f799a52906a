// Windows: work that changes something starts in the maintenance windows of its placement, or on a person's word for just this.
import { type CalendarWindow, nextClosing, nextOpening } from '../base/calendar.ts'
import type { Wait } from '../model/reason.ts'
import type { RunAction } from '../model/run.ts'
import type { NodeRole, World } from './world.ts'

export function windowWait(world: World, { group, asked }: NodeRole, action: RunAction): Wait | undefined {
  if (group.windows.length === 0 || asked?.approved || action === 'check') return undefined
  const until = openingAt(group.windows, world.now)
  return until > world.now ? { kind: 'window', until } : undefined
}

/** Until it comes, the next opening stays the next one: thousands that wait for it ask the calendar once. */
const remembered = new WeakMap<readonly CalendarWindow[], { from: number; until: number }>()

function openingAt(windows: readonly CalendarWindow[], now: number): number {
  const known = remembered.get(windows)
  if (known && known.from <= now && now < known.until) return known.until
  const until = nextOpening(windows, now)
  remembered.set(windows, { from: now, until })
  return until
}

/** When what waits now for something else would have to wait for its window again. */
export function closingFor(world: World, { group, asked }: NodeRole): number | undefined {
  if (group.windows.length === 0 || asked?.approved) return undefined
  const known = closings.get(group.windows)
  if (known && known.from <= world.now && world.now < known.until) return known.until
  const until = nextClosing(group.windows, world.now)
  if (until !== undefined) closings.set(group.windows, { from: world.now, until })
  return until
}

const closings = new WeakMap<readonly CalendarWindow[], { from: number; until: number }>()
