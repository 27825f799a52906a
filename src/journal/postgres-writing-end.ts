// The writing end of a PostgreSQL journal: one session that holds the lock, one commit at a time, each only in its epoch.
import type { Client } from 'pg'
import { chainAfter, type StoredBatch } from './chain.ts'
import { FORMAT } from './codec.ts'
import { bytesOf, type Load } from './load.ts'
import { pack } from './packing.ts'
import { FENCED } from './postgres-errors.ts'
import { inTransaction } from './postgres-schema.ts'
import { blobSum, SnapshotSum } from './sums.ts'
import type { Link } from './walk.ts'

export interface WritingStart {
  schema: string
  tool: string
  /** Of the lock: the number that each taking of it counts up. */
  epoch: string
  seq: number
  chain: Uint8Array
}

/** Somebody else has taken the journal over: the database took nothing of what was to be written. */
class Fenced extends Error {
  override name = 'Fenced'
  readonly code = FENCED
}

/** The channel on which each append says its last event. */
export function channelOf(schema: string): string {
  return `anneal_${schema}`
}

export class PostgresWritingEnd {
  readonly #client: Client
  readonly #start: WritingStart
  #seq: number
  #chain: Uint8Array
  /** Of snapshots whose parts are being written. */
  readonly #sums = new Map<string, SnapshotSum>()

  constructor(client: Client, start: WritingStart) {
    this.#client = client
    this.#start = start
    this.#seq = start.seq
    this.#chain = start.chain
  }

  /** Throws `Fenced`, or what `textOf` knows; then all or nothing of it is there. */
  async write(load: Load): Promise<void> {
    const links = this.#linksOf(load)
    const others = load.blobs.length + load.keys.length + load.parts.length + load.snapshots.length
    const isPlain = links.length === 1 && others + load.kinds.length === 0
    if (isPlain) await this.#append(links[0] as Link)
    else await inTransaction(this.#client, () => this.#writeAll(load, links))
    const end = links.at(-1)
    if (end) [this.#seq, this.#chain] = [end.lastSeq, end.chain]
  }

  #linksOf(load: Load): Link[] {
    let chain = this.#chain
    return load.batches.map(({ firstSeq, lastSeq, text }) => {
      const batch: StoredBatch = { firstSeq, lastSeq, format: FORMAT, ...pack(bytesOf(text)) }
      chain = chainAfter(chain, batch)
      return { ...batch, chain }
    })
  }

  async #writeAll(load: Load, links: readonly Link[]): Promise<void> {
    const { schema, tool, epoch } = this.#start
    // Whoever takes over waits for this transaction, or this one sees that it was taken over.
    const held = await this.#client.query(`SELECT 1 FROM "${schema}".head WHERE epoch = $1 FOR UPDATE`, [
      epoch,
    ])
    if (held.rows.length === 0) throw new Fenced(TAKEN_OVER)
    for (const { kind, seq } of load.kinds) {
      await this.#client.query(
        `INSERT INTO "${schema}".kinds (kind, seq, tool) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [kind, seq, tool],
      )
    }
    for (const [digest, content] of load.blobs) await this.#putBlob(digest, content)
    for (const { id, under, wrapped } of load.keys) {
      await this.#client.query(
        `INSERT INTO "${schema}".value_keys (id, under, wrapped) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET under = excluded.under, wrapped = excluded.wrapped`,
        [id, under, wrapped],
      )
    }
    let from = { seq: this.#seq, chain: this.#chain }
    for (const link of links) {
      await this.#append(link, from)
      from = { seq: link.lastSeq, chain: link.chain }
    }
    for (const part of load.parts) await this.#putPart(part)
    for (const snapshot of load.snapshots) await this.#endSnapshot(snapshot)
  }

  /** One statement, so that it is one way there and back: the end moves, the batch stands, whoever listens hears of it. */
  async #append(link: Link, from = { seq: this.#seq, chain: this.#chain }): Promise<void> {
    const { schema, epoch } = this.#start
    const { firstSeq, lastSeq, format, packing, bytes, chain } = link
    const done = await this.#client.query({
      name: 'append',
      text: `WITH moved AS (
          UPDATE "${schema}".head SET seq = $2, chain = $6 WHERE epoch = $7 AND seq = $8 AND chain = $9 RETURNING seq
        ), put AS (
          INSERT INTO "${schema}".batches (first_seq, last_seq, format, packing, bytes, chain)
          SELECT $1, $2, $3, $4, $5, $6 FROM moved RETURNING last_seq
        ) SELECT pg_notify($10, last_seq::text) FROM put`,
      values: [
        firstSeq,
        lastSeq,
        format,
        packing,
        bytes,
        chain,
        epoch,
        from.seq,
        from.chain,
        channelOf(schema),
      ],
    })
    if (done.rows.length === 0) throw new Fenced(TAKEN_OVER)
  }

  async #putBlob(digest: string, content: Uint8Array): Promise<void> {
    const { packing, bytes } = pack(content)
    await this.#client.query(
      `INSERT INTO "${this.#start.schema}".blobs (digest, packing, bytes, sum) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [digest, packing, bytes, blobSum(digest, packing, bytes)],
    )
  }

  async #putPart({ id, part, text }: Load['parts'][number]): Promise<void> {
    const { packing, bytes } = pack(bytesOf(text))
    const sum = this.#sums.get(id) ?? new SnapshotSum(id)
    this.#sums.set(id, sum)
    sum.add(packing, bytes)
    await this.#client.query(
      `INSERT INTO "${this.#start.schema}".snapshot_parts (id, part, packing, bytes) VALUES ($1, $2, $3, $4)`,
      [id, part, packing, bytes],
    )
  }

  /** Two are kept: the older one serves when the newer is damaged. Parts that no snapshot names are of one cut short. */
  async #endSnapshot({ id, seq, version, parts }: Load['snapshots'][number]): Promise<void> {
    const { schema } = this.#start
    const sum = (this.#sums.get(id) ?? new SnapshotSum(id)).end(seq, version)
    this.#sums.delete(id)
    await this.#client.query(
      `INSERT INTO "${schema}".snapshots (seq, version, id, parts, sum) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (seq) DO UPDATE SET version = $2, id = $3, parts = $4, sum = $5`,
      [seq, version, id, parts, sum],
    )
    await this.#client.query(
      `DELETE FROM "${schema}".snapshots
       WHERE seq NOT IN (SELECT seq FROM "${schema}".snapshots ORDER BY seq DESC LIMIT 2)`,
    )
    await this.#client.query(
      `DELETE FROM "${schema}".snapshot_parts WHERE id NOT IN (SELECT id FROM "${schema}".snapshots)`,
    )
  }
}

const TAKEN_OVER = 'another process has taken the journal over'
