// Verification: whether a PostgreSQL journal is what was written, as far as that is told without reading all of it.
import type { Client } from 'pg'
import type { Refusal } from '../model/refusal.ts'
import { chainAfter, chainStart, type Identity } from './chain.ts'
import { KINDS } from './codec.ts'
import { newerMessage } from './messages.ts'
import { damagedAt } from './postgres-refusals.ts'
import type { PostgresPlace } from './postgres-place.ts'
import { LAYOUT, lastTool, layoutAt, readIdentity, wrongTables } from './postgres-schema.ts'
import type { Link } from './walk.ts'

export interface SoundPostgres {
  identity: Identity
  layout: number
  head: number
  chain: Uint8Array
}

/**
 * Who it is, that it is not of a newer version, that no batch is missing and that the last one fits to the one before
 * it. Batches are held against the chain when they are read; `anneal journal verify` reads them all. Undefined where
 * there is no journal.
 */
export async function verifyPostgres(
  client: Client,
  place: PostgresPlace,
  tool: string,
): Promise<SoundPostgres | Refusal | undefined> {
  const { schema, shown } = place
  const layout = await layoutAt(client, schema)
  if (layout === 0) return undefined
  if (layout > LAYOUT) {
    const found = `layout ${layout} (of ${LAYOUT})`
    return {
      code: 'newerJournal',
      message: newerMessage(shown, found, await lastTool(client, schema), tool),
    }
  }
  const wrong = await wrongTables(client, schema)
  if (wrong !== undefined) return damagedAt(place, `its tables are not those of a journal (${wrong})`)
  const identity = await readIdentity(client, schema)
  if (!identity) return damagedAt(place, 'the record of what it belongs to cannot be read')
  const kinds = await client.query(`SELECT kind, tool FROM "${schema}".kinds`)
  for (const { kind, tool: writer } of kinds.rows) {
    if (Object.hasOwn(KINDS, String(kind))) continue
    return {
      code: 'newerJournal',
      message: newerMessage(shown, `events of the kind ${String(kind)}`, String(writer), tool),
    }
  }
  return verifyEnd(client, place, identity, layout)
}

/** In one statement: a writer may be at work. */
async function verifyEnd(
  client: Client,
  place: PostgresPlace,
  identity: Identity,
  layout: number,
): Promise<SoundPostgres | Refusal> {
  const { rows } = await client.query(
    `SELECT h.seq AS head_seq, h.chain AS head_chain,
       (SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM "${place.schema}".batches) AS held,
       (SELECT coalesce(max(last_seq), 0) FROM "${place.schema}".batches) AS last,
       b.first_seq, b.last_seq, b.format, b.packing, b.bytes, b.chain
     FROM "${place.schema}".head h LEFT JOIN LATERAL
       (SELECT * FROM "${place.schema}".batches ORDER BY first_seq DESC LIMIT 2) b ON true
     ORDER BY b.first_seq`,
  )
  const [first] = rows
  if (!first) return damagedAt(place, 'its last event is not recorded')
  const [head, held, last] = [Number(first.head_seq), Number(first.held), Number(first.last)]
  if (head > last) return damagedAt(place, missing(last + 1, head), last)
  if (held !== last) return damagedAt(place, 'events are missing')
  const links = rows.flatMap((row) => (row.first_seq === null ? [] : [linkOf(row)]))
  const before = links.length === 2 ? (links[0] as Link).chain : chainStart(identity)
  const end = links.at(-1)
  const chain = end ? chainAfter(before, end) : chainStart(identity)
  if (end && !chain.equals(end.chain)) return damagedAt(place, altered(end), end.firstSeq - 1)
  if (head < last || !chain.equals(first.head_chain))
    return damagedAt(place, 'its record of the last event does not fit')
  return { identity, layout, head, chain }
}

/** `bigint` comes as text, so that no digit is lost. */
export function linkOf(row: Record<string, unknown>): Link {
  return {
    firstSeq: Number(row['first_seq']),
    lastSeq: Number(row['last_seq']),
    format: Number(row['format']),
    packing: row['packing'] === 1 ? 1 : 0,
    bytes: row['bytes'] as Uint8Array,
    chain: row['chain'] as Uint8Array,
  }
}

export function altered({ firstSeq, lastSeq }: Link): string {
  return `events ${firstSeq} to ${lastSeq} are not what was written (their checksum differs)`
}

export function missing(first: number, last: number): string {
  return first >= last ? `event ${first} is missing` : `events ${first} to ${last} are missing`
}
