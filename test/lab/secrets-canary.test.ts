// A canary in every place where a secret may stand: found in no byte of what Anneal keeps and in nothing that it says, in no form.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { found, makeCanarySite, secret } from '../support/canary-site.ts'
import { type Commands, commandsIn } from '../support/commands.ts'
import { siteDir } from '../support/site-dir.ts'

const site = siteDir()
const said: string[] = []
let looking: Commands

const make = (values: object = {}): void => makeCanarySite(site, { values })

async function tell(code: number | undefined, ...words: string[]): Promise<void> {
  const done = await site.anneal(...words)
  said.push(done.said)
  if (code !== undefined) expect(done.code, done.said).toBe(code)
}

beforeAll(async () => {
  process.env['CANARY'] = secret('env')
  make()
  await tell(0, 'validate')
  await tell(undefined, 'diff')
  await tell(undefined, 'diff', '--json')
  await tell(0, 'up', '--yes')
  make({ fails: true })
  await tell(3, 'up', '--yes', '--json')
  make({ fails: false })
  await tell(0, 'up', '--yes')
  site.write({ conf: 'password=x\n', 'kept/one': 'another one\n' })
  await tell(undefined, 'drift')
  await tell(undefined, 'drift', '--json')
  looking = commandsIn(site.directory)
})
afterAll(async () => {
  delete process.env['CANARY']
  await looking.end()
  await site.end()
})

test('the roles had all of them', () => {
  // Written by the template before the file was changed by hand, and said by the script.
  const log = readFileSync(site.path('.anneal/runs/run-1.log'), 'utf8')
  expect(log).toMatch(/ANNEAL_INPUT_B_PARENT=••••••/)
  expect(log).not.toMatch(/ANNEAL_INPUT_FILE=\{/)
})

test.each([
  ['status', '--all'],
  ['why', 'here/vault'],
  ...['a_package', 'b_parent', 'f_hint', 'h_role', 'file'].map((input) => ['why', 'here/vault', input]),
  ['why', 'here/ping', 'others'],
  ['why', 'here/pong'],
  ['trace', 'here/vault.early'],
  ['runs'],
  ['timeline'],
  ['show', '1'],
  ['show', '2', '--roles'],
  ['cycles'],
  ['secrets'],
  ['nodes'],
  ['logs', 'run-1'],
  ['watch', '--until-rest'],
  ['simulate'],
])('anneal %s', async (...words) => {
  for (const more of [[], ['--json']]) {
    const done = await looking.anneal(...words, ...more)
    expect(done.said).not.toBe('')
    said.push(done.said)
  }
})

test('nothing that was said holds one', () => {
  expect(said.join('\n')).toMatch(/\(sensitive\)/)
  expect(found(said.join('\n'))).toEqual([])
})

test('nothing that is kept holds one, nor the digest of a run that had one', async () => {
  expectKept()
  const texts = unpacked().filter((text) => text.includes('"runStarted"'))
  expect(texts.length).toBeGreaterThan(0)
  for (const text of texts) expect(text).not.toMatch(/"digest":"[0-9a-f]{64}","inputs":\{"[a-h]_/)
})

test('nor does the log of a process that was killed at work', async () => {
  make({ waits: true })
  const running = site.start('up', '--yes')
  await running.says(/> d\/here\/vault +apply, its input waits changed/)
  running.kill('SIGKILL')
  said.push((await running.ended).said)
  expect(readdirSync(site.path('.anneal'))).toContain('journal.db-wal')
  expectKept()
  make({ waits: false })
  await tell(0, 'up', '--yes')
  await tell(0, 'secrets', 'rotate')
  await tell(0, 'status')
  expectKept()
  expect(found(said.join('\n'))).toEqual([])
})

test('and the search finds what it looks for', () => {
  const text = secret('parent')
  const forms = [text, JSON.stringify(text), encodeURIComponent(text), `a${text}`, `ab${text}`]
  for (const form of forms) {
    expect(found(form)).toEqual(['parent'])
    expect(found(Buffer.from(form).toString('base64'))).toEqual(['parent'])
    expect(found(Buffer.from(form).toString('base64url'))).toEqual(['parent'])
  }
})

function expectKept(): void {
  for (const name of readdirSync(site.path('.anneal'), { recursive: true }) as string[]) {
    const path = join(site.path('.anneal'), name)
    if (statSync(path).isFile()) expect(found(readFileSync(path, 'latin1')), name).toEqual([])
  }
  for (const text of unpacked()) expect(found(text)).toEqual([])
}

/** What zstd hides: batches, snapshots and blobs as they were before they were packed. */
function unpacked(): string[] {
  const db = new DatabaseSync(site.path('.anneal/journal.db'), { readOnly: true })
  const rows = ['batches', 'snapshot_parts', 'blobs'].flatMap((table) =>
    db.prepare(`SELECT packing, bytes FROM ${table}`).all(),
  )
  db.close()
  return rows.map(({ packing, bytes }) => {
    const all = bytes as Uint8Array
    return Buffer.from(packing === 1 ? zstdDecompressSync(all) : all).toString('latin1')
  })
}
