// Runners in processes of their own on this machine: killed, stopped past their lease, drained, revoked, and a server that dies under them.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import { findServer } from '../../src/client/find-server.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import type { Operations } from '../../src/model/operations.ts'
import { freePort } from '../support/free-port.ts'
import { type Running, siteDir } from '../support/site-dir.ts'

const site = siteDir()
const gate = site.path('gate')
const trace = site.path('trace')
let server: Running
let address: string
let operations: Operations
const runners = new Map<string, Running>()

let over = false
afterAll(async () => {
  over = true
  await site.end()
})

/** Begins, waits for the gate, and ends; each writes a line with the runner that it came by. */
const GATED = `#!/bin/sh
echo "begin $ANNEAL_INPUT_ROUND $ANNEAL_NODE \${TMPDIR##*/}" >>${trace}
while [ ! -e ${gate} ]; do sleep 0.05; done
echo "end $ANNEAL_INPUT_ROUND $ANNEAL_NODE \${TMPDIR##*/}" >>${trace}
echo "round=$ANNEAL_INPUT_ROUND" >>"$ANNEAL_OUTPUTS"
`

function make(round: number): void {
  site.make({
    nodes: {
      a1: { local: true, runner: { segment: 'a' } },
      b1: { local: true, runner: { segment: 'b' } },
      here: { local: true },
    },
    roles: {
      gated: {
        summary: 'Waits at a gate',
        inputs: { round: { type: 'integer', default: round } },
        outputs: { round: { type: 'integer' } },
        apply: 'apply.sh',
      },
    },
    deployment: { nodes: 'true' },
  })
  site.write({ 'packages/p/roles/gated/apply.sh': GATED })
}

function open(): void {
  writeFileSync(gate, '')
}

function shut(): void {
  rmSync(gate, { force: true })
}

function traced(): string[] {
  return existsSync(trace) ? readFileSync(trace, 'utf8').split('\n').filter(Boolean) : []
}

async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<Exclude<T, false>>> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false)
      return found as NonNullable<Exclude<T, false>>
    if (over) throw new Error('the story is over')
    await new Promise((later) => setTimeout(later, 50))
  }
}

async function serve(): Promise<void> {
  server = site.start('serve', '--listen', address)
  await server.says(/http:\/\/\S+/)
  const found = await until(() => findServer(site.path('.anneal'), 'ann'))
  if (!found.ok) throw new Error(found.refusal.message)
  operations = httpOperations(found.value.connection)
}

async function enrol(name: string, segment: string): Promise<string> {
  const { text, hash } = makeEnrolment(name)
  const endsAt = Date.now() + 600_000
  const invited = await operations.runners.invite({
    runner: name,
    labels: { segment },
    hash,
    endsAt,
    by: 'ann',
  })
  expect(invited).toMatchObject({ ok: true })
  return text
}

function start(name: string, token?: string): Running {
  site.write({ [`tmp/${name}/x`]: '' })
  const env = {
    TMPDIR: site.path('tmp', name),
    ...(token === undefined ? {} : { ANNEAL_RUNNER_TOKEN: token }),
  }
  const words = ['runner', '--server', `http://${address}`, '--state', site.path('state', name)]
  const running = site.startWith(env, ...words)
  runners.set(name, running)
  return running
}

async function stateOf(name: string): Promise<string | undefined> {
  const runners = await operations.runners.list()
  return runners.ok ? runners.value.find(({ runner }) => runner === name)?.state : undefined
}

/** Newest first. */
async function runsOf(nodeRole: string) {
  const runs = await operations.runs({ target: nodeRole })
  if (!runs.ok) throw new Error(runs.refusal.message)
  return runs.value.reverse()
}

async function isReady(): Promise<boolean> {
  const status = await operations.status()
  return status.ok && status.value.atRest && status.value.ready
}

/** Commits the next round and does not wait for what comes of it. */
function begin(round: number): void {
  shut()
  make(round)
  void site.start('up', '--yes')
}

const begun = (round: number, node: string, by?: string): Promise<string> =>
  until(() => traced().find((line) => line.startsWith(`begin ${round} ${node} ${by ?? ''}`)))

/** Who brought it to its end; each round of a node ends once, whatever happened on the way. */
async function endOf(round: number, node: string): Promise<string> {
  await until(() => traced().find((line) => line.startsWith(`end ${round} ${node} `)))
  await until(isReady)
  const ends = traced().filter((line) => line.startsWith(`end ${round} ${node} `))
  expect(ends).toHaveLength(1)
  return ends[0]?.split(' ').at(-1) ?? ''
}

