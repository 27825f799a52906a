// Reading a PostgreSQL journal: beside a writer, on connections of its own, each batch held against the chain.
import type { Client } from 'pg'
import { joinJson } from '../base/split.ts'
import type { Json } from '../base/json.ts'
import type { Recorded } from '../model/event.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { chainAfter, chainStart, type Packing } from './chain.ts'
import { JournalFault, type JournalReader, type Snapshot, type WrappedKey } from './journal.ts'
import { nothingThereMessage } from './messages.ts'
import { unpack } from './packing.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { textOf } from './postgres-errors.ts'
import type { PostgresPlace } from './postgres-place.ts'
import { Damage, refusalOf } from './postgres-refusals.ts'
import { readIdentity } from './postgres-schema.ts'
import { altered, linkOf, missing, verifyPostgres } from './postgres-verify.ts'
import { blobSum, SnapshotSum } from './sums.ts'
import { eventsOf, type Link } from './walk.ts'

export interface ReadOptions {
  tool: string
  /** Takes what an operator should know although nothing is refused: a damaged snapshot that is passed over. */
  notice(message: string): void
}

/** See `JournalStore.openReader` for the refusals. */
export async function openPostgresReader(
  place: PostgresPlace,
  options: ReadOptions,
): Promise<Answer<JournalReader>> {
  const connection = new PostgresConnection(place, 'reader')
  try {
    const sound = await connection.use((client) => verifyPostgres(client, place, options.tool))
    if (sound && !('code' in sound)) return answer(readerOn(connection, place, options))
    await connection.close()
    return refuse(sound ?? { code: 'nothingThere', message: nothingThereMessage(place.shown) })
  } catch (error) {
    await connection.close()
    return refuse(refusalOf(error, place, options.tool))
  }
}

/** Of a journal that was verified. */
export function readerOn(
  connection: PostgresConnection,
  place: PostgresPlace,
  options: ReadOptions,
): JournalReader {
  const { schema } = place
  const faulted = (error: unknown): JournalFault =>
    new JournalFault(refusalOf(error, place, options.tool), { cause: error })
  const reading = async <T>(read: (client: Client) => Promise<T>): Promise<T> => {
    try {
      return await connection.use(read)
    } catch (error) {
      throw faulted(error)
    }
  }
  return {
    snapshot: () => reading((client) => newestSnapshot(client, place, options)),
    async *events(after) {
      let from = await reading((client) => placeOf(client, schema, after))
      for (;;) {
        const start = from
        const { links, to } = await reading((client) => readOn(client, schema, start))
        if (links.length === 0) return
        from = to
        for (const link of links) {
          const recorded = decoded(link, faulted)
          const wanted =
            (recorded[0] as Recorded).seq <= after ? recorded.filter((one) => one.seq > after) : recorded
          if (wanted.length > 0) yield wanted
        }
        await new Promise(setImmediate)
      }
    },
    head: () => reading((client) => headOf(client, schema)),
    blob: (digest) => reading((client) => blobOf(client, schema, digest)),
    keys: () => reading((client) => keysOf(client, schema)),
    close: () => connection.close(),
  }
}

/** Where to go on reading: the first event of the next batch, and the chain before it. */
export interface ReadFrom {
  next: number
  chain: Uint8Array
}

/** The start of the batch that holds the event after `after`, or the end. */
async function placeOf(client: Client, schema: string, after: number): Promise<ReadFrom> {
  const { rows } = await client.query(
    `SELECT last_seq, chain FROM "${schema}".batches WHERE first_seq <= $1 ORDER BY first_seq DESC LIMIT 2`,
    [after + 1],
  )
  for (const row of rows) {
    if (Number(row.last_seq) <= after) return { next: Number(row.last_seq) + 1, chain: row.chain }
  }
  const identity = await readIdentity(client, schema)
  if (!identity) throw new Damage('the record of what it belongs to cannot be read')
  return { next: 1, chain: chainStart(identity) }
}

/** A batch is up to 1,000 events. */
const BATCHES = 64

