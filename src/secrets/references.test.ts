// References: what each kind brings, and what is said when it cannot be had; Vault is an HTTP server that speaks KV version 2.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { VaultSettings } from '../model/secrets.ts'
import { type Resolved, referenceIn, type SecretReference } from '../model/secret-reference.ts'
import { type FollowOptions, followReferences } from './references.ts'

const never = new AbortController().signal
let dir: string
let env: Record<string, string>
let settings: VaultSettings
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-references-'))
  env = { HOME: dir, PASSWORD: 'from the environment' }
  settings = {}
})
afterEach(() => rmSync(dir, { recursive: true }))

function resolver(more: Partial<FollowOptions> = {}) {
  return followReferences({ siteDir: dir, env, vault: async () => ({ ok: true, value: settings }), ...more })
}

function follow(secret: object, more: Partial<FollowOptions> = {}): Promise<Resolved> {
  return resolver(more)(referenceIn({ secret } as never) as SecretReference, never)
}

describe('files, the environment and commands', () => {
  test('bring text without its line end', async () => {
    writeFileSync(join(dir, 'one'), 'line 1\nline 2\n')
    expect(await follow({ file: 'one' })).toEqual({ ok: true, value: 'line 1\nline 2' })
    expect(await follow({ file: join(dir, 'one') })).toEqual({ ok: true, value: 'line 1\nline 2' })
    expect(await follow({ env: 'PASSWORD' })).toEqual({ ok: true, value: 'from the environment' })
    expect(await follow({ command: ['cat', 'one'] })).toEqual({ ok: true, value: 'line 1\nline 2' })
    expect(await follow({ command: ['printf', '%s', '$(id) "quoted"'] })).toEqual({
      ok: true,
      value: '$(id) "quoted"',
    })
  })

  test.each<[object, RegExp]>([
    [{ file: 'absent' }, /^the file absent: it cannot be read \(ENOENT\)$/],
    [{ file: '.' }, /it is not a file/],
    [{ file: 'large' }, /larger than 65536 bytes/],
    [{ file: 'bytes' }, /it is not text/],
    [{ file: 'empty' }, /it is empty/],
    [{ file: 'pipe' }, /it is not a file/],
    [{ env: 'ABSENT' }, /^the environment variable ABSENT: it is not set where Anneal runs$/],
    [{ env: 'toString' }, /it is not set/],
    [{ command: ['false'] }, /^the command false: it ended with exit code 1$/],
    [{ command: ['sh', '-c', 'echo no such entry >&2; exit 2'] }, /exit code 2: no such entry$/],
    [{ command: ['sh', '-c', 'echo se-cret; echo "not se-cret" >&2; exit 2'] }, /exit code 2$/],
    [{ command: ['no-such-program'] }, /could not be started \(ENOENT\)/],
    [{ command: ['sh', '-c', 'yes'] }, /printed more than 65536 bytes/],
    [{ command: ['true'] }, /it is empty/],
  ])('%j says why it cannot be had', async (secret, says) => {
    writeFileSync(join(dir, 'large'), 'x'.repeat(70_000))
    writeFileSync(join(dir, 'bytes'), Buffer.from([0xff, 0xfe]))
    writeFileSync(join(dir, 'empty'), '\n')
    await follow({ command: ['mkfifo', 'pipe'] })
    const found = await follow(secret)
    expect(found).toEqual({ ok: false, message: expect.stringMatching(says) })
  })

  test('what takes too long is ended, with what it started', async () => {
    const command = ['sh', '-c', 'sleep 1000 & echo $! >child.new; mv child.new child; wait']
    // Longer once more where it had not begun by then.
    for (const timeoutMs of [1_000, 5_000, 25_000]) {
      const found = await follow({ command }, { timeoutMs })
      const says = new RegExp(`did not end within ${timeoutMs / 1_000}(\\.0)? s`)
      expect(found).toEqual({ ok: false, message: expect.stringMatching(says) })
      if (existsSync(join(dir, 'child'))) break
    }
    await ended(Number(readFileSync(join(dir, 'child'), 'utf8')))
  })

  test('equal ones that are asked for together are followed once, and ended when nobody wants them', async () => {
    const resolve = resolver()
    const count = { kind: 'command' as const, argv: ['sh', '-c', 'echo x >>times; sleep 0.2; echo done'] }
    const found = await Promise.all([1, 2, 3].map(() => resolve(count, never)))
    expect(found.map((one) => one.ok)).toEqual([true, true, true])
    expect(readFileSync(join(dir, 'times'), 'utf8')).toBe('x\n')

    const wait = { kind: 'command' as const, argv: ['sh', '-c', 'echo $$ >pid; exec sleep 1000'] }
    const [one, other] = [new AbortController(), new AbortController()]
    const both = [resolve(wait, one.signal), resolve(wait, other.signal)]
    one.abort()
    other.abort()
    for (const each of await Promise.all(both)) expect(each).toMatchObject({ ok: false })
  })
})