beforeAll(async () => {
  address = `127.0.0.1:${await freePort()}`
  site.write({ 'server.yaml': 'runners: { lease: 3s }\n' })
  make(1)
  open()
  await serve()
})

test('without a runner, its nodes wait and say so; everything else goes on', async () => {
  const up = await site.anneal('up', '--yes')
  expect(up.code).toBe(3)
  expect(up.said).toContain('a1 is for a runner with segment=a, and none is here')
  expect(traced().map((line) => line.split(' ')[2])).toEqual(['here', 'here'])
})

test('each takes what its labels are for; a token lets in once', async () => {
  const made = await site.anneal('runners', 'enrol', 'ra', '--label', 'segment=a')
  const token = made.stdout.trim()
  start('ra', token)
  start('rb', await enrol('rb', 'b'))
  expect(await endOf(1, 'a1')).toBe('ra')
  expect(await endOf(1, 'b1')).toBe('rb')
  const [{ run } = { run: '' }] = await runsOf('d/a1/gated')
  expect((await site.anneal('logs', run)).stdout).toContain(`${run} apply d/a1/gated`)
  const thief = await start('thief', token).ended
  expect(thief.code).toBe(1)
  expect(thief.said).toContain('signature of no runner')
})

test('what a killed runner held goes elsewhere after its lease, and ends once', async () => {
  start('rc', await enrol('rc', 'a'))
  await until(async () => (await stateOf('rc')) === 'here')
  begin(2)
  const first = (await begun(2, 'a1')).split(' ').at(-1) ?? ''
  runners.get(first)?.kill('SIGKILL')
  const second = first === 'ra' ? 'rc' : 'ra'
  await begun(2, 'a1', second)
  open()
  expect(await endOf(2, 'a1')).toBe(second)
  const [, lost] = await runsOf('d/a1/gated')
  expect(lost?.message).toContain(`the runner ${first} had it`)
  start(first)
  await until(async () => (await stateOf(first)) === 'here')
})

test('one that was stopped past its lease changes nothing when it wakes', async () => {
  begin(3)
  const first = (await begun(3, 'a1')).split(' ').at(-1) ?? ''
  runners.get(first)?.kill('SIGSTOP')
  const second = first === 'ra' ? 'rc' : 'ra'
  await begun(3, 'a1', second)
  const before = await runsOf('d/a1/gated')
  runners.get(first)?.kill('SIGCONT')
  await runners.get(first)?.says(/what was held is given up[^]*works for the server/)
  expect(await runsOf('d/a1/gated')).toHaveLength(before.length)
  open()
  expect(await endOf(3, 'a1')).toBe(second)
})

test('one that drains finishes what it holds and takes nothing more', async () => {
  begin(4)
  const first = (await begun(4, 'a1')).split(' ').at(-1) ?? ''
  expect((await site.anneal('runners', 'drain', first, '--why', 'new kernel')).code).toBe(0)
  open()
  expect(await endOf(4, 'a1')).toBe(first)
  expect(await stateOf(first)).toBe('draining')
  begin(5)
  open()
  expect(await endOf(5, 'a1')).not.toBe(first)
  expect(await operations.runners.resume(first, 'ann')).toMatchObject({ value: { state: 'here' } })
})

test('a server that dies under them: they come back, and what was in flight is settled', async () => {
  begin(6)
  await begunTimes(1)
  server.kill('SIGKILL')
  await server.ended
  await serve()
  // Not before both are under way once more: what the dead server had begun might end by itself until then.
  await begunTimes(2)
  open()
  await endOf(6, 'a1')
  await endOf(6, 'b1')
})

test('one that is revoked ends, and is not let in again', async () => {
  expect((await site.anneal('runners', 'revoke', 'rb', '--why', 'stolen')).code).toBe(0)
  const ended = await runners.get('rb')?.ended
  expect(ended?.code).toBe(1)
  expect(ended?.said).toContain('revoked')
  expect((await start('rb').ended).code).toBe(1)
})

/** Both nodes of round 6, so many times each. */
async function begunTimes(times: number): Promise<void> {
  for (const node of ['a1', 'b1'])
    await until(() => traced().filter((line) => line.startsWith(`begin 6 ${node} `)).length >= times)
}
