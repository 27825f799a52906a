// A canary in every place where a secret may stand: found in no byte of what Anneal keeps and in nothing that it says, in no form.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { siteDir } from '../support/site-dir.ts'

const site = siteDir()
const said: string[] = []

/** Each with signs that are escaped somewhere, and one that is short enough to be its own digest. */
const CANARIES = [
  'roleDefault',
  'packageDefault',
  'parent',
  'deployment',
  'placement',
  'group',
  'hint',
  'override',
  'made',
  'file',
  'env',
  'command',
] as const
type Canary = (typeof CANARIES)[number]
const core = (name: Canary): string => `canary${name}Zq7xK`
const secret = (name: Canary): string => (name === 'hint' ? core(name) : `"${core(name)}/+ ü'$`)

const password = { type: 'string', sensitive: true }
const roles = {
  vault: {
    inputs: {
      ...Object.fromEntries(
        ['a_package', 'b_parent', 'c_deployment', 'd_placement', 'e_group', 'f_hint', 'g_override'].map(
          (name) => [name, password],
        ),
      ),
      h_role: { ...password, default: secret('roleDefault') },
      file: password,
      env: password,
      command: password,
      fails: { type: 'boolean', default: false },
      waits: { type: 'boolean', default: false },
    },
    outputs: {
      made: password,
      told: password,
      early: { ...password, value: "inputs.f_hint + '-early'" },
    },
    files: { [site.path('conf')]: { template: 'conf.j2', mode: '0600' } },
    apply: {
      run: `#!/bin/sh
env; cat "$ANNEAL_INPUTS" >&2
for one in "$ANNEAL_INPUT_B_PARENT" "$ANNEAL_INPUT_FILE"; do
  printf %s "$one" | base64; printf 'u:%s' "$one" | base64; printf 'xy%s' "$one" | base64
done
# In two parts: what a script says of itself is content, and no secret.
printf 'made=can%s\\ntold=%s-%s\\n' '${core('made').slice(3)}' "$ANNEAL_INPUT_C_DEPLOYMENT" "$ANNEAL_INPUT_ENV" >>"$ANNEAL_OUTPUTS"
while [ "$ANNEAL_INPUT_WAITS" = true ]; do sleep 1; done
[ "$ANNEAL_INPUT_FAILS" = false ] || { echo "no entry for $ANNEAL_INPUT_D_PLACEMENT" >&2; exit 1; }
`,
    },
    check: { run: '#!/bin/sh\necho "$ANNEAL_INPUT_COMMAND"; exit 1\n' },
    drift: 'report',
    retry: { attempts: 1 },
  },
  /** A circle of early outputs that are made of a secret, through two roles, and back through a map. */
  ping: {
    inputs: {
      seed: { from: 'vault.early', ...password },
      others: { from: 'pong.back', take: 'map', wait: 'known', type: 'object', sensitive: true },
    },
    outputs: { there: { ...password, value: "inputs.seed + '-ping'" } },
    apply: { run: 'echo "$ANNEAL_INPUT_OTHERS"' },
  },
  pong: {
    inputs: { there: { from: 'ping.there', ...password }, all: { from: 'vault.told', ...password } },
    outputs: { back: { ...password, value: "inputs.there + '-pong'" } },
    apply: { run: 'echo "$ANNEAL_INPUT_THERE $ANNEAL_INPUT_ALL"' },
  },
}

function make(more: object = {}): void {
  site.make({ roles })
  site.write({
    'packages/p/package.yaml': JSON.stringify({
      name: 'p',
      version: '1.0.0',
      summary: 'a package',
      defaults: { vault: { a_package: secret('packageDefault') } },
    }),
    'packages/p/roles/vault/conf.j2': 'password={{ inputs.e_group }}\nuser=app\nfile={{ inputs.file }}\n',
    'kept/one': `${secret('file')}\n`,
    'kept/two': `${secret('command')}\n`,
    'anneal.yaml': JSON.stringify({
      site: 'demo',
      packages: ['./packages/p'],
      nodes: { here: { local: true, hints: { vault: { f_hint: secret('hint') } } } },
      deployments: {
        top: { nodes: true, values: { vault: { b_parent: secret('parent') } } },
        d: {
          parent: 'top',
          values: {
            vault: {
              c_deployment: secret('deployment'),
              file: { secret: { file: 'kept/one' } },
              env: { secret: { env: 'CANARY' } },
              command: { secret: { command: ['cat', 'kept/two'] } },
              ...more,
            },
          },
          groups: [{ nodes: true, values: { vault: { e_group: secret('group') } } }],
          overrides: { 'here/vault': { g_override: secret('override') } },
          roles: [{ role: 'vault', values: { d_placement: secret('placement') } }, 'ping', 'pong'],
        },
      },
    }),
  })
}

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
})
afterAll(async () => {
  delete process.env['CANARY']
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
  await tell(undefined, ...words)
  await tell(undefined, ...words, '--json')
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

/** By the letters that no escaping touches, and by the digits that are theirs alone in base64, wherever they begin. */
function found(text: string): Canary[] {
  return CANARIES.filter((name) => {
    const digits = [0, 1, 2].map((before) => {
      const encoded = Buffer.from('x'.repeat(before) + core(name)).toString('base64')
      return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + core(name).length) * 8) / 6))
    })
    return [core(name), ...digits].some((form) => text.includes(form))
  })
}
