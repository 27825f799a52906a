// Backup and restore, as docs/guide/database.md tells them: taken while a site anneals, put into an empty place, served from.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type TestPostgres, testPostgres } from '../support/postgres.ts'
import { siteDir, type SiteDir } from '../support/site-dir.ts'

const NODES = ['n1', 'n2', 'n3']
const SECRET = 'hunter2hunter2'

let site: SiteDir
afterEach(() => site.end())

describe('embedded', () => {
  test('copied by SQLite', async () => {
    site = siteDir()
    await lived({
      save() {
        const journal = new DatabaseSync(site.path('.anneal', 'journal.db'))
        journal.exec(`VACUUM INTO '${site.path('backup.db')}'`)
        journal.close()
      },
      restore() {
        writeFileSync(site.path('.anneal', 'journal.db'), readFileSync(site.path('backup.db')))
      },
    })
  })

  test('exported and imported', async () => {
    site = siteDir()
    await lived(exported())
  })
})

describe('in PostgreSQL', () => {
  let postgres: TestPostgres
  const env = { ANNEAL_DATABASE: '' }
  beforeAll(async () => {
    postgres = await testPostgres()
  })
  afterAll(() => postgres.stop())

  test('exported and imported', async () => {
    env.ANNEAL_DATABASE = postgres.url()
    site = siteDir({ env })
    const { save, restore } = exported()
    await lived({
      save,
      restore() {
        env.ANNEAL_DATABASE = postgres.url()
        return restore()
      },
    })
  })
})

/** Only where the machine has both: pg_dump reads no server that is newer than itself, and the packaged one comes without it. */
const debian = debianPostgres()
describe.skipIf(debian === undefined)('in PostgreSQL from Debian', () => {
  let postgres: TestPostgres
  const env = { ANNEAL_DATABASE: '' }
  beforeAll(async () => {
    postgres = await testPostgres(debian === undefined ? {} : { installed: debian })
  })
  afterAll(() => postgres.stop())

  test('dumped and restored', async () => {
    env.ANNEAL_DATABASE = postgres.url()
    site = siteDir({ env })
    const [database = '', schema = ''] = env.ANNEAL_DATABASE.split('&schema=')
    await lived({
      save() {
        tool(
          'pg_dump',
          `--schema=${schema}`,
          '--format=custom',
          `--file=${site.path('anneal.dump')}`,
          database,
        )
      },
      async restore() {
        // The database is another one, as that of a machine that came in the place of the lost one is.
        await postgres.stop()
        postgres = await testPostgres(debian === undefined ? {} : { installed: debian })
        const [anew = ''] = postgres.url().split('&schema=')
        env.ANNEAL_DATABASE = `${anew}&schema=${schema}`
        tool('pg_restore', `--dbname=${anew}`, site.path('anneal.dump'))
      },
    })
  })

  function tool(name: string, ...words: string[]): void {
    const done = spawnSync(join(debian ?? '', 'bin', name), words, { encoding: 'utf8' })
    expect(done.status, done.stderr).toBe(0)
  }
})

interface Way {
  save: () => void | Promise<void>
  restore: () => void | Promise<void>
}

/** By Anneal itself, wherever the journal is. */
function exported(): Way {
  return {
    async save() {
      const { code, stdout } = await site.anneal('journal', 'export')
      expect(code).toBe(0)
      site.write({ 'journal.ndjson': stdout })
    },
    async restore() {
      expect(await site.anneal('journal', 'import', 'journal.ndjson')).toMatchObject({ code: 0 })
    },
  }
}

/**
 * A change is half-way when the backup is taken: n1 has it, n2 is at it, n3 waits. It goes on to its end, then the machine burns
 * down; all that is left are the files of the site, the backup, the key, and the nodes as they are.
 */
