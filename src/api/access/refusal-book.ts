// The refusal book: refusals for the trail, equal ones of a minute counted and not repeated, and never more than so many.
import type { AuditNote } from '../../model/audit.ts'

export interface RefusalBook {
  take(note: AuditNote): void
  /** What was counted and is not written yet. */
  close(): Promise<void>
}

interface BookParts {
  clock: { now(): number; wakeAt(at: number, wake: () => void): () => void }
  /** Never rejects. */
  write: (note: AuditNote) => Promise<void>
}

const WINDOW_MS = 60_000
/** Unlike ones of a window that are written one by one; who makes up more has them counted together. */
const UNLIKE_MOST = 100

export function refusalBook({ clock, write }: BookParts): RefusalBook {
  const counted = new Map<string, { note: AuditNote; times: number; since: number }>()
  let endWindow: (() => void) | undefined
  return { take, close }

  function take(note: AuditNote): void {
    const now = clock.now()
    endWindow ??= clock.wakeAt(now + WINDOW_MS, () => void writeCounted())
    const whole = JSON.stringify([note.what, note.by, note.address, note.outcome])
    const key = counted.has(whole) || counted.size < UNLIKE_MOST ? whole : OTHERS
    const known = counted.get(key)
    if (known) {
      if (known.times++ === 0) known.since = now
      return
    }
    const isFirst = key === whole
    counted.set(key, { note: isFirst ? note : MANY, times: isFirst ? 0 : 1, since: now })
    if (isFirst) void write(note)
  }

  async function writeCounted(): Promise<void> {
    endWindow?.()
    endWindow = undefined
    const window = [...counted.values()].filter(({ times }) => times > 0)
    counted.clear()
    for (const { note, times, since } of window) await write({ ...note, times, since })
  }

  function close(): Promise<void> {
    return writeCounted()
  }
}

const OTHERS = 'others'
const MANY: AuditNote = { what: 'many unlike requests', address: 'many', outcome: 'refused' }
