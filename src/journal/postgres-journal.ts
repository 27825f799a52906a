// The journal in PostgreSQL: one writer whom the database elects and fences, any number of readers on any machine.
import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { WriteCount } from './group-commit.ts'
import { groupWriter } from './group-writer.ts'
import {
  type Holder,
  JournalFault,
  type JournalFaults,
  type JournalStore,
  type JournalWriter,
  type Tenure,
} from './journal.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { sqlState, FENCED } from './postgres-errors.ts'
import { showLife } from './postgres-life.ts'
import { busyRefusal, releaseLock, takeLock } from './postgres-lock.ts'
import { connectTo, type PostgresPlace } from './postgres-place.ts'
import { openPostgresReader, type ReadOptions, readerOn } from './postgres-reader.ts'
import { faultAt, refusalOf } from './postgres-refusals.ts'
import { bringUpToDate, createJournal, LAYOUT } from './postgres-schema.ts'
import { type SoundPostgres, verifyPostgres } from './postgres-verify.ts'
import { PostgresWritingEnd } from './postgres-writing-end.ts'

export interface PostgresOptions {
  /** Written into a new journal, for who looks at it later. */
  site: string
  toolVersion: string
  /** Takes what an operator should know although nothing is refused. */
  notice?(message: string): void
  faults?: JournalFaults
}

export function postgresJournal(place: PostgresPlace, options: PostgresOptions): JournalStore {
  const count: WriteCount = { writes: 0 }
  let tenure: Tenure | undefined
  const reading: ReadOptions = { tool: options.toolVersion, notice: (message) => options.notice?.(message) }

  return {
    async openWriter(holder) {
      let client: Client | undefined
      try {
        client = await connectTo(place, holder.what)
        if (!(await takeLock(client, place))) {
          const busy = await busyRefusal(client, place)
          await client.end()
          return refuse(busy)
        }
        const sound = await openOrCreate(client, place, options)
        if (sound.ok) {
          const held = await writerOn(client, place, options, reading, sound.value, holder, count)
          tenure = held.tenure
          return answer(held.writer)
        }
        await client.end()
        return sound
      } catch (error) {
        client?.end().catch(() => {})
        return refuse(refusalOf(error, place, options.toolVersion, 'opened for writing'))
      }
    },
    openReader: () => openPostgresReader(place, reading),
    tenure: () => tenure,
  }
}

async function openOrCreate(
  client: Client,
  place: PostgresPlace,
  { site, toolVersion }: PostgresOptions,
): Promise<Answer<SoundPostgres>> {
  const found = await verifyPostgres(client, place, toolVersion)
  if (found) {
    if ('code' in found) return refuse(found)
    if (found.layout < LAYOUT) await bringUpToDate(client, place.schema, found.layout, toolVersion)
    return answer(found)
  }
  const identity = { id: randomUUID(), site, createdAt: Date.now(), tool: toolVersion }
  await createJournal(client, place.schema, identity, toolVersion)
  const made = await verifyPostgres(client, place, toolVersion)
  if (!made) throw new Error('it was made, and is not there')
  return 'code' in made ? refuse(made) : answer(made)
}

async function writerOn(
  client: Client,
  place: PostgresPlace,
  options: PostgresOptions,
  reading: ReadOptions,
  sound: SoundPostgres,
  holder: Holder,
  count: WriteCount,
): Promise<{ writer: JournalWriter; tenure: Tenure }> {
  const { schema } = place
  // By its session others know that this one gives signs of life.
  const taken = await client.query(
    `UPDATE "${schema}".head SET epoch = epoch + 1, since = $2,
       holder = $1::jsonb || jsonb_build_object('backend', pg_backend_pid()) RETURNING epoch`,
    [JSON.stringify(holder), Date.now()],
  )
  const epoch = String(taken.rows[0].epoch)
  const life = showLife(client, schema, epoch)
  await client.query("SELECT set_config('anneal.epoch', $1, false)", [epoch])
  const end = new PostgresWritingEnd(client, {
    schema,
    tool: options.toolVersion,
    epoch,
    seq: sound.head,
    chain: sound.chain,
  })
  const faulted = (error: unknown): JournalFault =>
    new JournalFault(faultAt(place, 'written', error), { cause: error })
  const session = { isOver: false }
  const { writer, stop } = groupWriter({
    reader: readerOn(new PostgresConnection(place, 'writer, reading'), place, reading),
    head: sound.head,
    async write(load) {
      try {
        await end.write(load)
      } catch (error) {
        throw sqlState(error) === FENCED ? await overtaken(place, error) : faulted(error)
      }
    },
    faults: options.faults ?? {},
    count,
    closed: () => faulted(new Error('it is closed')),
    async release() {
      session.isOver = true
      life.end()
      await releaseLock(client, place)
      await client.end().catch(() => {})
    },
  })
  const lost = new Promise<Refusal>((resolve) =>
    watchSession(client, (error) => {
      const fault = faulted(error)
      stop(fault)
      if (!session.isOver) resolve(fault.refusal)
    }),
  )
  return { writer: { ...writer, lost }, tenure: { journal: sound.identity.id, holds: life.holds } }
}

/** The lock went with the session: whoever is next may write by now. */
function watchSession(client: Client, over: (error: unknown) => void): void {
  client.on('error', over)
  client.on('end', () => over(new Error('the connection broke')))
}

/** Names who has it now, where that can be told. */
async function overtaken(place: PostgresPlace, cause: unknown): Promise<JournalFault> {
  try {
    const client = await connectTo(place, 'writer, overtaken')
    const refusal = await busyRefusal(client, place)
    await client.end()
    return new JournalFault(refusal, { cause })
  } catch {
    return new JournalFault(faultAt(place, 'written', cause), { cause })
  }
}
