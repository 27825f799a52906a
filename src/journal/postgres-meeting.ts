// Where servers that share a PostgreSQL journal find each other: who has the lock, how it is reached, what was appended.
import type { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Meeting } from './journal.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { holderOf } from './postgres-lock.ts'
import { connectTo, type PostgresPlace } from './postgres-place.ts'
import { layoutAt, lockOf } from './postgres-schema.ts'
import { channelOf } from './postgres-writing-end.ts'

/** After a listening connection broke; whoever listens looks by itself meanwhile. */
const AGAIN_MS = 1_000

/** Its questions reject with what PostgreSQL says where it does not answer. */
export function postgresMeeting(place: PostgresPlace): Meeting {
  const { schema } = place
  const asking = new PostgresConnection(place, 'standby')
  return {
    holder: () => asking.use((client) => holder(client, schema)),
    tellDoor: ({ url, key }) =>
      asking.use(async (client) => {
        await client.query(
          `INSERT INTO "${schema}".doors (one, epoch, url, key) SELECT 1, epoch, $1, $2 FROM "${schema}".head
           ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, url = $1, key = $2`,
          [url, key],
        )
      }),
    listen: (heard) => listening(place, heard),
    close: () => asking.close(),
  }
}

async function holder(client: Client, schema: string): ReturnType<Meeting['holder']> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (classid::bigint << 32) | objid::bigint = $1`,
    [lockOf(schema)],
  )
  if (rows.length === 0) return undefined
  if ((await layoutAt(client, schema)) === 0) return {}
  const told = await client.query(
    `SELECT h.holder, d.url, d.key FROM "${schema}".head h LEFT JOIN "${schema}".doors d ON d.epoch = h.epoch`,
  )
  const { holder: named, url, key } = told.rows[0] ?? {}
  const known = holderOf(named)
  return {
    ...(known ? { holder: known } : {}),
    ...(typeof url === 'string' ? { door: { url, key: String(key) } } : {}),
  }
}

function listening({ schema, ...place }: PostgresPlace, heard: () => void): { close(): Promise<void> } {
  const over = new AbortController()
  let client: Client | undefined
  void keep()
  return {
    async close() {
      over.abort()
      await client?.end().catch(() => {})
    },
  }

  async function keep(): Promise<void> {
    while (!over.signal.aborted) {
      try {
        const connected = await connectTo({ schema, ...place }, 'listening')
        client = connected
        const broken = new Promise<void>((resolve) => connected.on('end', () => resolve()))
        connected.on('notification', () => heard())
        await connected.query(`LISTEN "${channelOf(schema)}"`)
        // What came while nobody listened.
        heard()
        if (over.signal.aborted) await connected.end()
        await broken
      } catch {
        // The database is away; it is tried again.
      }
      await sleep(AGAIN_MS, undefined, { signal: over.signal }).catch(() => {})
    }
  }
}
