// The queue of the queue engine: where it is, and what is said of each job.
import { PgBoss } from 'pg-boss'

export const QUEUE = 'runs'

/** What a runner says of a run that went well. */
export const OUTCOME = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }

/** Without the watching and timetables that jobs such as these do not need. */
export function queueAt(address: string): PgBoss {
  const boss = new PgBoss({ connectionString: address, supervise: false, schedule: false, max: 2 })
  boss.on('error', (error) => {
    throw error
  })
  return boss
}
