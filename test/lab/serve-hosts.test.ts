// A server over real hosts: up by it, an exec beside a run, its death while runs are in flight, and the next one that goes on.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LabSite, labSite } from './lab-site.ts'

const ANNEAL = join(import.meta.dirname, '../../bin/anneal.js')
const LONG_MS = 600_000
const SITE = `site: served
packages: [./packages/*]
nodes: { from: nodes.yaml }
deployments: { d: { nodes: "true", roles: [page, slow] } }
`
/** Ends when the file is there; says how often it was begun. */
const SLOW = 'echo $$ >>/tmp/begun; until [ -e /tmp/go ]; do sleep 0.05; done; echo done >>/tmp/done'

let site: LabSite
const servers: ChildProcess[] = []

beforeAll(async () => {
  site = labSite('served', SITE)
  const roles = join(site.directory, 'packages/p/roles')
  mkdirSync(roles, { recursive: true })
  writeFileSync(join(roles, '../package.yaml'), 'name: p\nversion: 1.0.0\n')
  writeFileSync(
    join(roles, 'page.yaml'),
    JSON.stringify({ role: 'page', apply: { run: 'echo page >/tmp/page' } }),
  )
  writeFileSync(
    join(roles, 'slow.yaml'),
    JSON.stringify({ role: 'slow', requires: ['page'], apply: { run: SLOW } }),
  )
  await site.hosts(['s1', 's2'])
}, 600_000)
afterAll(async () => {
  for (const one of servers) one.kill('SIGKILL')
  await site.end()
}, LONG_MS)

test('anneal up by the server, its death, the next one, and its end', { timeout: LONG_MS }, async () => {
  const server = await serve()
  const up = site.anneal('up', '--yes')
  await server.says(/> d\/s1\/slow/)
  await server.says(/> d\/s2\/slow/)
  const status = await site.anneal('status')
  expect([status.code, status.stdout]).toEqual([2, expect.stringMatching(/d\/slow .*2 running/)])
  // Beside what runs there, which it does not end.
  const { stdout } = await site.anneal('exec', '--all', '--', 'cat', '/tmp/page')
  expect(stdout.split('\n').filter((line) => line.endsWith('| page'))).toEqual(
    expect.arrayContaining(['s1 | page', 's2 | page']),
  )
  expect((await site.anneal('status')).stdout).toMatch(/d\/slow .*2 running/)

  server.child.kill('SIGKILL')
  await server.ended
  expect((await up).code).toBe(1)
  const next = await serve()
  await next.says(/> d\/s1\/slow .*\(run-\d\)/)
  await next.says(/> d\/s2\/slow/)
  for (const host of ['s1', 's2']) {
    expect((await site.on(host, 'cat /tmp/begun')).split('\n')).toHaveLength(2)
    // What the dead server left is ended: one of it at a time.
    const lives = (line: number): Promise<string> =>
      site.on(host, `kill -0 $(sed -n ${line}p /tmp/begun) 2>/dev/null && echo lives || echo ended`)
    expect([await lives(1), await lives(2)]).toEqual(['ended', 'lives'])
    await site.on(host, 'touch /tmp/go')
  }
  expect((await site.anneal('watch', '--until-rest')).code).toBe(0)
  for (const host of ['s1', 's2']) expect(await site.on(host, 'cat /tmp/done')).toBe('done')

  expect((await site.anneal('stop')).code).toBe(0)
  expect(await next.ended).toBe(0)
  const runs = await site.newRuns()
  expect(runs.map(({ result }) => result).sort()).toEqual(['lost', 'lost', 'ok', 'ok', 'ok', 'ok'])
  expect((await site.anneal('status')).code).toBe(0)
})

interface Server {
  child: ChildProcess
  ended: Promise<number | null>
  says(pattern: RegExp): Promise<void>
}

async function serve(): Promise<Server> {
  const child = spawn(process.execPath, [ANNEAL, '-C', site.directory, 'serve', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  servers.push(child)
  let said = ''
  const looks = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const look of looks) look()
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(said)) return
        looks.delete(look)
        resolve()
      }
      looks.add(look)
      look()
      void ended.then(() => reject(new Error(`it ended and never said ${pattern}:\n${said}`)))
    })
  await says(/^http:\/\/127\.0\.0\.1:\d+$/m)
  return { child, ended, says }
}
