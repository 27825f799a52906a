// The PostgreSQL journal against the contract of a journal, and what the database itself sees to: who writes, and that history stays.
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { JournalFault, type JournalFaults, type JournalStore } from '../../src/journal/journal.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { endSilent } from '../../src/journal/postgres-holding.ts'
import { connectTo, type PostgresPlace, readPlace } from '../../src/journal/postgres-place.ts'
import { answer } from '../../src/model/refusal.ts'
import { newKey, wrappingKey } from '../../src/secrets/envelope.ts'
import { WrappingKeys } from '../../src/secrets/key-ring.ts'
import { sealedJournal } from '../../src/secrets/sealed-journal.ts'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { all, journalContract, lost, reached, value } from './journal.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await testPostgres()
})
afterAll(() => postgres.stop())

const options = { site: 'demo', toolVersion: '0.1.0' }

/** A new schema each takes its time. */
const few = { histories: 6 }
const dispose = async (): Promise<void> => {}
const newStore = (faults?: JournalFaults): JournalStore =>
  postgresJournal(postgres.place(), faults ? { ...options, faults } : options)

journalContract('PostgreSQL', async (faults) => ({ store: newStore(faults), dispose }), few)
journalContract(
  'sealed PostgreSQL',
  async (faults) => {
    const keys = answer([wrappingKey(newKey())])
    const wrapping = new WrappingKeys(async () => answer({ where: 'this test', read: async () => keys }))
    return { store: sealedJournal(newStore(faults), wrapping), dispose }
  },
  { ...few, takesKeys: false },
)

const HOLDER = { pid: 1, host: 'first', what: 'anneal serve' }
const NEXT = { pid: 2, host: 'second', what: 'anneal serve' }

