// Who has the lock of a PostgreSQL journal, since when, and whether it gives signs of life; and how its session is ended.
import type { Client } from 'pg'
import { isObject } from '../base/json.ts'
import type { Holder, Holding } from './journal.ts'
import { sqlState, textOf } from './postgres-errors.ts'
import { SILENT_MS } from './postgres-life.ts'
import { layoutAt, lockOf } from './postgres-schema.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const MAY_NOT = '42501'

const LOCK = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32) | objid::bigint = $1`

/**
 * The session that has the lock, where it is the one that promised signs of life: since when it was idle. While the database works
 * for it, it is not silent, and while it is sent an answer that nobody takes, it is.
 */
const SILENT = (schema: string): string => `SELECT pid, CASE
    WHEN state = 'active' AND wait_event_type IS DISTINCT FROM 'Client' THEN 0
    ELSE extract(epoch FROM clock_timestamp() - state_change)::float8 * 1000 END AS silent_ms
  FROM pg_stat_activity
  WHERE pid IN (${LOCK}) AND pid = (SELECT (holder->>'backend')::int FROM "${schema}".head)`

/** Undefined where nobody has it. */
export async function holdingOf(client: Client, schema: string): Promise<Holding | undefined> {
  const held = await client.query(LOCK, [lockOf(schema)])
  return held.rows.length === 0 ? undefined : toldOf(client, schema)
}

/** What was said by who took it last, whether they have it still or not. */
export async function toldOf(client: Client, schema: string): Promise<Holding> {
  if ((await layoutAt(client, schema)) === 0) return {}
  const { rows } = await client.query(
    `SELECT h.holder, h.since, d.url, d.key, s.silent_ms FROM "${schema}".head h
       LEFT JOIN "${schema}".doors d ON d.epoch = h.epoch LEFT JOIN (${SILENT(schema)}) s ON true`,
    [lockOf(schema)],
  )
  const { holder: named, since, url, key, silent_ms: silentMs } = rows[0] ?? {}
  const holder = holderOf(named)
  return {
    ...(holder ? { holder, heldMs: Date.now() - Number(since) } : {}),
    ...(typeof url === 'string' ? { door: { url, key: String(key) } } : {}),
    ...(typeof silentMs === 'number' && silentMs > SILENT_MS ? { silentMs } : {}),
  }
}

/** Of who gave no sign of life for so long. What the database says where that may not be. */
export async function endSilent(client: Client, schema: string, ms: number): Promise<string | undefined> {
  try {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM (${SILENT(schema)}) silent WHERE silent_ms > $2`,
      [lockOf(schema), ms],
    )
    return undefined
  } catch (error) {
    if (sqlState(error) === MAY_NOT) return textOf(error)
    throw error
  }
}

function holderOf(told: unknown): Holder | undefined {
  if (!isObject(told)) return undefined
  const { pid, host, what } = told
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof what !== 'string') return undefined
  return { pid, host, what }
}
