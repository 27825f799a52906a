// Sealed journals against the contract of a journal, and what sealing adds: no secret on the disk, no reading without the key.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/base/json.ts'
import type { JournalFaults, JournalStore } from '../../src/journal/journal.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Event } from '../../src/model/event.ts'
import type { Role } from '../../src/model/role.ts'
import type { Target } from '../../src/model/site.ts'
import { newKey, wrappingKey } from '../../src/secrets/envelope.ts'
import { keyFile } from '../../src/secrets/key-file.ts'
import { WrappingKeys } from '../../src/secrets/key-ring.ts'
import { sealedJournal } from '../../src/secrets/sealed-journal.ts'
import { all, journalContract, lost, value } from './journal.ts'

const HOLDER = { pid: 1, host: 'h', what: 'anneal up' }
const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-sealed-'))
  dirs.push(dir)
  return dir
}

function keysIn(dir: string): WrappingKeys {
  return new WrappingKeys(async () => ({ ok: true, value: keyFile(join(dir, 'secrets.key')) }))
}

function sealedSqlite(dir: string, faults?: JournalFaults): JournalStore {
  const options = { site: 'demo', toolVersion: '0.1.0', ...(faults ? { faults } : {}) }
  return sealedJournal(sqliteJournal(dir, options), keysIn(dir))
}

const dispose = async (): Promise<void> => {}
const own = { takesKeys: false }
journalContract('sealed SQLite', async (faults) => ({ store: sealedSqlite(newDir(), faults), dispose }), own)
journalContract(
  'sealed memory',
  async (faults) => {
    return { store: sealedJournal(memoryJournal(faults ? { faults } : {}), keysIn(newDir())), dispose }
  },
  own,
)

const SECRET = 'canary-7Hq2'
const SPEC = { schema: { type: 'string' }, optional: false }

function role(name: string): Role {
  return {
    name,
    package: 'p@1',
    inputs: {
      password: { ...SPEC, sensitive: true, default: `${SECRET}-default` },
      user: { ...SPEC, sensitive: false },
    },
    outputs: { token: { schema: {}, sensitive: true } },
    digest: 'of the role',
  } as unknown as Role
}

const values = (level: string): JsonObject => ({ user: `ada at ${level}`, password: `${SECRET}-${level}` })
const target: Target = {
  site: 's',
  nodes: { n1: { transport: { kind: 'local' }, labels: {}, hints: { db: values('hint') }, available: true } },
  deployments: {
    d: {
      members: ['n1'],
      values: { db: values('deployment') },
      groups: [{ members: ['n1'], values: { db: values('group') } }],
      overrides: { 'n1/db': values('override') },
      placements: [{ role: 'db', members: ['n1'], values: values('placement') }],
      adopt: false,
    },
  },
  roles: { db: role('db') },
  defaults: { p: { db: values('package') } },
} as unknown as Target

const proposed: Event = { kind: 'revisionProposed', revision: 1, onto: 0, target, author: 'a', message: 'm' }
const started: Event = {
  kind: 'runStarted',
  run: 'run-1',
  token: 1,
  nodeRole: 'd/n1/db',
  action: 'apply',
  digest: 'digest-in-clear',
  inputs: { user: 'ada', password: { list: [`${SECRET}-run`, 1, null] } },
  origins: {},
  cause: { kind: 'new' },
  attempt: 1,
  sensitive: ['password'],
}
const finished: Event = {
  kind: 'runFinished',
  run: 'run-1',
  nodeRole: 'd/n1/db',
  outcome: {
    result: 'ok',
    outputs: { port: 1, token: `${SECRET}-token` },
    filesChanged: [],
    durationMs: 1,
  },
  sensitive: ['token'],
}
const HISTORY = [lost('n1'), proposed, started, finished]
const state = { world: [`${SECRET}-state`] }

async function written(dir: string): Promise<JournalStore> {
  const store = sealedSqlite(dir)
  const writer = value(await store.openWriter(HOLDER))
  for (const [at, event] of HISTORY.entries()) await writer.append(at, [event])
  await writer.putSnapshot({ seq: 4, version: 1, state, secret: true })
  await writer.append(9, [lost('later')])
  await writer.close()
  return store
}

