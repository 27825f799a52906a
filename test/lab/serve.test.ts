// A server as a process: commands that find it, its end, its death, and the next one; on this machine.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type JsonLine, type Running, siteDir, type SiteDir } from '../support/site-dir.ts'

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

const WAITS =
  'cd "$ANNEAL_INPUT_DIR"; echo $$ >>begun; until [ -e go ]; do sleep 0.02; done; echo done >>done'
const QUICK = 'cd "$ANNEAL_INPUT_DIR"; echo quick >>done'

function make(roles: Record<string, { run: string; [more: string]: unknown }>): void {
  const dir = { type: 'string', default: site.directory }
  site.make({
    roles: Object.fromEntries(
      Object.entries(roles).map(([name, { run, ...more }]) => [
        name,
        { inputs: { dir }, apply: { run }, ...more },
      ]),
    ),
  })
}

async function serving(): Promise<Running & { url: string }> {
  const server = site.start('serve', '--listen', '127.0.0.1:0')
  const [url] = await server.says(/^http:\/\/127\.0\.0\.1:\d+$/m)
  return { ...server, url }
}

describe('commands of its machine', () => {
  test('find it by themselves, and are carried out by it with the same lines and exit codes', async () => {
    make({ one: { run: QUICK }, two: { run: QUICK, requires: ['one'] } })
    const server = await serving()
    expect(statSync(site.path('.anneal/server.json')).mode & 0o777).toBe(0o600)
    expect(statSync(site.path('.anneal/server.key')).mode & 0o777).toBe(0o600)
    expect((await site.anneal('status')).stdout).toMatch(/a proposal waits for your word/)
    expect(await site.anneal('diff')).toMatchObject({ code: 2, stdout: expect.stringMatching(/2 to add/) })
    expect((await site.anneal('up')).code).toBe(5)
    const up = await site.anneal('up', '--yes', '-m', 'the first')
    expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/ready {2}2 runs/) })
    expect(up.stdout).toMatch(/^> d\/here\/one {2}apply/m)
    expect(await site.anneal('up', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ready {2}nothing to run/),
    })
    expect((await site.anneal('timeline')).stdout).toMatch(/committed .* the first/)
    expect((await site.anneal('why', 'here/two')).stdout).toMatch(/its last success has today's inputs/)
    expect((await site.anneal('logs', 'run-1')).stdout).toMatch(/run-1 apply d\/here\/one/)
    expect((await site.anneal('hold', 'here', '-m', 'a look')).stdout).toBe(
      'held: here  (anneal release here)\n',
    )
    expect((await site.anneal('run', 'here/one')).code).toBe(4)
    expect((await site.anneal('release', 'here')).code).toBe(0)
    const exec = await site.anneal('exec', '--all', '--', 'sh', '-c', 'echo "a  b"; exit 4')
    expect(exec).toMatchObject({ code: 3, stdout: 'here | a  b\n' })
    expect((await site.anneal('drift')).code).toBe(0)
    expect((await site.anneal('simulate')).stdout).toMatch(/settles: all is active in the end/)
    expect(await site.anneal('why', 'here/tow')).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/did you mean .*here\/two/),
    })
    const status = await site.json('status')
    expect(status.lines.slice(1).map((one: JsonLine) => one['id'])).toEqual(['d/here/one', 'd/here/two'])
    server.kill('SIGTERM')
    const { code, said } = await server.ended
    expect([code, said]).toEqual([0, expect.stringMatching(/\* \S+ asked: hold here: a look/)])
    expect(existsSync(site.path('.anneal/server.json'))).toBe(false)
    expect((await site.anneal('status')).code).toBe(0)
  })

  test('up --only and run --only are refused, with what to do instead', async () => {
    make({ one: { run: QUICK } })
    const server = await serving()
    for (const words of [
      ['up', '--yes', '--only', 'here/one'],
      ['run', 'here/one', '--only'],
      ['up', '--stay'],
    ])
      expect(await site.anneal(...words)).toMatchObject({ code: 5, stderr: expect.stringMatching(/server/) })
    server.kill('SIGTERM')
    await server.ended
  })

  test('from elsewhere it is asked by its address and a token', async () => {
    make({ one: { run: QUICK } })
    const server = await serving()
    const key = site.read('.anneal/server.key').trim()
    expect(await site.anneal('--server', server.url, 'status')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nobody is signed in/),
    })
    writeFileSync(site.path('token'), `${key}\n`)
    process.env['ANNEAL_TOKEN_FILE'] = site.path('token')
    try {
      expect((await site.anneal('--server', server.url, 'status')).stdout).toMatch(/a proposal waits/)
      expect((await site.anneal('--server', server.url, 'up', '--yes')).code).toBe(0)
      expect((await site.anneal('--server', server.url, 'logs')).stdout).toMatch(/run-1 apply d\/here\/one/)
    } finally {
      delete process.env['ANNEAL_TOKEN_FILE']
    }
    expect(await site.anneal('--server', 'http://127.0.0.1:9', 'status')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no server of Anneal answers at http:\/\/127\.0\.0\.1:9/),
    })
    server.kill('SIGTERM')
    await server.ended
  })
})

