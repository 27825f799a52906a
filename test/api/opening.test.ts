// Opening a server: what it refers to is read or said, over TLS cookies are for TLS alone, and this machine has a way in.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openingOf } from '../../src/api/opening.ts'
import { startServer } from '../../src/api/server.ts'
import { loadServerSettings } from '../../src/content/load-server.ts'
import { OPEN } from '../support/open-access.ts'
import { readSecretsBy } from '../support/read-secrets.ts'
import { testServing } from '../support/serving.ts'

const readSecret = readSecretsBy({})

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-opening-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

async function opening(text: string, listen?: { host: string; port: number }): ReturnType<typeof openingOf> {
  writeFileSync(join(dir, 'server.yaml'), text)
  const loaded = await loadServerSettings(dir)
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join('\n'))
  return openingOf(loaded.settings, listen, readSecret)
}

test.each([
  [
    'a certificate that is not there',
    'tls: { cert: cert.pem, key: key.pem }\n',
    'cert.pem cannot be read: ENOENT',
  ],
  [
    'a secret that is not there',
    'oidc: { issuer: "https://id.example.org", client_id: a, client_secret: { env: NOBODY_SET_THIS } }\nroles: [{ group: a, role: viewer }]\n',
    'the environment variable NOBODY_SET_THIS: it is not set where Anneal runs',
  ],
])('refused: %s', async (_what, text, message) => {
  expect(await opening(text)).toMatchObject({
    ok: false,
    refusal: { code: 'cannotListen', message: expect.stringContaining(message) as unknown },
  })
})

test('a flag opens no server to the world that its settings do not', async () => {
  const refused = await opening('tokens: true\n', { host: '0.0.0.0', port: 1 })
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'cannotListen' } })
  expect((await opening('tokens: true\n', { host: '127.0.0.1', port: 1 })).ok).toBe(true)
})

test('a secret is the first line of its file', async () => {
  const file = { kind: 'file', path: join(dir, 'secret') } as const
  writeFileSync(file.path, '  hush \nand a remark\n')
  expect(await readSecret(file)).toEqual({ ok: true, value: 'hush' })
  writeFileSync(file.path, '\n')
  expect((await readSecret(file)).ok).toBe(false)
  const argv = ['printf', '%s', 'hush\nand a remark']
  expect(await readSecret({ kind: 'command', argv })).toEqual({ ok: true, value: 'hush' })
})

test('over TLS, and beside it on this machine alone', async () => {
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    ],
    { cwd: dir, stdio: 'ignore' },
  )
  const opened = await opening('listen: 127.0.0.1:0\ntls: { cert: cert.pem, key: key.pem }\n')
  if (!opened.ok) throw new Error(opened.refusal.message)
  const serving = await testServing()
  const { settings, tls } = opened.value
  const server = await startServer({
    serving,
    version: '0.0.0',
    instance: 'one',
    listen: settings.listen,
    access: OPEN,
    ...(tls && { tls }),
    transcriptPath: (run) => run,
    onMistake: () => {},
  })
  expect([server.url.slice(0, 8), server.local.slice(0, 17)]).toEqual(['https://', 'http://127.0.0.1:'])
  const status = await new Promise((resolve, reject) => {
    const ca = readFileSync(join(dir, 'cert.pem'))
    request(`${server.url}/version`, { ca }, (response) => {
      response.resume()
      resolve([response.statusCode, response.headers['strict-transport-security']])
    })
      .on('error', reject)
      .end()
  })
  expect(status).toEqual([200, 'max-age=31536000'])
  expect((await fetch(`${server.local}/version`)).status).toBe(200)
  await server.close()
  await serving.close()
})
