// The place of a PostgreSQL journal as a whole: read from its first batch to its last key, made of pieces, put aside.
import type { Client } from 'pg'
import { answer, refuse } from '../model/refusal.ts'
import { chainStart, type Packing } from './chain.ts'
import { JournalFault } from './journal.ts'
import { nothingThereMessage } from './messages.ts'
import { pack, unpack } from './packing.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { busyRefusal, takeLock } from './postgres-lock.ts'
import { connectTo, type PostgresPlace } from './postgres-place.ts'
import { keysOf, type ReadFrom, readOn } from './postgres-reader.ts'
import { damagedAt, refusalOf } from './postgres-refusals.ts'
import { fillJournal, inTransaction, layoutAt } from './postgres-schema.ts'
import { verifyPostgres } from './postgres-verify.ts'
import { blobSum } from './sums.ts'
import { eventsOf, type Link } from './walk.ts'
import type { JournalPlace, Piece, WholeJournal } from './whole.ts'

export function postgresWhole(place: PostgresPlace, tool: string): JournalPlace {
  const { schema, shown } = place
  return {
    shown,
    async openWhole() {
      const connection = new PostgresConnection(place, 'whole journal')
      try {
        const sound = await connection.use((client) => verifyPostgres(client, place, tool))
        if (sound && !('code' in sound)) {
          const { identity, head } = sound
          const whole: WholeJournal = {
            shown,
            identity,
            pieces: () => pieces(connection, place, { next: 1, chain: chainStart(identity) }, head, tool),
            damaged: (what) => damagedAt(place, what),
            close: () => connection.close(),
          }
          return answer(whole)
        }
        await connection.close()
        return refuse(sound ?? { code: 'nothingThere', message: nothingThereMessage(shown) })
      } catch (error) {
        await connection.close()
        return refuse(refusalOf(error, place, tool))
      }
    },
    async make(identity, by, given) {
      let client: Client | undefined
      try {
        client = await connectTo(place, 'new journal')
        if (!(await takeLock(client, place))) return refuse(await busyRefusal(client, place))
        if ((await layoutAt(client, schema)) > 0)
          return refuse({ code: 'notEmpty', message: `there is a journal in ${shown} already` })
        const connected = client
        await inTransaction(connected, async () => {
          await fillJournal(connected, schema, identity, by)
          await fill(connected, schema, given, by)
        })
        return answer(undefined)
      } catch (error) {
        return refuse(refusalOf(error, place, tool, 'written'))
      } finally {
        await client?.end().catch(() => {})
      }
    },
    async putAside() {
      const aside = `${schema}_moved_${Date.now()}`
      const client = await connectTo(place, 'moved away')
      await client.query(`ALTER SCHEMA "${schema}" RENAME TO "${aside}"`).finally(() => void client.end())
      return `the schema ${aside}`
    },
  }
}

async function* pieces(
  connection: PostgresConnection,
  place: PostgresPlace,
  start: ReadFrom,
  head: number,
  tool: string,
): AsyncGenerator<Piece> {
  const { schema } = place
  const reading = <T>(read: (client: Client) => Promise<T>): Promise<T> =>
    connection.use(read).catch((error: unknown) => {
      throw new JournalFault(refusalOf(error, place, tool), { cause: error })
    })
  for (let from = start; from.next <= head; ) {
    const at = from
    const { links, to } = await reading((client) => readOn(client, schema, at))
    for (const link of links) if (link.lastSeq <= head) yield { kind: 'batch', link }
    from = to
  }
  const digests = await reading((client) =>
    client.query(`SELECT digest FROM "${schema}".blobs ORDER BY digest COLLATE "C"`),
  )
  for (const { digest } of digests.rows as { digest: string }[]) {
    const { rows } = await reading((client) =>
      client.query(`SELECT packing, bytes FROM "${schema}".blobs WHERE digest = $1`, [digest]),
    )
    const { packing, bytes } = rows[0] as { packing: Packing; bytes: Buffer }
    yield { kind: 'blob', digest, bytes: unpack({ packing, bytes }) }
  }
  for (const key of await reading((client) => keysOf(client, schema))) yield { kind: 'key', key }
}

/** In the transaction that is open, in the epoch in which it was made. */
async function fill(
  client: Client,
  schema: string,
  given: AsyncIterable<Piece>,
  tool: string,
): Promise<void> {
  await client.query("SELECT set_config('anneal.epoch', '0', true)")
  const kinds = new Set<string>()
  let end: Link | undefined
  for await (const piece of given) {
    if (piece.kind === 'batch') {
      const { firstSeq, lastSeq, format, packing, bytes, chain } = (end = piece.link)
      await client.query(
        `INSERT INTO "${schema}".batches (first_seq, last_seq, format, packing, bytes, chain) VALUES ($1, $2, $3, $4, $5, $6)`,
        [firstSeq, lastSeq, format, packing, bytes, chain],
      )
      for (const { event, seq } of eventsOf(end)) {
        if (kinds.has(event.kind)) continue
        kinds.add(event.kind)
        await client.query(`INSERT INTO "${schema}".kinds (kind, seq, tool) VALUES ($1, $2, $3)`, [
          event.kind,
          seq,
          tool,
        ])
      }
    } else if (piece.kind === 'blob') {
      const { packing, bytes } = pack(piece.bytes)
      await client.query(
        `INSERT INTO "${schema}".blobs (digest, packing, bytes, sum) VALUES ($1, $2, $3, $4)`,
        [piece.digest, packing, bytes, blobSum(piece.digest, packing, bytes)],
      )
    } else {
      await client.query(`INSERT INTO "${schema}".value_keys (id, under, wrapped) VALUES ($1, $2, $3)`, [
        piece.key.id,
        piece.key.under,
        piece.key.wrapped,
      ])
    }
  }
  if (end) await client.query(`UPDATE "${schema}".head SET seq = $1, chain = $2`, [end.lastSeq, end.chain])
}
