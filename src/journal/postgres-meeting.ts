// Where servers that share a PostgreSQL journal find each other: who has the lock, how it is reached, what was appended.
import type { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Meeting } from './journal.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { endSilent, holdingOf } from './postgres-holding.ts'
import { connectTo, type PostgresPlace } from './postgres-place.ts'
import { channelOf } from './postgres-writing-end.ts'

/** After a listening connection broke; whoever listens looks by itself meanwhile. */
const AGAIN_MS = 1_000

/** Its questions reject with what PostgreSQL says where it does not answer. */
export function postgresMeeting(place: PostgresPlace): Meeting {
  const { schema } = place
  const asking = new PostgresConnection(place, 'standby')
  return {
    holder: () => asking.use((client) => holdingOf(client, schema)),
    endSilent: (ms) => asking.use((client) => endSilent(client, schema, ms)),
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