function bytesIn(dir: string): string {
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('\n')
}

/** All rows unpacked: zstd would hide what stands there. */
function textsIn(dir: string): string {
  const db = new DatabaseSync(join(dir, 'journal.db'), { readOnly: true })
  const rows = [
    ...db.prepare('SELECT packing, bytes FROM batches').all(),
    ...db.prepare('SELECT packing, bytes FROM snapshot_parts').all(),
  ]
  db.close()
  return rows.map(bytesOf).join('\n')
}

function bytesOf(row: Record<string, unknown>): string {
  const bytes = row['bytes'] as Uint8Array
  return (row['packing'] === 1 ? zstdDecompressSync(bytes) : Buffer.from(bytes)).toString()
}

describe('secrets in a sealed journal', () => {
  test('come back as they were, and stand nowhere on the disk', async () => {
    const dir = newDir()
    const store = await written(dir)
    const reader = value(await store.openReader())
    const told = (await all(reader)).map(({ event }) => JSON.stringify(event))
    expect(told.slice(0, 4)).toEqual(HISTORY.map((event) => JSON.stringify(event)))
    expect(await reader.snapshot()).toEqual({ seq: 4, version: 1, state })
    await reader.close()
    const stands = bytesIn(dir) + textsIn(dir)
    expect(stands).toContain('ada at hint')
    expect(stands).not.toContain('canary')
    expect(stands).not.toContain('digest-in-clear')
    expect(statSync(join(dir, 'secrets.key')).mode & 0o777).toBe(0o600)
  })

  test('each value has a key of its own, and keeps it in later sessions', async () => {
    const dir = newDir()
    const store = await written(dir)
    const reader = value(await store.openReader())
    const before = await reader.keys()
    expect(before.filter(({ id }) => id.startsWith('value-'))).toHaveLength(9)
    for (const fromSnapshot of [true, false]) {
      const writer = value(await store.openWriter(HOLDER))
      if (fromSnapshot) await writer.snapshot()
      else await all(writer)
      await writer.append(10, [proposed, started, finished])
      await writer.putSnapshot({ seq: 8, version: 1, state, secret: true })
      await writer.close()
      expect(await reader.keys()).toEqual(before)
    }
    await reader.close()
  })

  test('a journal without any asks for no key and makes none', async () => {
    const dir = newDir()
    const writer = value(await sealedSqlite(dir).openWriter(HOLDER))
    await writer.append(1, [lost('n1')])
    await writer.putSnapshot({ seq: 1, version: 1, state: { n: 1 } })
    await writer.close()
    expect(readdirSync(dir)).not.toContain('secrets.key')
    const plain = value(await sqliteJournal(dir, { site: 's', toolVersion: '1' }).openReader())
    expect(await plain.snapshot()).toEqual({ seq: 1, version: 1, state: { n: 1 } })
    await plain.close()
  })

  test('what looks like a seal and is none stays what it is', async () => {
    const dir = newDir()
    const store = await written(dir)
    const raw = value(await sqliteJournal(dir, { site: 's', toolVersion: '1' }).openReader())
    const [, , sealed] = (await all(raw)).map(({ event }) => event)
    await raw.close()
    const seal = (sealed as unknown as { inputs: JsonObject }).inputs['password'] as string
    const facts = { seal, sealed: [[['facts', 'seal'], 'input db password']] }
    const writer = value(await store.openWriter(HOLDER))
    await writer.append(9, [{ kind: 'factsChanged', node: 'n1', facts }])
    await writer.putSnapshot({ seq: 6, version: 1, state: ['sealed', 'x', []] })
    expect((await all(writer)).at(-1)?.event).toEqual({ kind: 'factsChanged', node: 'n1', facts })
    expect((await writer.snapshot())?.state).toEqual(['sealed', 'x', []])
    await writer.close()
  })

  test('nobody waits between them: order stays that of the calls although a key is made first', async () => {
    const dir = newDir()
    const writer = value(await sealedSqlite(dir).openWriter(HOLDER))
    const acks = [started, lost('a'), finished, lost('b')].map((event, at) => writer.append(at, [event]))
    const put = writer.putSnapshot({ seq: 4, version: 1, state, secret: true })
    expect(await Promise.all(acks)).toEqual([1, 2, 3, 4].map((head) => ({ head })))
    await put
    expect((await all(writer)).map(({ event }) => event)).toEqual([started, lost('a'), finished, lost('b')])
    await writer.close()
  })

  test('an open reader follows a writer who brings the first secret', async () => {
    const dir = newDir()
    const store = sealedSqlite(dir)
    const writer = value(await store.openWriter(HOLDER))
    await writer.append(1, [lost('n1')])
    const reader = value(await sealedSqlite(dir).openReader())
    expect(await all(reader)).toHaveLength(1)
    await writer.append(2, [started])
    expect((await all(reader, 1)).map(({ event }) => event)).toEqual([started])
    await reader.close()
    await writer.close()
  })
})

