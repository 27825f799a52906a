// Rotating the key of sealed values: no event is rewritten, and whenever it is cut short, the site can be read and rotated again.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JournalFaults } from '../../src/journal/journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Event } from '../../src/model/event.ts'
import type { SecretsKeeping, SecretsSettings } from '../../src/model/secrets.ts'
import { newKey, wrappingKey } from '../../src/secrets/envelope.ts'
import { keySourceAt } from '../../src/secrets/key-place.ts'
import { keyText } from '../../src/secrets/key-source.ts'
import { WrappingKeys } from '../../src/secrets/key-ring.ts'
import { secretsKeeping } from '../../src/secrets/keeping.ts'
import { sealedJournal } from '../../src/secrets/sealed-journal.ts'
import { all, lost, value } from './journal.ts'

const HOLDER = { pid: 1, host: 'h', what: 'anneal secrets rotate' }
const FILE = { kind: 'file', path: 'secrets.key' } as const

let dir: string
let settings: SecretsSettings
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-rotate-'))
  settings = { key: FILE }
})
afterEach(() => rmSync(dir, { recursive: true }))

const plain = (faults?: JournalFaults) =>
  sqliteJournal(dir, { site: 's', toolVersion: '1', ...(faults ? { faults } : {}) })
const sealed = () =>
  sealedJournal(
    plain(),
    new WrappingKeys(async () => ({ ok: true, value: keySourceAt(settings.key ?? FILE, dir) })),
  )
const keeping = (faults?: JournalFaults): SecretsKeeping =>
  secretsKeeping({
    store: plain(faults),
    siteDir: dir,
    settings: async () => ({ ok: true, value: settings }),
    holder: HOLDER,
  })

function started(run: number): Event {
  return {
    kind: 'runStarted',
    run: `run-${run}`,
    token: run,
    nodeRole: 'd/n1/db',
    action: 'apply',
    digest: 'x',
    inputs: { password: `secret ${run}` },
    origins: {},
    cause: { kind: 'new' },
    attempt: 1,
    sensitive: ['password'],
  }
}

async function write(runs: number[]): Promise<void> {
  const writer = value(await sealed().openWriter(HOLDER))
  for (const run of runs) await writer.append(run, [started(run)])
  const seq = await writer.head()
  await writer.putSnapshot({ seq, version: 1, state: { secret: runs }, secret: true })
  await writer.close()
}

async function read(): Promise<Event[]> {
  const reader = value(await sealed().openReader())
  expect(await reader.snapshot()).toBeDefined()
  const events = (await all(reader)).map(({ event }) => event)
  await reader.close()
  return events
}

function batches(): unknown[] {
  const db = new DatabaseSync(join(dir, 'journal.db'), { readOnly: true })
  const rows = db.prepare('SELECT first_seq, bytes, chain FROM batches').all()
  db.close()
  return rows
}

function bytesOnDisk(): Buffer {
  const names = readdirSync(dir).filter((name) => name.startsWith('journal.db'))
  return Buffer.concat(names.map((name) => readFileSync(join(dir, name))))
}

async function storedKeys(): Promise<Buffer[]> {
  const reader = value(await plain().openReader())
  const keys = await reader.keys()
  await reader.close()
  return keys.map(({ wrapped }) => Buffer.from(wrapped))
}

test('another key in the same file: all is under it, no event was touched, and the old wrappings are gone', async () => {
  // So many that their table takes more than one page.
  const runs = Array.from({ length: 99 }, (_, i) => i + 1)
  await write(runs)
  const [before, events, old] = [
    readFileSync(join(dir, 'secrets.key'), 'utf8'),
    batches(),
    await storedKeys(),
  ]
  const done = value(await keeping().rotate())
  expect(done).toMatchObject({ keys: 100 })
  expect(done.setting).toBeUndefined()
  const after = readFileSync(join(dir, 'secrets.key'), 'utf8')
  expect(after).not.toBe(before)
  expect(after.split('\n').filter(Boolean)).toHaveLength(1)
  expect(batches()).toEqual(events)
  expect(await read()).toEqual(runs.map(started))
  const bytes = bytesOnDisk()
  expect(old.filter((wrapped) => bytes.includes(wrapped))).toHaveLength(0)
  expect(value(await keeping().status())).toMatchObject({
    key: done.key,
    sealed: 99,
    under: [{ key: done.key, keys: 100 }],
  })
})

test('cut short at each write, before it or after it: it can be read, written, and rotated again', async () => {
  for (const when of ['beforeWrite', 'afterWrite'] as const) {
    rmSync(dir, { recursive: true, force: true })
    await write([1, 2])
    const cut = await keeping({
      [when](): void {
        throw new Error('the machine stopped')
      },
    }).rotate()
    expect(cut).toMatchObject({ ok: false, refusal: { code: 'journalFault' } })
    // Old and new one, as nobody knows which of them counts.
    expect(readFileSync(join(dir, 'secrets.key'), 'utf8').split('\n').filter(Boolean)).toHaveLength(2)
    expect(await read()).toEqual([1, 2].map(started))
    await write([3])
    expect(await read()).toEqual([1, 2, 3].map(started))
    value(await keeping().rotate())
    expect(readFileSync(join(dir, 'secrets.key'), 'utf8').split('\n').filter(Boolean)).toHaveLength(1)
    expect(await read()).toEqual([1, 2, 3].map(started))
  }
})

