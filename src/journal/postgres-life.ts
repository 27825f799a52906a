// Signs of life of who has a PostgreSQL journal: for those who wait for it, and for itself after it was asleep.
import type { Client } from 'pg'

/** A process that has the lock says so often that it lives: its session stays while the process is stopped. */
const SIGN_MS = 2_000
/** Said of who has it: more than two signs of life did not come. */
export const SILENT_MS = 5_000
/** An answer of the database counts for so long, from when it was asked for. Less than the least that a standby waits. */
const COUNTS_MS = 4_000

export interface Life {
  /** False once the session is over; asks the database where its last answer is too old, and waits for what it says. */
  holds: () => Promise<boolean>
  end: () => void
}

/** For as long as the session of `client` lives, which has the lock, in that epoch of the journal. */
export function showLife(client: Client, schema: string, epoch: string): Life {
  let askedAt = clocks()
  let isOver = false
  const over = new Promise<false>((resolve) => {
    const end = (): void => {
      isOver = true
      clearInterval(timer)
      resolve(false)
    }
    client.on('error', end)
    client.on('end', end)
  })
  // Whoever has it finds out by itself when the session is gone.
  const timer = setInterval(() => void sign().catch(() => {}), SIGN_MS)
  timer.unref()
  return {
    holds: async () => {
      // Counted from the question: an answer may have lain there while this process was stopped.
      while (!isOver && !counts(askedAt)) {
        if (!(await Promise.race([sign().catch(() => false), over]))) return false
      }
      return !isOver
    },
    end: () => clearInterval(timer),
  }

  async function sign(): Promise<boolean> {
    const now = clocks()
    const { rows } = await client.query(`SELECT epoch FROM "${schema}".head`)
    const isOurs = String(rows[0]?.epoch) === epoch
    if (isOurs) askedAt = now
    return isOurs
  }
}

/** Two: one that nobody sets, and one that may have gone on where a whole machine was asleep. */
function clocks(): readonly [number, number] {
  return [performance.now(), Date.now()]
}

function counts([steady, wall]: readonly [number, number]): boolean {
  const now = clocks()
  return now[0] - steady < COUNTS_MS && Math.abs(now[1] - wall) < COUNTS_MS
}
