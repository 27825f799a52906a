// Secrets: given to scripts, and nowhere to be seen: not in what any command prints, not in transcripts, not in process lists.
// What is sealed in the journal, and everything else that is kept: secrets-canary.test.ts.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Done, siteDir } from '../support/site-dir.ts'
import { onTerminal } from '../support/terminal.ts'

const FIRST = 'hunter2-First "quoted" $ecret\nsecond line of it'
const SECOND = 'hunter2-Second+/=='
const DEEP = 'hunter2-Deep'
const site = siteDir()
/** All that was ever printed. */
const said: string[] = []

const vault = {
  inputs: {
    password: { type: 'string', minLength: 10, sensitive: true },
    keys: { type: 'object', sensitive: true, default: { a: [DEEP] } },
    plain: { type: 'string', default: 'in the open' },
    fails: { type: 'boolean', default: false },
  },
  outputs: {
    token: { type: 'string', sensitive: true },
    early: { value: 'inputs.password', sensitive: true },
  },
  files: {},
  apply: {
    run: `#!/bin/sh
echo "the password is $ANNEAL_INPUT_PASSWORD"
echo "$ANNEAL_INPUT_PASSWORD" >&2
echo "$ANNEAL_INPUT_KEYS"
cat "$ANNEAL_INPUTS"
env
printf %s "$ANNEAL_INPUT_PASSWORD" | base64
tr '\\0' '\\n' </proc/$$/cmdline
cat "$ANNEAL_INPUTS" >>"${site.path('given')}"
node -e 1 2>/dev/null || :
{ echo 'token<<END'; printf '%s-token\\n' "$ANNEAL_INPUT_PASSWORD"; echo END; } >>"$ANNEAL_OUTPUTS"
if [ "$ANNEAL_INPUT_FAILS" = true ]; then echo "cannot log in with $ANNEAL_INPUT_PASSWORD" >&2; exit 1; fi
`,
  },
  retry: { attempts: 1 },
}
const reader = {
  inputs: {
    token: { from: 'vault.token', type: 'string', sensitive: true },
    early: { from: 'vault.early', type: 'string', sensitive: true },
    made: { value: "'user:' + inputs.token", type: 'string', sensitive: true },
  },
  apply: { run: 'echo "$ANNEAL_INPUT_TOKEN $ANNEAL_INPUT_EARLY $ANNEAL_INPUT_MADE"' },
}

function make(password: string, more: object = {}): void {
  site.make({ roles: { vault, reader }, deployment: { values: { vault: { password, ...more } } } })
}

async function tell(...words: string[]): Promise<Done> {
  const done = await site.anneal(...words)
  said.push(done.said)
  return done
}

beforeAll(async () => {
  make(FIRST)
  await tell('diff')
  expect((await tell('up', '--yes')).code).toBe(0)
  make(SECOND)
  await tell('diff')
  await tell('diff', '--json')
  said.push(await onTerminal(site.directory, ['up', '--yes']))
  make(FIRST, { fails: true })
  expect((await tell('up', '--yes', '--json')).code).toBe(3)
  make(SECOND, { fails: true })
  expect((await tell('up', '--yes')).code).toBe(3)
})
afterAll(() => site.end())

test.each([
  [['status', '--all']],
  [['why', 'here/vault']],
  [['why', 'here/vault', 'password']],
  [['why', 'here/vault', 'keys']],
  [['why', 'here/reader']],
  [['why', 'here/reader', 'made']],
  [['runs']],
  [['timeline']],
  [['logs', 'here/vault']],
  [['logs', 'run-1', '--raw']],
  [['watch', '--until-rest']],
  [['facts', 'here']],
])('%j, for people and for programs', async (words) => {
  await tell(...words)
  if (!words.includes('--raw')) await tell(...words, '--json')
  expectNothing()
})

test('what was printed tells everything else', () => {
  const all = said.join('\n')
  expect(all).toMatch(/password +\(sensitive\)/)
  expect(all).toMatch(/in the open/)
  expect(all).toMatch(/cannot log in with •+/)
  expectNothing()
})

test('transcripts and other files of ours hold none, and are for their owner alone', () => {
  for (const name of readdirSync(site.path('.anneal'), { recursive: true }) as string[]) {
    const path = join(site.path('.anneal'), name)
    if (statSync(path).isDirectory()) continue
    expect(readFileSync(path, 'latin1'), name).not.toMatch(/hunter2/)
  }
  expect(statSync(site.path('.anneal')).mode & 0o077).toBe(0)
})

test('the script was given all of it', () => {
  const given = site.read('given')
  for (const text of [FIRST, SECOND, DEEP]) expect(given).toContain(JSON.stringify(text).slice(1, -1))
})

test('a value that is refused is not shown either', async () => {
  make('hunter2')
  const { code, said: told } = await site.anneal('up', '--yes')
  expect(code).toBe(5)
  expect(told).toMatch(/password is sensitive and not shown: expected at least 10 characters/)
  expect(told).not.toMatch(/hunter2/)
  const json = await site.json('validate')
  expect(JSON.stringify(json.lines)).not.toMatch(/hunter2/)
})

function expectNothing(): void {
  const all = said.join('\n')
  const seen = [
    /hunter2.{0,30}/,
    /second line of it/,
    new RegExp(Buffer.from(FIRST).toString('base64').slice(0, 24)),
  ]
  for (const secret of seen) expect(secret.exec(all)?.[0]).toBeUndefined()
}
