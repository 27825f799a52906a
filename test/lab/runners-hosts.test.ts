// Runners inside networks that the server has no way into: each reaches the hosts of its own, connects outwards only, and one that slept changes nothing.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import { findServer } from '../../src/client/find-server.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import { inLab } from '../../src/lab/holder.ts'
import { labInventory, trustPaths } from '../../src/lab/keys.ts'
import type { Operations } from '../../src/model/operations.ts'
import { ANNEAL, siteDir } from '../support/site-dir.ts'
import { type LabSite, labSite } from './lab-site.ts'

const site = siteDir()
const labs = { a: labSite('runners-a', ''), b: labSite('runners-b', '') }
type Segment = keyof typeof labs
const children: ChildProcess[] = []
const relays: Server[] = []
let address: string
let operations: Operations
let over = false

const SCRIPT = `#!/bin/sh
echo "begin $ANNEAL_INPUT_ROUND" >>/root/trace
while [ ! -e /root/gate ]; do sleep 0.05; done
echo "end $ANNEAL_INPUT_ROUND" >>/root/trace
echo "name=$(hostname)" >>"$ANNEAL_OUTPUTS"
`

/** From inside a network of a lab to the server, by a socket in a file: no network leads from one to the other. */
const RELAY = `const { connect, createServer } = require('node:net')
const [port, path] = process.argv.slice(1)
createServer((one) => {
  const other = connect(path)
  one.pipe(other).pipe(one)
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
}).listen(Number(port), '127.0.0.1', () => console.log('relays'))`

function make(round: number): void {
  const nodes = Object.entries(labs).map(([segment, { lab }]) => {
    const [[name, { ssh }] = ['', { ssh: {} }]] = Object.entries(labInventory(lab).nodes)
    return [name, { ssh: { ...ssh, config: site.path(`${segment}.conf`) }, runner: { segment } }]
  })
  site.make({
    nodes: Object.fromEntries(nodes),
    roles: {
      gated: {
        summary: 'Waits at a gate',
        inputs: { round: { type: 'integer', default: round } },
        outputs: { name: { type: 'string' } },
        apply: 'apply.sh',
      },
    },
    deployment: { nodes: 'true' },
  })
  site.write({ 'packages/p/roles/gated/apply.sh': SCRIPT })
}

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) {
    if (over) throw new Error('the story is over')
    await new Promise((later) => setTimeout(later, 50))
  }
}

/** In the network of its lab, where 127.0.0.1 leads to the server and nowhere else. */
async function runner(name: string, segment: Segment): Promise<ChildProcess> {
  const { text, hash } = makeEnrolment(name)
  const endsAt = Date.now() + 600_000
  const invite = { runner: name, labels: { segment }, hash, endsAt, by: 'ann' }
  expect(await operations.runners.invite(invite)).toMatchObject({ ok: true })
  const words = ['runner', '--server', `http://${address}`, '--state', site.path('state', name)]
  const child = within(segment, [process.execPath, ANNEAL, ...words], { ANNEAL_RUNNER_TOKEN: text })
  await until(async () => (await stateOf(name)) === 'here')
  return child
}

function within(segment: Segment, argv: readonly string[], env: Record<string, string> = {}): ChildProcess {
  // Its network alone, so that it is the process itself that a signal reaches.
  const into = inLab(labs[segment].lab).filter((word) => word !== '--mount' && word !== '--pid')
  const [program = '', ...words] = [...into, '--', ...argv]
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  return child
}

async function relay(segment: Segment): Promise<void> {
  const path = site.path(`${segment}.sock`)
  const port = Number(address.split(':')[1])
  const outside = createServer((one) => {
    const other = connect(port, '127.0.0.1')
    one.pipe(other).pipe(one)
    one.on('error', () => other.destroy())
    other.on('error', () => one.destroy())
  }).listen(path)
  relays.push(outside)
  const inside = within(segment, [process.execPath, '-e', RELAY, String(port), path])
  await new Promise((resolve) => inside.stdout?.once('data', resolve))
}

async function stateOf(name: string): Promise<string | undefined> {
  const runners = await operations.runners.list()
  return runners.ok ? runners.value.find(({ runner: one }) => one === name)?.state : undefined
}

async function isReady(): Promise<boolean> {
  const status = await operations.status()
  return status.ok && status.value.atRest && status.value.ready
}

const traced = async (site: LabSite, host: string, line: string): Promise<number> =>
  Number(await site.on(host, `grep -cx '${line}' /root/trace || true`))

beforeAll(async () => {
  await Promise.all([labs.a.hosts(['a-1']), labs.b.hosts(['b-1'])])
  for (const [segment, { lab }] of Object.entries(labs))
    writeFileSync(
      site.path(`${segment}.conf`),
      `IdentityFile ${trustPaths(lab).identity}\nIdentitiesOnly yes\n`,
    )
  site.write({ 'server.yaml': 'runners: { lease: 3s }\n' })
  make(1)
  const server = site.start('serve', '--listen', '127.0.0.1:0')
  const [url] = await server.says(/http:\/\/127\.0\.0\.1:\d+/)
  address = url.slice('http://'.length)
  await until(async () => {
    const found = await findServer(site.path('.anneal'), 'ann')
    if (found?.ok) operations = httpOperations(found.value.connection)
    return found?.ok ?? false
  })
  await Promise.all([relay('a'), relay('b')])
})

afterAll(async () => {
  over = true
  for (const child of children) child.kill('SIGKILL')
  for (const one of relays) one.close()
  await site.end()
  await Promise.all([labs.a.end(), labs.b.end()])
})

test('what is for a segment goes to the runner in it, and to its host', async () => {
  await runner('ra', 'a')
  await runner('rb', 'b')
  for (const [segment, host] of [
    ['a', 'a-1'],
    ['b', 'b-1'],
  ] as const)
    await labs[segment].on(host, 'touch /root/gate')
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  for (const host of ['a-1', 'b-1']) {
    const why = await site.anneal('why', `${host}/gated`)
    expect(why.stdout).toContain(`name  "${host}"`)
    expect((await site.anneal('facts', host)).stdout).toContain('debian')
  }
})

test('one that is stopped past its lease changes nothing on its host when it wakes', async () => {
  const { a } = labs
  await a.on('a-1', 'rm /root/gate')
  const first = children.find(({ spawnargs }) => spawnargs.includes(site.path('state', 'ra')))
  make(2)
  site.start('up', '--yes')
  await until(async () => (await traced(a, 'a-1', 'begin 2')) === 1)
  process.kill(first?.pid ?? 0, 'SIGSTOP')
  await runner('ra2', 'a')
  await until(async () => (await traced(a, 'a-1', 'begin 2')) === 2)
  process.kill(first?.pid ?? 0, 'SIGCONT')
  await until(async () => (await stateOf('ra')) === 'here')
  expect(await traced(a, 'a-1', 'begin 2')).toBe(2)
  await a.on('a-1', 'touch /root/gate')
  await until(isReady)
  // What the first one had begun was ended on the host by who came after it.
  expect(await traced(a, 'a-1', 'end 2')).toBe(1)
  const runs = await operations.runs({ target: 'd/a-1/gated' })
  expect(runs.ok && runs.value.map(({ result }) => result).sort()).toEqual(['fault', 'ok', 'ok'])
})
