// The lock that elects who writes a PostgreSQL journal: an advisory lock of one session, gone when the session is.
import type { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Refusal } from '../model/refusal.ts'
import { busyMessage, busyUnknownMessage, silentMessage } from './messages.ts'
import { toldOf } from './postgres-holding.ts'
import type { PostgresPlace } from './postgres-place.ts'
import { lockOf } from './postgres-schema.ts'

/** A server that has just been told of the end of a session may hold its locks for a moment. */
const TRIES = 8
const PAUSE_MS = 25

/** How long the database waits for a silent machine before it lets its session go: about 11 seconds. */
const SESSION = [
  'SET tcp_keepalives_idle = 5',
  'SET tcp_keepalives_interval = 2',
  'SET tcp_keepalives_count = 3',
  "SET idle_in_transaction_session_timeout = '30s'",
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
]

/** Whether `client` has it now; held until the session ends. */
export async function takeLock(client: Client, { schema }: PostgresPlace): Promise<boolean> {
  for (const setting of SESSION) await client.query(setting)
  for (let tries = 1; ; tries++) {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS taken', [lockOf(schema)])
    if (rows[0].taken === true) return true
    if (tries === TRIES) return false
    await sleep(PAUSE_MS)
  }
}

/** So that whoever comes next need not wait until the server has noticed the end of the session. */
export async function releaseLock(client: Client, { schema }: PostgresPlace): Promise<void> {
  await client.query('SELECT pg_advisory_unlock($1)', [lockOf(schema)]).catch(() => {})
}

/** Who has it, as far as it was said. */
export async function busyRefusal(client: Client, { schema, shown }: PostgresPlace): Promise<Refusal> {
  const { holder, heldMs, silentMs } = await toldOf(client, schema)
  if (holder === undefined || heldMs === undefined)
    return { code: 'busy', message: busyUnknownMessage(shown), holder: 'another process' }
  const silence = silentMs === undefined ? '' : silentMessage(silentMs)
  return { code: 'busy', message: `${busyMessage(holder, heldMs)}${silence}`, holder: holder.what }
}