describe('the key', () => {
  test('is missing: refused, saying where it was looked for', async () => {
    const dir = newDir()
    const store = await written(dir)
    rmSync(join(dir, 'secrets.key'))
    for (const again of [sealedSqlite(dir).openReader(), sealedSqlite(dir).openWriter(HOLDER)]) {
      const refused = await again
      expect(refused).toMatchObject({ ok: false, refusal: { code: 'keyMissing' } })
      if (!refused.ok) expect(refused.refusal.message).toContain(join(dir, 'secrets.key'))
    }
    expect(readdirSync(dir)).not.toContain('secrets.key')
    // Who has read it already goes on.
    const reader = value(await store.openReader())
    expect(await all(reader)).toHaveLength(5)
    await reader.close()
  })

  test('is another one: refused, naming both', async () => {
    const dir = newDir()
    await written(dir)
    const other = wrappingKey(newKey())
    value(keyFile(join(dir, 'secrets.key')).write([other]))
    const refused = await sealedSqlite(dir).openReader()
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'keyWrong' } })
    if (!refused.ok) expect(refused.refusal.message).toContain(other.id)
  })

  test('is readable by others: refused, and so is a journal that would begin to use it', async () => {
    const dir = newDir()
    value(keyFile(join(dir, 'secrets.key')).write([wrappingKey(newKey())]))
    chmodSync(join(dir, 'secrets.key'), 0o640)
    const writer = value(await sealedSqlite(dir).openWriter(HOLDER))
    await expect(writer.append(1, [started])).rejects.toMatchObject({ refusal: { code: 'keyUnusable' } })
    await expect(writer.append(2, [lost('n1')])).rejects.toMatchObject({ refusal: { code: 'keyUnusable' } })
    await writer.close()
    const reader = value(await sealedSqlite(dir).openReader())
    expect(await all(reader)).toEqual([])
    await reader.close()
  })
})

describe('what was changed on the disk', () => {
  function change(dir: string, sql: string): void {
    const db = new DatabaseSync(join(dir, 'journal.db'))
    db.exec(sql)
    db.close()
  }

  test.each([
    ['a key', "UPDATE value_keys SET wrapped = zeroblob(60) WHERE id LIKE 'value-%'"],
    ['the id of a key', "UPDATE value_keys SET id = 'value-x' || id WHERE id LIKE 'value-%'"],
    ['a key that is gone', "DELETE FROM value_keys WHERE id LIKE 'value-%'"],
  ])('%s: the journal is damaged', async (_what, sql) => {
    const dir = newDir()
    await written(dir)
    change(dir, sql)
    const reader = value(await sealedSqlite(dir).openReader())
    await expect(all(reader)).rejects.toMatchObject({ refusal: { code: 'damagedJournal' } })
    await reader.close()
  })

  test('a seal moved to another place: the journal is damaged', async () => {
    const raw = memoryJournal()
    const keys = keysIn(newDir())
    const writer = value(await sealedJournal(raw, keys).openWriter(HOLDER))
    await writer.append(1, [started])
    await writer.close()
    const plain = value(await raw.openWriter(HOLDER))
    const [stored] = await all(plain)
    const forged = JSON.parse(
      JSON.stringify(stored?.event).replaceAll('input db password', 'input db user'),
    ) as Event
    await plain.append(2, [forged])
    await plain.close()
    const reader = value(await sealedJournal(raw, keys).openReader())
    await expect(all(reader)).rejects.toMatchObject({ refusal: { code: 'damagedJournal' } })
  })
})