describe('its beginning', () => {
  test('a second one is refused: the site is busy; a port that is taken: with another to choose', async () => {
    make({ one: { run: QUICK } })
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => taken.once('listening', listening))
    const { port } = taken.address() as { port: number }
    expect(await site.anneal('serve', '--listen', `127.0.0.1:${port}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/another process listens on 127\.0\.0\.1:\d+ already\n.*--listen/),
    })
    taken.close()
    const server = await serving()
    expect(await site.anneal('serve', '--listen', '127.0.0.1:0')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/busy: anneal serve .* has been working here/),
    })
    server.kill('SIGTERM')
    await server.ended
  })

  test('files with faults are refused as ever', async () => {
    site.write({ 'anneal.yaml': 'site: [' })
    expect((await site.anneal('serve')).code).toBe(5)
  })
})

describe('its end', () => {
  test('drains: the run finishes, nothing new starts, it says so; the next one goes on', async () => {
    make({ slow: { run: WAITS }, next: { run: QUICK, requires: ['slow'] } })
    const server = await serving()
    const up = site.start('up', '--yes')
    await server.says(/^> d\/here\/slow/m)
    expect((await site.anneal('stop')).stdout).toMatch(/stopping: runs in flight finish/)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    expect(await site.anneal('run', 'here/next')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the server is ending/),
    })
    site.write({ go: '' })
    expect((await server.ended).code).toBe(0)
    expect((await up.ended).code).toBe(130)
    expect(site.read('done')).toBe('done\n')
    const again = await serving()
    await again.says(/^\+ d\/here\/next/m)
    again.kill('SIGTERM')
    await again.ended
  })

  test('twice: it ends at once; the next start settles what was in flight and runs it again', async () => {
    make({ slow: { run: WAITS } })
    const server = await serving()
    const up = site.start('up', '--yes')
    await server.says(/^> d\/here\/slow/m)
    server.kill('SIGTERM')
    await server.says(/stopping: runs in flight finish/)
    expect((await server.insist('SIGTERM')).code).toBe(130)
    expect(await up.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/no answer of a server/) })
    site.write({ go: '' })
    const again = await serving()
    await again.says(/^\+ d\/here\/slow .*\(run-2\)/m)
    const { lines } = await site.json('runs')
    expect(lines.slice(1)).toMatchObject([
      { run: 'run-2', result: 'ok' },
      { run: 'run-1', result: 'lost' },
    ])
    again.kill('SIGTERM')
    await again.ended
  })

  test('kill -9: what it left is in nobody’s way, neither of commands nor of the next one', async () => {
    make({ slow: { run: WAITS } })
    const server = await serving()
    const up = site.start('up', '--yes')
    await server.says(/^> d\/here\/slow/m)
    server.kill('SIGKILL')
    await server.ended
    await up.ended
    expect(existsSync(site.path('.anneal/server.json'))).toBe(true)
    expect((await site.anneal('status')).stdout).toMatch(/e2e {2}revision/)
    const before = readFileSync(site.path('.anneal/server.key'), 'utf8')
    site.write({ go: '' })
    const again = await serving()
    await again.says(/^\+ d\/here\/slow .*\(run-2\)/m)
    expect(site.read('.anneal/server.key')).not.toBe(before)
    expect((await site.anneal('status')).code).toBe(0)
    again.kill('SIGTERM')
    await again.ended
  })
})