async function lived({ save, restore }: Way): Promise<void> {
  make(1)
  site.write({ 'go-n1': '', 'go-n2': '', 'go-n3': '' })
  let server = await served()
  expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
  const before = await anchor()

  make(2)
  for (const node of ['n2', 'n3']) rmSync(site.path(`go-${node}`))
  const asked = site.start('up', '--yes')
  await until(() => log().includes('begin n2 2'))
  // Said of both versions: what it says is in the journal.
  await server.says(/(?:^\+ d\/n1\/second [^]*?){2}/m)
  await save()
  site.write({ 'go-n2': '', 'go-n3': '' })
  expect(await asked.ended).toMatchObject({ code: 0 })
  expect(await site.anneal('hold', 'n3', '-m', 'after the backup')).toMatchObject({ code: 0 })
  server.kill('SIGKILL')
  await server.ended

  const key = readFileSync(site.path('.anneal', 'secrets.key'))
  rmSync(site.path('.anneal'), { recursive: true })
  mkdirSync(site.path('.anneal'), { mode: 0o700 })
  await restore()
  writeFileSync(site.path('.anneal', 'secrets.key'), key, { mode: 0o600 })

  // It holds all that was there before it was begun, and ends before what came after it.
  expect(await site.anneal('journal', 'verify', '--anchor', before)).toMatchObject({ code: 0 })
  const lines = log()
  server = await served()
  expect(await site.anneal('watch', '--until-rest')).toMatchObject({ code: 0 })
  const again = log().slice(lines.length)
  expect(again.filter((line) => / n1 /.test(line))).toEqual([])
  expect(again.filter((line) => / n[23] /.test(line)).length).toBeGreaterThan(0)
  expect((await site.anneal('why', 'n3/second')).said).not.toContain('after the backup')
  for (const node of NODES) expect(site.read(`state-${node}`)).toBe(`2 ${SECRET}\n`)
  expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
  const told = await site.anneal('journal', 'verify')
  expect(told).toMatchObject({ code: 0 })
  server.kill('SIGTERM')
  await server.ended
}

async function served(): Promise<ReturnType<SiteDir['start']>> {
  const server = site.start('serve', '--listen', '127.0.0.1:0')
  await server.says(/http:\/\/127\.0\.0\.1:\d+/)
  return server
}

/** `first` tells a secret; `second` waits for its gate and writes down what it was given. */
function make(version: number): void {
  const directory = { type: 'string', default: site.directory }
  site.make({
    nodes: Object.fromEntries(NODES.map((name) => [name, { local: true }])),
    deployment: { nodes: 'true' },
    roles: {
      first: {
        outputs: { word: { sensitive: true } },
        apply: { run: `echo "word=${SECRET}" >>"$ANNEAL_OUTPUTS"` },
      },
      second: {
        requires: ['first'],
        inputs: {
          directory,
          version: { type: 'integer', default: version },
          word: { from: 'first.word', sensitive: true },
        },
        apply: 'second.sh',
      },
    },
  })
  site.write({ 'packages/p/scripts/second.sh': SECOND })
}

const SECOND = `#!/bin/sh
cd "$ANNEAL_INPUT_DIRECTORY"
echo "begin $ANNEAL_NODE $ANNEAL_INPUT_VERSION" >>log
while [ ! -e "go-$ANNEAL_NODE" ]; do sleep 0.05; done
echo "$ANNEAL_INPUT_VERSION $ANNEAL_INPUT_WORD" >"state-$ANNEAL_NODE"
echo "end $ANNEAL_NODE $ANNEAL_INPUT_VERSION" >>log
`

function log(): string[] {
  return existsSync(site.path('log')) ? site.read('log').split('\n').filter(Boolean) : []
}

async function anchor(): Promise<string> {
  const { lines } = await site.json('journal', 'verify')
  return String(lines.find(({ kind }) => kind === 'journal')?.['anchor'])
}

function debianPostgres(): string | undefined {
  const shelf = '/usr/lib/postgresql'
  const versions = existsSync(shelf) ? readdirSync(shelf) : []
  return versions
    .map((version) => join(shelf, version))
    .find((home) =>
      ['postgres', 'pg_dump', 'pg_restore'].every((name) => existsSync(join(home, 'bin', name))),
    )
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((later) => setTimeout(later, 50))
}