/** The next batches, each fitting to the one before it; none at the end. In one statement, as a writer may be at work. */
export async function readOn(
  client: Client,
  schema: string,
  from: ReadFrom,
): Promise<{ links: Link[]; to: ReadFrom }> {
  const { rows } = await client.query(
    `SELECT h.seq AS head_seq, b.* FROM "${schema}".head h LEFT JOIN LATERAL
       (SELECT * FROM "${schema}".batches WHERE first_seq >= $1 ORDER BY first_seq LIMIT ${BATCHES}) b ON true
     ORDER BY b.first_seq`,
    [from.next],
  )
  if (rows.length === 0) throw new Damage('its last event is not recorded')
  const links: Link[] = []
  const to = { ...from }
  for (const row of rows) {
    if (row.first_seq === null) break
    const link = linkOf(row)
    if (link.firstSeq !== to.next) throw new Damage(missing(to.next, link.firstSeq - 1), to.next - 1)
    if (!chainAfter(to.chain, link).equals(link.chain)) throw new Damage(altered(link), to.next - 1)
    links.push(link)
    to.next = link.lastSeq + 1
    to.chain = link.chain
  }
  const head = Number(rows[0].head_seq)
  if (links.length < BATCHES && head >= to.next) throw new Damage(missing(to.next, head), to.next - 1)
  return { links, to }
}

function decoded(link: Link, faulted: (error: unknown) => JournalFault): Recorded[] {
  try {
    const recorded = eventsOf(link)
    if (recorded.length === link.lastSeq - link.firstSeq + 1) return recorded
    throw new Damage(altered(link), link.firstSeq - 1)
  } catch (error) {
    throw faulted(error)
  }
}

async function headOf(client: Client, schema: string): Promise<number> {
  const { rows } = await client.query(`SELECT seq FROM "${schema}".head`)
  if (!rows[0]) throw new Damage('its last event is not recorded')
  return Number(rows[0].seq)
}

async function blobOf(client: Client, schema: string, digest: string): Promise<Uint8Array | undefined> {
  const { rows } = await client.query(`SELECT packing, bytes, sum FROM "${schema}".blobs WHERE digest = $1`, [
    digest,
  ])
  if (!rows[0]) return undefined
  const { packing, bytes, sum } = rows[0] as { packing: Packing; bytes: Buffer; sum: Buffer }
  if (!blobSum(digest, packing, bytes).equals(sum))
    throw new Damage(`the content ${digest} is not what was put`)
  return unpack({ packing, bytes })
}

export async function keysOf(client: Client, schema: string): Promise<WrappedKey[]> {
  const { rows } = await client.query(
    `SELECT id, under, wrapped FROM "${schema}".value_keys ORDER BY id COLLATE "C"`,
  )
  return rows.map(({ id, under, wrapped }) => ({ id, under, wrapped }))
}

/** With its parts in one statement: a writer may put another one in its place. */
async function newestSnapshot(
  client: Client,
  { schema, shown }: PostgresPlace,
  options: ReadOptions,
): Promise<Snapshot | undefined> {
  for (let below: string | undefined; ; ) {
    const { rows } = await client.query(
      `SELECT s.seq, s.version, s.id, s.parts, s.sum, p.packing, p.bytes FROM
         (SELECT * FROM "${schema}".snapshots WHERE seq <= (SELECT seq FROM "${schema}".head)
            AND ($1::bigint IS NULL OR seq < $1) ORDER BY seq DESC LIMIT 1) s
         LEFT JOIN "${schema}".snapshot_parts p ON p.id = s.id ORDER BY p.part`,
      [below ?? null],
    )
    const [row] = rows
    if (!row) return undefined
    const [seq, version] = [Number(row.seq), Number(row.version)]
    try {
      return { seq, version, state: stateOf(row, rows, seq, version) }
    } catch (error) {
      options.notice(
        `The snapshot at event ${seq} (${row.id}) in ${shown} is damaged and passed over: ${textOf(error)}. Reading goes on from an older one, or from the first event; it only takes longer.`,
      )
      below = row.seq
    }
  }
}

function stateOf(
  row: { id: string; parts: number; sum: Buffer },
  parts: { packing: Packing; bytes: Buffer }[],
  seq: number,
  version: number,
): Json {
  if (parts.length !== row.parts) throw new Damage(`it has ${parts.length} of ${row.parts} parts`)
  const total = new SnapshotSum(row.id)
  for (const part of parts) total.add(part.packing, part.bytes)
  if (!total.end(seq, version).equals(row.sum)) throw new Damage('its checksum differs')
  return joinJson(texts(parts))
}

function* texts(parts: { packing: Packing; bytes: Buffer }[]): Generator<string> {
  for (const part of parts) yield new TextDecoder().decode(unpack(part))
}