/** What any program may send that has the same rights. */
async function asAnother<T>(place: PostgresPlace, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectTo(place, 'test')
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

describe('who writes', () => {
  test('a writer whose connection was cut is told at once, and its successor goes on from what was acknowledged', async () => {
    const place = postgres.place()
    const first = value(await postgresJournal(place, options).openWriter(HOLDER))
    await first.append(1, [lost('a')])
    await asAnother(place, cutWriters)
    const refusal = await first.lost
    expect(refusal).toMatchObject({ code: 'journalFault' })
    const second = value(await postgresJournal(place, options).openWriter(NEXT))
    expect(await second.append(2, [lost('b')])).toEqual({ head: 2 })
    await expect(first.append(3, [lost('late')])).rejects.toBeInstanceOf(JournalFault)
    expect((await all(second)).map(({ event }) => event)).toEqual([lost('a'), lost('b')])
    await first.close()
    await second.close()
  })

  test('the database itself refuses a writer that has lost the journal and does not know it', async () => {
    const place = postgres.place()
    const first = value(await postgresJournal(place, options).openWriter(HOLDER))
    await first.append(1, [lost('a')])
    // As a successor does that has the lock: here the first one still has its session, as behind a proxy that keeps it.
    await asAnother(place, (client) =>
      client.query(
        `UPDATE "${place.schema}".head SET epoch = epoch + 1, holder = $1, since = ${Date.now()}`,
        [JSON.stringify(NEXT)],
      ),
    )
    for (const late of [
      () => first.append(2, [lost('late')]),
      () => first.putBlobs(new Map([['digest', new Uint8Array(3)]])),
    ]) {
      const fault = await late().catch((error: unknown) => error)
      expect(fault).toBeInstanceOf(JournalFault)
      expect((fault as JournalFault).refusal).toMatchObject({ code: 'busy', holder: 'anneal serve' })
      expect((fault as JournalFault).message).toMatch(/pid 2 on host second/)
    }
    await first.close()
    const reader = value(await postgresJournal(place, options).openReader())
    expect(await all(reader)).toHaveLength(1)
    await reader.close()
  })

  test('a writer that was asleep asks the database whether it has the journal still', async () => {
    const place = postgres.place()
    const store = postgresJournal(place, options)
    const first = value(await store.openWriter(HOLDER))
    const tenure = store.tenure?.()
    expect(await tenure?.holds()).toBe(true)
    await asAnother(place, (client) =>
      client.query(`UPDATE "${place.schema}".head SET epoch = epoch + 1, since = ${Date.now()}`),
    )
    const steady = performance.now.bind(performance)
    const asleep = vi.spyOn(performance, 'now').mockImplementation(() => steady() + 60_000)
    try {
      expect(await tenure?.holds()).toBe(false)
    } finally {
      asleep.mockRestore()
    }
    await first.close()
    expect(await tenure?.holds()).toBe(false)
    const second = postgresJournal(place, options)
    await value(await second.openWriter(NEXT)).close()
    expect(second.tenure?.()?.journal).toBe(tenure?.journal)
  })

  test('only a session that promised signs of life is ended for their absence, and only by who may', async () => {
    const place = postgres.place()
    const writer = value(await postgresJournal(place, options).openWriter(HOLDER))
    const long = (): Promise<string | undefined> =>
      asAnother(place, (client) => endSilent(client, place.schema, -1))
    const promises = (words: string): Promise<unknown> =>
      asAnother(place, (client) => client.query(`UPDATE "${place.schema}".head SET holder = ${words}`))
    // As one of a version does that promised none.
    const { rows } = await asAnother(place, (client) =>
      client.query(`SELECT holder FROM "${place.schema}".head`),
    )
    await promises(`holder - 'backend'`)
    expect(await long()).toBeUndefined()
    expect(await writer.append(1, [lost('a')])).toEqual({ head: 1 })
    await promises(`'${JSON.stringify(rows[0].holder)}'::jsonb`)
    await asAnother(place, async (client) => {
      await client.query(`CREATE ROLE looker; GRANT USAGE ON SCHEMA "${place.schema}" TO looker`)
      await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA "${place.schema}" TO looker`)
      await client.query('GRANT pg_read_all_stats TO looker; SET ROLE looker')
      expect(await endSilent(client, place.schema, -1)).toMatch(/permission denied/)
    })
    expect(await writer.append(2, [lost('b')])).toEqual({ head: 2 })
    expect(await long()).toBeUndefined()
    expect(await writer.lost).toMatchObject({ code: 'journalFault' })
    await writer.close()
  })

  test('no program writes past the epoch, and none rewrites what happened', async () => {
    const place = postgres.place()
    const writer = value(await postgresJournal(place, options).openWriter(HOLDER))
    await writer.append(1, [lost('a'), reached('a')])
    await writer.append(2, [lost('b')])
    const batches = `"${place.schema}".batches`
    for (const harm of [
      `INSERT INTO ${batches} SELECT 4, 4, format, packing, bytes, chain FROM ${batches} LIMIT 1`,
      `UPDATE ${batches} SET bytes = '\\x00'`,
      `DELETE FROM ${batches}`,
      `TRUNCATE ${batches}`,
      `DELETE FROM "${place.schema}".snapshots`,
    ])
      await expect(asAnother(place, (client) => client.query(harm))).rejects.toMatchObject({ code: 'AN001' })
    expect(await all(writer)).toHaveLength(3)
    await writer.close()
  })
})

describe('when the database goes away', () => {
  test('what was acknowledged is there when it is back; the writer is at its end, readers go on', async () => {
    const place = postgres.place()
    const store = postgresJournal(place, options)
    const writer = value(await store.openWriter(HOLDER))
    const reader = value(await store.openReader())
    let acked = 0
    let reason: unknown
    while (reason === undefined) {
      const append = writer.append(acked, [lost(`n${acked}`)])
      // While that is under way.
      if (acked === 5) void postgres.kill()
      await append.then(
        () => acked++,
        (error: unknown) => (reason = error),
      )
    }
    expect(reason).toBeInstanceOf(JournalFault)
    expect((reason as JournalFault).refusal.code).toBe('journalFault')
    await postgres.kill()
    await expect(writer.append(99, [lost('late')])).rejects.toBeInstanceOf(JournalFault)
    await writer.close()
    const gone = await store.openWriter(HOLDER)
    expect(gone).toMatchObject({ ok: false, refusal: { code: 'journalFault' } })
    expect(JSON.stringify(gone)).toMatch(/could not be opened for writing: nobody listens there/)
    await postgres.start()
    expect((await all(reader)).length).toBeGreaterThanOrEqual(acked)
    await reader.close()
    const next = value(await store.openWriter(HOLDER))
    expect((await all(next)).map(({ event }) => event)).toEqual(
      Array.from({ length: await next.head() }, (_, at) => lost(`n${at}`)),
    )
    await next.close()
  })
})

describe('what is wrong is said', () => {
  const cases: { what: string; harm: (schema: string) => string; says: RegExp }[] = [
    {
      what: 'a changed batch',
      harm: (s) => `UPDATE ${s}.batches SET bytes = '\\x5b5d', packing = 0 WHERE first_seq = 2`,
      says: /events 2 to 2 are not what was written .* It is sound up to event 1\. .* Restore the schema/,
    },
    {
      what: 'a batch that is gone',
      harm: (s) => `DELETE FROM ${s}.batches WHERE first_seq = 2`,
      says: /missing/,
    },
    {
      what: 'the end cut off',
      harm: (s) => `DELETE FROM ${s}.batches WHERE first_seq > 3`,
      says: /events 4 to 5 are missing. It is sound up to event 3/,
    },
    {
      what: 'another end',
      harm: (s) => `UPDATE ${s}.head SET chain = '\\x00'`,
      says: /its record of the last event does not fit/,
    },
    {
      what: 'another identity',
      harm: (s) => `UPDATE ${s}.meta SET value = '"another"' WHERE key = 'id'`,
      says: /events 1 to 1 are not what was written/,
    },
    { what: 'no identity', harm: (s) => `DELETE FROM ${s}.meta`, says: /what it belongs to cannot be read/ },
    {
      what: 'other tables',
      harm: (s) => `ALTER TABLE ${s}.batches RENAME COLUMN bytes TO b`,
      says: /its tables are not those of a journal \(batches\)/,
    },
    {
      what: 'a newer layout',
      harm: (s) => `INSERT INTO ${s}.layouts VALUES (9, 0, '3.1.4')`,
      says: /was written by anneal 3\.1\.4: it has layout 9 \(of 1\)/,
    },
    {
      what: 'events of a newer version',
      harm: (s) => `INSERT INTO ${s}.kinds VALUES ('moonRose', 3, '3.1.4')`,
      says: /was written by anneal 3\.1\.4: it has events of the kind moonRose/,
    },
  ]
  for (const { what, harm, says } of cases) {
    test(what, async () => {
      const place = postgres.place()
      const store = postgresJournal(place, options)
      const writer = value(await store.openWriter(HOLDER))
      for (let turn = 1; turn <= 5; turn++) await writer.append(turn, [lost(`n${turn}`)])
      await writer.close()
      const schema = `"${place.schema}"`
      // The owner of the tables can do anything.
      await asAnother(place, (client) =>
        client.query(`ALTER TABLE ${schema}.batches DISABLE TRIGGER ALL; ${harm(schema)}`),
      )
      const opened = await store.openReader()
      const said = opened.ok ? await all(opened.value).catch((error: JournalFault) => error) : opened.refusal
      if (opened.ok) await opened.value.close()
      expect((said as JournalFault).message).toMatch(says)
    })
  }
})

describe('an address', () => {
  test('with a password in it is refused, and the refusal does not repeat it', () => {
    for (const address of [
      'postgres://anneal:canary-5Wq@db/anneal',
      'postgres://anneal@db/anneal?password=canary-5Wq',
    ]) {
      const read = readPlace(address)
      expect(read).toMatchObject({ ok: false, refusal: { code: 'invalidDatabase' } })
      expect(JSON.stringify(read)).toMatch(/PGPASSFILE/)
      expect(JSON.stringify(read)).not.toMatch(/canary/)
    }
  })

  test('says a schema besides, and is shown without what else stands in it', () => {
    expect(value(readPlace('postgresql://ada@db:5433/fleet?sslmode=require&schema=berlin'))).toMatchObject({
      schema: 'berlin',
      shown: 'postgresql://ada@db:5433/fleet?schema=berlin',
    })
    for (const address of ['db', 'mysql://db/x', 'postgres://db', 'postgres://db/x?schema=a";drop'])
      expect(readPlace(address)).toMatchObject({ ok: false, refusal: { code: 'invalidDatabase' } })
  })
})

async function cutWriters(client: Client): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
}

test('a password that is told for it lets in, whatever stands in it, and nobody comes in without', async () => {
  const place = postgres.place()
  const password = 'a+b %40/:@ ü&c'
  await asAnother(place, async (client) => {
    await client.query(`CREATE ROLE guarded LOGIN PASSWORD '${password}'`)
    const { rows } = await client.query<{ hba_file: string }>('SHOW hba_file')
    const lines = `VALUES ('local all guarded scram-sha-256'), ('local all all trust')`
    await client.query(`COPY (${lines}) TO '${rows[0]?.hba_file}'`)
    await client.query('SELECT pg_reload_conf()')
  })
  const guarded = { ...place, url: place.url.replace('anneal@', 'guarded@') }
  // It reads the file anew in a moment.
  const isLetIn = async (): Promise<boolean> =>
    connectTo(guarded, 'test').then(
      (client) => client.end().then(() => true),
      () => false,
    )
  while (await isLetIn()) await new Promise((later) => setTimeout(later, 20))
  await asAnother({ ...guarded, password: async () => password }, (client) => client.query('SELECT 1'))
  await expect(connectTo({ ...guarded, password: async () => 'another' }, 'test')).rejects.toThrow()
})
