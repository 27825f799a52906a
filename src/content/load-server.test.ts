// Settings of a server: what is read, what is refused and where, and that nobody opens a server to the world by accident.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { loadServerSettings } from './load-server.ts'

let site: string

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'anneal-server-'))
  return () => rm(site, { recursive: true })
})

async function load(text: string): Promise<Awaited<ReturnType<typeof loadServerSettings>>> {
  await writeFile(join(site, 'server.yaml'), text)
  return loadServerSettings(site)
}

async function faults(text: string): Promise<string[]> {
  const loaded = await load(text)
  return loaded.ok ? [] : loaded.faults.map(({ line, column, code }) => `${line}:${column} ${code}`)
}

const OIDC =
  'oidc: { issuer: "https://id.example.org", client_id: anneal }\nroles: [{ group: ops, role: operator }]\n'

test('without a file it listens on this machine alone', async () => {
  const loaded = await loadServerSettings(site)
  expect(loaded).toMatchObject({
    ok: true,
    settings: { listen: { host: '127.0.0.1', port: 7433 }, tokens: false },
  })
})

test('a patience in which a busy server would be taken for a silent one is refused', async () => {
  expect(await faults('standby: { patience: 5s }\n')).toEqual(['1:22 tooImpatient'])
  const least = 'standby: { patience: 6s }\n'
  expect(await load(least)).toMatchObject({
    ok: true,
    settings: { standby: { patienceMs: 6_000 } },
  })
})

test('all of it', async () => {
  const loaded = await load(`
listen: 0.0.0.0:443
url: https://anneal.example.org/
tls: { cert: tls/cert.pem, key: /etc/key.pem }
oidc:
  issuer: https://id.example.org
  client_id: anneal
  client_secret: { file: oidc.secret }
  audience: anneal-api
roles:
  - { group: ops, role: operator }
  - { group: dba, role: author, deployments: [store] }
limits: { failures: { burst: 3 } }
proxies: [10.0.0.0/8, '2001:db8::1']
sessions: { idle: 1h }
traces: { endpoint: "http://127.0.0.1:4318/v1/traces", headers: { X-Key: { env: TRACE_KEY } } }
webhooks: [{ name: chat, url: "https://chat.example.org/x", secrets: [{ env: CHAT }] }]
hooks: [{ name: git, does: propose, role: author, secrets: [{ file: git.secret }] }]
log: { format: json }
`)
  expect(loaded).toMatchObject({
    ok: true,
    settings: {
      listen: { host: '0.0.0.0', port: 443 },
      url: 'https://anneal.example.org',
      tls: { cert: join(site, 'tls/cert.pem'), key: '/etc/key.pem' },
      oidc: {
        name: 'id.example.org',
        clientSecret: { kind: 'file', path: join(site, 'oidc.secret') },
        groups: [
          { group: 'ops', grants: [{ role: 'operator' }] },
          { group: 'dba', grants: [{ role: 'author', deployments: ['store'] }] },
        ],
      },
      proxies: ['10.0.0.0/8', '2001:db8::1'],
      limits: { failures: { burst: 3, perSecond: 0.1 }, perAddress: { burst: 600 } },
      sessions: { idleMs: 3_600_000, mostMs: 7 * 86_400_000 },
      observe: {
        metrics: true,
        traces: { headers: { 'X-Key': { kind: 'env', name: 'TRACE_KEY' } } },
        webhooks: [{ name: 'chat', events: expect.arrayContaining(['run.failed']) as unknown }],
        hooks: [
          { name: 'git', does: 'propose', secrets: [{ kind: 'file', path: join(site, 'git.secret') }] },
        ],
      },
      log: { format: 'json', level: 'info' },
    },
  })
})

test.each([
  [
    'beyond this machine without TLS and without a way in',
    'listen: 0.0.0.0:80\n',
    ['1:1 openWithoutTls', '1:1 nobodyCouldSignIn'],
  ],
  ['a name may lead anywhere', 'listen: desk:80\ntls: { cert: a, key: b }\n', ['1:1 nobodyCouldSignIn']],
  [
    'an address that only looks like this machine',
    'listen: 127.0.0.1.example.org:80\ntokens: true\n',
    ['1:1 openWithoutTls'],
  ],
  ['no address to come back to', `listen: "[::]:443"\ntls: { cert: a, key: b }\n${OIDC}`, ['3:1 noAddress']],
  ['nobody may anything', 'oidc: { issuer: "https://id.example.org", client_id: a }\n', ['1:1 nobodyMay']],
  ['roles of nobody', 'roles: [{ group: ops, role: viewer }]\n', ['1:1 noProvider']],
  ['a provider that anybody could be', OIDC.replace('https', 'http'), ['1:18 openProvider']],
  ['a role that is none', 'roles: [{ group: ops, role: root }]\n', ['1:29 wrongValue']],
  [
    'a secret in the file itself',
    OIDC.replace('client_id', 'client_secret: hush, client_id'),
    ['1:58 wrongType'],
  ],
  ['a port of nobody', 'listen: 127.0.0.1:70000\n', ['1:9 badPort']],
])('refused: %s', async (_what, text, wanted) => {
  expect(await faults(text)).toEqual(wanted)
})

test.each([
  'listen: 127.0.0.1:7000\n',
  'listen: localhost:7000\n',
  'listen: "[::1]:7000"\n',
  'listen: 0.0.0.0:443\ntls: { cert: a, key: b }\ntokens: true\n',
  `${OIDC}`,
])('taken: %s', async (text) => {
  expect(await faults(text)).toEqual([])
})

test('a secret is referred to in each way in which an input may be, and in no other', async () => {
  const hooks = (secret: string): string =>
    `hooks: [{ name: git, does: drift, role: viewer, secrets: [${secret}] }]\n`
  for (const [secret, reference] of [
    ['{ command: [pass, show, x] }', { kind: 'command', argv: ['pass', 'show', 'x'] }],
    [
      '{ vault: { path: secret/anneal, field: hook } }',
      { kind: 'vault', path: 'secret/anneal', field: 'hook' },
    ],
    [
      '{ vault: { mount: team/kv, path: anneal, field: hook } }',
      { kind: 'vault', mount: 'team/kv', path: 'anneal', field: 'hook' },
    ],
  ] as const)
    expect(await load(hooks(secret))).toMatchObject({
      settings: { observe: { hooks: [{ secrets: [reference] }] } },
    })
  for (const secret of [
    'hush',
    '{ command: [] }',
    '{ vault: { path: anneal, field: hook } }',
    '{ vault: { path: secret/../x, field: hook } }',
    '{ vault: { path: secret/anneal } }',
    '{ file: a, env: B }',
    '{ command: ["a\\0b"] }',
  ])
    expect(await faults(hooks(secret))).not.toEqual([])
})