test('what is no reference', () => {
  for (const secret of [
    'x',
    {},
    { file: '' },
    { file: 'a', env: 'b' },
    { env: 'A=B' },
    { command: 'pass show x' },
    { command: [] },
    { command: ['a', 1] },
    { vault: { path: 'secret/x' } },
    { vault: { path: 'secret', field: 'f' } },
    { vault: { path: 'secret/../sys/seal', field: 'f' } },
    { vault: { path: 'secret/x', field: 'f', version: 1 } },
    { s3: 'bucket' },
  ])
    expect(referenceIn({ secret } as never), JSON.stringify(secret)).toBeUndefined()
  expect(referenceIn({ secret: { file: 'a' }, more: 1 })).toBeUndefined()
})

/** Of Vault 1.x, as its API documentation of KV version 2 tells: paths, headers, bodies and status codes. */
describe('Vault', () => {
  let server: Server
  let address: string
  let asked: IncomingMessage[] = []
  let answering: ((answer: ServerResponse) => void) | undefined

  const SECRETS: Record<string, object> = {
    '/v1/secret/data/team/db': { password: 'from Vault', port: 5432, tls: { key: 'k' } },
    '/v1/team/kv/data/app': { token: 't' },
  }

  beforeAll(async () => {
    server = createServer((request, answer) => {
      asked.push(request)
      if (answering) return answering(answer)
      const send = (status: number, body: object): void => {
        answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      if (request.headers['x-vault-token'] !== 's.right') return send(403, { errors: ['permission denied'] })
      if (request.url === '/v1/secret/data/gone')
        return send(404, {
          data: {
            data: null,
            metadata: { deletion_time: '2026-01-01T00:00:00Z', destroyed: false, version: 2 },
          },
        })
      const data = SECRETS[request.url ?? '']
      if (!data) return send(404, { errors: [] })
      send(200, {
        request_id: '1',
        lease_id: '',
        renewable: false,
        data: {
          data,
          metadata: { created_time: '2026-01-01T00:00:00Z', deletion_time: '', destroyed: false, version: 1 },
        },
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))
  beforeEach(() => {
    asked = []
    answering = undefined
    env['VAULT_ADDR'] = address
    env['VAULT_TOKEN'] = 's.right'
  })

  const password = { vault: { path: 'secret/team/db', field: 'password' } }

  test('brings a field, whatever it is; the token is sent in a header only', async () => {
    expect(await follow(password)).toEqual({ ok: true, value: 'from Vault' })
    expect(await follow({ vault: { path: 'secret/team/db', field: 'tls' } })).toEqual({
      ok: true,
      value: { key: 'k' },
    })
    expect(await follow({ vault: { mount: 'team/kv', path: 'app', field: 'token' } })).toEqual({
      ok: true,
      value: 't',
    })
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v1/secret/data/team/db',
      'GET /v1/secret/data/team/db',
      'GET /v1/team/kv/data/app',
    ])
    expect(asked[0]?.headers).toMatchObject({ 'x-vault-request': 'true', 'x-vault-token': 's.right' })
  })

  test('takes address, namespace and token from anneal.yaml before the environment, and the token that a login left', async () => {
    env['VAULT_ADDR'] = 'http://127.0.0.1:1'
    env['VAULT_TOKEN'] = 's.wrong'
    writeFileSync(join(dir, 'token'), 's.right\n')
    settings = { address, tokenFile: 'token', namespace: 'ns1' }
    expect(await follow(password)).toEqual({ ok: true, value: 'from Vault' })
    expect(asked[0]?.headers['x-vault-namespace']).toBe('ns1')
    settings = { address }
    delete env['VAULT_TOKEN']
    expect(await follow(password)).toMatchObject({ message: expect.stringMatching(/there is no token/) })
    writeFileSync(join(dir, '.vault-token'), 's.right')
    expect(await follow(password)).toEqual({ ok: true, value: 'from Vault' })
  })

  test.each<[string, object, RegExp]>([
    [
      'no field',
      { vault: { path: 'secret/team/db', field: 'pass' } },
      /^pass of secret\/team\/db in Vault: it has no field pass, but password, port, tls$/,
    ],
    [
      'a field of the language',
      { vault: { path: 'secret/team/db', field: 'constructor' } },
      /no field constructor/,
    ],
    ['nothing there', { vault: { path: 'secret/team/absent', field: 'f' } }, /nothing at this path.*\(404\)/],
    ['deleted', { vault: { path: 'secret/gone', field: 'f' } }, /its latest version was deleted/],
  ])('%s', async (_what, secret, says) => {
    expect(await follow(secret)).toEqual({ ok: false, message: expect.stringMatching(says) })
  })

  test('a wrong token, no address, nobody there, other answers: each is said, none shows a token', async () => {
    const said: string[] = []
    const says = async (pattern: RegExp, more: Partial<FollowOptions> = {}): Promise<void> => {
      const found = await follow(password, more)
      expect(found).toEqual({ ok: false, message: expect.stringMatching(pattern) })
      if (!found.ok) said.push(found.message)
    }
    env['VAULT_TOKEN'] = 's.wrong'
    await says(/may not read it.*403/)
    env['VAULT_TOKEN'] = 'two\nlines'
    await says(/what VAULT_TOKEN holds is no token/)
    env['VAULT_TOKEN'] = 's.right'
    answering = (answer) => answer.writeHead(503).end('{"errors":["Vault is sealed"]}')
    await says(/Vault is sealed/)
    answering = (answer) => answer.writeHead(400).end('{"errors":["bad \\u001b[31mthing"]}')
    await says(/Vault answered 400: bad ␛\[31mthing/)
    answering = (answer) => answer.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
    await says(/Vault answered 307/)
    answering = (answer) => answer.end('<html>')
    await says(/something else than a secret/)
    answering = (answer) => answer.end('{"data":{"data":["password"]}}')
    await says(/something else than a secret/)
    answering = (answer) => answer.end('x'.repeat(2 * 1024 * 1024))
    await says(/more than 1048576 bytes/)
    answering = (answer) => void answer.write('{')
    await says(/no answer within 200 ms/, { timeoutMs: 200 })
    answering = (answer) => answer.destroy()
    await says(/does not answer \(ECONNRESET\)/)
    env['VAULT_ADDR'] = 'http://127.0.0.1:1'
    await says(/127.0.0.1:1 does not answer \(ECONNREFUSED\)/)
    env['VAULT_ADDR'] = 'ftp://x'
    await says(/no address of a Vault/)
    delete env['VAULT_ADDR']
    await says(/nobody says where Vault is/)
    settings = { address: 'https://127.0.0.1:1', caFile: 'absent.pem' }
    await says(/the certificates in absent.pem cannot be read/)
    expect(said.join('\n')).not.toMatch(/s\.right|s\.wrong|two\nlines/)
  })
})

async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