test('a reader that was open meanwhile reads on', async () => {
  await write([1])
  const reader = value(await sealed().openReader())
  expect(await all(reader)).toHaveLength(1)
  value(await keeping().rotate())
  await write([2])
  expect((await all(reader)).map(({ event }) => event)).toEqual([1, 2].map(started))
  await reader.close()
})

test('to another file, to a command, and back: it says what is to stand in anneal.yaml, and refuses until it does', async () => {
  await write([1])
  const elsewhere = { kind: 'file', path: 'keys/other.key' } as const
  expect(value(await keeping().rotate(elsewhere))).toMatchObject({ setting: elsewhere })
  expect(await sealed().openReader()).toMatchObject({ ok: false, refusal: { code: 'keyWrong' } })
  settings = { key: elsewhere }
  expect(await read()).toEqual([started(1)])

  const key = wrappingKey(newKey())
  writeFileSync(join(dir, 'told'), key.key.export().toString('base64'))
  const command = { kind: 'command' as const, argv: ['cat', 'told'] }
  expect(value(await keeping().rotate(command))).toMatchObject({ key: key.id, setting: command })
  settings = { key: command }
  await write([2])
  expect(await read()).toEqual([started(1), started(2)])
  expect(await keeping().rotate()).toMatchObject({ ok: false, refusal: { code: 'keyUnusable' } })
  // A command that tells the new one first and the old one after it.
  const fresh = wrappingKey(newKey())
  writeFileSync(join(dir, 'told'), keyText([fresh, key]))
  expect(value(await keeping().rotate())).toMatchObject({ key: fresh.id })
  writeFileSync(join(dir, 'told'), keyText([fresh]))
  expect(await read()).toEqual([started(1), started(2)])
})

test.each([
  [['false'], 'keyMissing', /ended with exit code 1/],
  [['no-such-command-here'], 'keyMissing', /could not be started \(ENOENT\)/],
  [['echo', 'short'], 'keyUnusable', /is no key/],
  [['sh', '-c', 'echo "not today" >&2; exit 3'], 'keyMissing', /exit code 3: not today/],
  [['sh', '-c', 'yes | head -c 100000'], 'keyMissing', /printed more than 4096 bytes/],
])('a command that gives no key: %j', async (argv, code, says) => {
  await write([1])
  settings = { key: { kind: 'command', argv } }
  const refused = await sealed().openReader()
  expect(refused).toMatchObject({ ok: false, refusal: { code } })
  if (!refused.ok) expect(refused.refusal.message).toMatch(says)
})

test('somebody is at work: busy, and nothing has changed', async () => {
  await write([1])
  const writer = value(await sealed().openWriter(HOLDER))
  const before = readFileSync(join(dir, 'secrets.key'), 'utf8')
  expect(await keeping().rotate()).toMatchObject({ ok: false, refusal: { code: 'busy' } })
  expect(readFileSync(join(dir, 'secrets.key'), 'utf8')).toBe(before)
  await writer.close()
})

test('history of before secrets were sealed is counted, by the roles of its time', async () => {
  const writer = value(await plain().openWriter(HOLDER))
  const spec = { schema: {}, optional: false }
  const target = {
    site: 's',
    nodes: {},
    defaults: {},
    deployments: {},
    roles: {
      db: {
        name: 'db',
        inputs: { password: { ...spec, sensitive: true, default: 'x' } },
        outputs: { token: { schema: {}, sensitive: true } },
      },
    },
  }
  const { sensitive: _, ...unmarked } = started(1) as Extract<Event, { kind: 'runStarted' }>
  await writer.append(1, [
    { kind: 'revisionProposed', revision: 1, onto: 0, target, author: 'a', message: '' } as unknown as Event,
    { kind: 'revisionCommitted', revision: 1, author: 'a', message: '' },
    unmarked,
    {
      kind: 'runFinished',
      run: 'run-1',
      nodeRole: 'd/n1/db',
      outcome: { result: 'ok', outputs: { token: 't', port: 1 }, filesChanged: [], durationMs: 1 },
    },
    lost('n1'),
  ])
  await writer.putSnapshot({ seq: 5, version: 1, state: { old: true } })
  await writer.close()
  expect(value(await keeping().status())).toMatchObject({ sealed: 0, clear: { values: 4, lastEvent: 4 } })
  await write([2])
  expect(value(await keeping().status())).toMatchObject({ sealed: 1, clear: { values: 3, lastEvent: 4 } })
})
