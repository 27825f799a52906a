// A journal that cannot be used: damaged, newer than this Anneal, on a disk that is full. Nothing is touched, and once it is
// mended work goes on.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { siteDir, type SiteDir } from '../support/site-dir.ts'

const mayMount = process.getuid?.() === 0

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

function make(text: string, script = 'printf %s "$ANNEAL_INPUT_TEXT" >"$ANNEAL_INPUT_OUT"'): void {
  const page = { inputs: { text: { type: 'string' }, out: { type: 'string' } }, apply: { run: script } }
  site.make({ roles: { page }, deployment: { values: { page: { text, out: site.path('page') } } } })
}

describe('a journal that is not what was written', () => {
  const cases: { what: string; harm: (db: string) => void; code: string; says: RegExp }[] = [
    {
      what: 'cut off',
      harm: (db) => truncateSync(db, 20_000),
      code: 'damagedJournal',
      says: /journal\.db is damaged: .*Nothing was changed/,
    },
    {
      what: 'with events that are not those that were written',
      harm: (db) => sql(db, 'UPDATE batches SET bytes = zeroblob(length(bytes)) WHERE first_seq = 1'),
      code: 'damagedJournal',
      says: /journal\.db is damaged: .*Nothing was changed/,
    },
    {
      what: 'overwritten by a text',
      harm: (db) => writeFileSync(db, 'hello\n'.repeat(9_000)),
      code: 'damagedJournal',
      says: /journal\.db is damaged: .*Nothing was changed/,
    },
    {
      what: 'of a newer version',
      harm: (db) => sql(db, "INSERT INTO layouts VALUES (99, 0, '9.9.0'); PRAGMA user_version = 99"),
      code: 'newerJournal',
      says: /was written by anneal 9\.9\.0.*Nothing was changed/,
    },
  ]
  test.each(cases)('$what', async ({ harm, code, says }) => {
    make('hello')
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
    cpSync(site.path('.anneal'), site.path('backup'), { recursive: true })
    harm(site.path('.anneal/journal.db'))
    make('bye')
    const before = site.kept()

    const { code: exit, lines, done } = await site.json('up', '--yes')
    expect(exit, done.said).toBe(1)
    expect(lines.at(-1)).toMatchObject({
      kind: 'refusal',
      refusal: { code, message: expect.stringMatching(says) },
    })
    expect(done.stderr).toMatch(says)
    expect(done.stderr).toMatch(/next: /)
    const looks = [['status'], ['diff'], ['why', 'here/page'], ['runs']]
    for (const looked of await Promise.all(looks.map((words) => site.anneal(...words)))) {
      expect(looked).toMatchObject({ code: 1, stderr: expect.stringMatching(says) })
    }
    expect(site.kept()).toBe(before)
    expect(site.read('page')).toBe('hello')
    expect(await site.anneal('validate')).toMatchObject({ code: 0 })

    rmSync(site.path('.anneal'), { recursive: true })
    cpSync(site.path('backup'), site.path('.anneal'), { recursive: true })
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
    expect(site.read('page')).toBe('bye')
  })
})

describe.skipIf(!mayMount)('a disk that is full under the journal', () => {
  beforeEach(() => {
    mkdirSync(site.path('.anneal'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'e2e', site.path('.anneal')])
  })
  afterEach(() => {
    execFileSync('umount', ['-l', site.path('.anneal')])
  })

  test('before a commit: nothing is run', async () => {
    make('hello')
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
    make('x'.repeat(60_000))
    fill()
    const { code, lines, done } = await site.json('up', '--yes')
    expect(code, done.said).toBe(1)
    expect(lines.at(-1)).toMatchObject({ kind: 'refusal', refusal: { code: 'journalFault' } })
    expect(done.stderr).toMatch(/the disk is full[\s\S]*next: /)
    expect(site.read('page')).toBe('hello')

    rmSync(site.path('.anneal/filler'))
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
    expect(site.read('page')).toHaveLength(60_000)
  })

  test('while a run is in flight: it is run again, and nothing is told twice', async () => {
    make(
      'x'.repeat(1_000),
      'echo ran >>"$ANNEAL_INPUT_OUT"; cat /dev/zero >"${ANNEAL_INPUT_OUT%page}.anneal/filler" || :',
    )
    const { code, lines, done } = await site.json('up', '--yes')
    expect(code, done.said).toBe(1)
    expect(lines.at(-1)).toMatchObject({ kind: 'refusal', refusal: { code: 'journalFault' } })
    expect(site.read('page')).toBe('ran\n')

    rmSync(site.path('.anneal/filler'))
    const status = await site.json('status')
    expect(status.lines.find(({ kind }) => kind === 'nodeRole')).toMatchObject({ state: 'transition' })
    make('x'.repeat(1_000), 'echo ran again >>"$ANNEAL_INPUT_OUT"')
    const again = await site.json('up', '--yes')
    expect(again.code, again.done.said).toBe(0)
    expect(site.read('page')).toBe('ran\nran again\n')
  })

  function fill(): void {
    const file = openSync(site.path('.anneal/filler'), 'w')
    try {
      for (const piece of [Buffer.alloc(65_536), Buffer.alloc(1)]) {
        try {
          for (;;) writeSync(file, piece)
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
        }
      }
    } finally {
      closeSync(file)
    }
  }
})

function sql(db: string, statement: string): void {
  const opened = new DatabaseSync(db)
  opened.exec(statement)
  opened.close()
}
