// Server and runner of two releases, upgraded one after the other while a site anneals: runs go on, and what only one of them knows is said.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { BEFORE, releaseBefore } from '../support/release-before.ts'
import { type Running, siteDir, type SiteDir } from '../support/site-dir.ts'

const old = releaseBefore()
const site = siteDir()
const gate = site.path('gate')
let address: string
let server: Running
const runners = new Map<string, Running>()
let over = false

beforeAll(async () => {
  address = `127.0.0.1:${await freePort()}`
  make(1)
})
afterAll(async () => {
  over = true
  for (const one of started) one.kill('SIGKILL')
  await Promise.all(started.map((one) => one.ended))
  await site.end()
  old.remove()
})

/** Two nodes by runners, whose runs print, wait at a gate and print again. */
function make(version: number): void {
  rmSync(gate, { force: true })
  const lines = ['echo "before $ANNEAL_INPUT_VERSION"', `while [ ! -e ${gate} ]; do sleep 0.05; done`]
  site.make({
    nodes: { n1: { local: true, runner: 'any' }, n2: { local: true, runner: 'any' } },
    roles: {
      gated: {
        inputs: { version: { type: 'integer', default: version } },
        outputs: { seen: { type: 'integer' } },
        check: { run: 'true' },
        apply: {
          run: [...lines, 'echo after', 'echo "seen=$ANNEAL_INPUT_VERSION" >>"$ANNEAL_OUTPUTS"'].join('\n'),
        },
      },
    },
    deployment: { nodes: 'true', drift: 'off' },
  })
}

const started: Running[] = []
/** The same directory, driven by the Anneal of either release. */
function by(release: 'old' | 'now', env: Record<string, string>, ...words: string[]): Running {
  const tree: Pick<SiteDir, 'startWith'> = release === 'old' ? siteOf(old.home) : site
  const running = tree.startWith(env, '-C', site.directory, ...words)
  started.push(running)
  return running
}

const others = new Map<string, SiteDir>()
function siteOf(home: string): SiteDir {
  const known = others.get(home) ?? siteDir({ home })
  others.set(home, known)
  return known
}

async function serve(release: 'old' | 'now'): Promise<void> {
  server = by(release, {}, 'serve', '--listen', address)
  await server.says(/http:\/\/\S+/)
}

async function runner(release: 'old' | 'now', name: string): Promise<void> {
  const known = existsSync(site.path('state', name))
  const token = known ? undefined : (await site.anneal('runners', 'enrol', name)).stdout.trim()
  const env: Record<string, string> = token === undefined ? {} : { ANNEAL_RUNNER_TOKEN: token }
  const words = ['runner', '--server', `http://${address}`, '--state', site.path('state', name)]
  const running = by(release, env, ...words)
  await running.says(/works for the server/)
  runners.set(name, running)
}

async function leave(name: string): Promise<void> {
  runners.get(name)?.kill('SIGTERM')
  expect(await runners.get(name)?.ended).toMatchObject({ code: 0 })
}

/** What its last runs printed, whole and in order. */
async function ready(version: number): Promise<void> {
  await until(async () => (await newest()).every(({ result }) => result === 'ok'))
  for (const { run } of await newest())
    expect((await site.anneal('logs', run)).stdout).toMatch(new RegExp(`before ${version}\\n[^]*after\\n`))
}

async function newest(): Promise<{ run: string; result: string }[]> {
  const { lines } = await site.json('runs')
  const runs = lines.filter(({ kind }) => kind === 'run').map((line) => line as never as Newest)
  return ['n1', 'n2'].flatMap((node) => runs.find(({ nodeRole }) => nodeRole === `d/${node}/gated`) ?? [])
}
type Newest = { run: string; result: string; nodeRole: string }

async function begin(version: number): Promise<void> {
  make(version)
  void site.start('up', '--yes')
  await until(async () => {
    const runs = await newest()
    return runs.length === 2 && runs.every(({ result }) => result === 'running')
  })
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    if (over) throw new Error('the story is over')
    await new Promise((later) => setTimeout(later, 50))
  }
}

const open = (): void => writeFileSync(gate, '')
const exec = () => site.anneal('exec', 'n1', '--', 'echo', 'hello')

test('a runner of today works for a server of before, which is upgraded under it in the middle of a change', async () => {
  await serve('old')
  await runner('now', 'r1')
  await begin(1)
  expect((await exec()).stderr).toContain('n1 is for a runner, and none is here')
  server.kill('SIGTERM')
  open()
  expect(await server.ended).toMatchObject({ code: 0 })
  await serve('now')
  await until(async () => /r1 +here/.test((await site.anneal('runners')).stdout))
  await ready(1)
  expect(await exec()).toMatchObject({ code: 0, stdout: 'n1 | hello\n' })
})

test('a runner of before works for a server of today; what it does not know is asked of another one, or said', async () => {
  await runner('old', 'r0')
  expect((await site.anneal('runners')).stdout).toMatch(
    new RegExp(`r0 +here .*${BEFORE.replaceAll('.', '\\.')}`),
  )
  expect(await exec()).toMatchObject({ code: 0, stdout: 'n1 | hello\n' })
  await leave('r1')
  await begin(2)
  const refused = await exec()
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain(
    `n1 is for r0, whose release ${BEFORE} carries out nothing beside its work`,
  )
  open()
  await ready(2)
  expect(runners.get('r0')).toBeDefined()
})

test('it is upgraded in the middle of a change: it ends what it holds, comes back, and is asked for everything', async () => {
  await begin(3)
  const left = leave('r0')
  open()
  await left
  await runner('now', 'r0')
  await ready(3)
  expect(await exec()).toMatchObject({ code: 0, stdout: 'n1 | hello\n' })
})
