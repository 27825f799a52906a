// Commands and looks by way of runners elsewhere, over a real server: what they print, find and end with, whatever becomes of whom.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import type { ExecEnd } from '../../src/model/exec.ts'
import type { ExecRequest } from '../../src/model/operations.ts'
import { type LogPiece, RUNNER_PROTOCOL, type Handed } from '../../src/model/runner-talk.ts'
import { reasonWords } from '../../src/model/words.ts'
import type { ExecOrder } from '../../src/runner/executor.ts'
import { carrying } from '../support/carrying.ts'
import { type ElsewhereApi, elsewhereApi, type Shown } from '../support/elsewhere.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

let api: ElsewhereApi
beforeEach(async () => {
  api = await elsewhereApi()
})
afterEach(() => api.close())

const SITE = `
nodes: { n1: { runner: { segment: a } }, n2: { runner: { segment: a } } }
roles: { web: { check: true, inputs: { v: 1 } } }
deployments: { d: { nodes: [n1, n2], roles: [web] } }
`
const never = new AbortController().signal

/** What an exec told, in its order. */
interface Told {
  lines: string[]
  ends: Record<string, ExecEnd>
  over: Promise<unknown>
}

function exec(nodes: string, more: Partial<ExecRequest> = {}): Told {
  const told: Told = { lines: [], ends: {}, over: Promise.resolve() }
  told.over = api.serving.operations.exec({
    selection: { text: nodes },
    argv: ['uptime'],
    become: false,
    deadlineMs: 60_000,
    parallel: 10,
    by: 'ann',
    signal: never,
    onStart: () => {},
    onOutput: (node, stream, bytes) =>
      void told.lines.push(`${node} ${stream} ${Buffer.from(bytes).toString('latin1')}`),
    onEnd: (node, outcome) => void (told.ends[node] = outcome as ExecEnd),
    onNotice: (node, message) => void told.lines.push(`${node}: ${message}`),
    ...more,
  })
  return told
}

/** Commits the site, and has it at rest by a runner that does what it is told. */
async function annealed(more: Parameters<typeof carrying>[2] = {}) {
  const runner = await carrying(api.link(), await api.invite('r1', { segment: 'a' }), more)
  api.commit(SITE)
  await until(async () => {
    const status = await api.serving.operations.status()
    return status.ok && status.value.ready && status.value.nodeRoles.length === 2
  })
  return runner
}

/** The same, and the runner is gone. */
async function settled(): Promise<void> {
  await (await annealed()).leave()
}

async function claimed(shown: Shown, kind: Handed['work']['kind'], claim = 100): Promise<Handed> {
  for (; ; claim++) {
    const told = await shown.claim({ claim, free: 4 }, never)
    if (!told.ok) throw new Error(told.refusal.message)
    const found = told.value.handed.find(({ work }) => work.kind === kind)
    if (found) return found
  }
}

function ended(hand: number, exit = 0) {
  const outcome = { result: 'done', exit, durationMs: 5 } as const
  return { told: [{ kind: 'exec' as const, hand, outcome }], lost: [] }
}

const printed = (hand: number, from: number, ...pieces: LogPiece[]) => ({
  logs: [{ hand, from, pieces }],
  told: [],
  lost: [],
})

test('a command goes out by the runner of its node; what it prints comes as it was, and how it ended', async () => {
  const orders: ExecOrder[] = []
  await annealed({
    async exec(order) {
      orders.push(order)
      await order.onOutput('stdout', Buffer.from('half a li'))
      await order.onOutput('stderr', Buffer.from('\xff\n', 'latin1'))
      await order.onOutput('stdout', Buffer.from('ne\n'))
      return { result: 'done', exit: order.node.name === 'n1' ? 3 : 0, durationMs: 5 }
    },
  })
  const told = exec('n1,n2', { argv: ['sh', '-c', 'exit 3'], become: true, deadlineMs: 7_000 })
  expect(await told.over).toMatchObject({ value: { exec: 'exec-1' } })
  expect(told.lines.filter((line) => line.startsWith('n1'))).toEqual([
    'n1 stdout half a li',
    'n1 stderr \xff\n',
    'n1 stdout ne\n',
  ])
  expect(told.ends).toMatchObject({ n1: { result: 'done', exit: 3 }, n2: { result: 'done', exit: 0 } })
  expect(orders[0]).toMatchObject({ argv: ['sh', '-c', 'exit 3'], become: true, deadlineMs: 7_000 })
  const transcript = readFileSync(`${api.directory}/.anneal/runs/exec-1-n1.log`, 'latin1')
  expect(transcript).toMatch(/^# 0\.\d+ exec-1 on n1: [^]*o [\d.]+ half a line\n# [\d.]+ exit 3 /)
})

test('who interrupts it ends it over there, and is told of how it ended', async () => {
  const interrupt = new AbortController()
  await annealed({
    exec: (_, signal) =>
      new Promise((resolve) => {
        const fault = { code: 'cancelled', message: 'ended over there' } as const
        signal.addEventListener('abort', () => resolve({ result: 'fault', fault, durationMs: 5 }))
        interrupt.abort()
      }),
  })
  const told = exec('n1', { signal: interrupt.signal })
  await told.over
  expect(told.ends).toMatchObject({ n1: { fault: { message: 'ended over there' } } })
})

test('what a runner took with it is said, and what it tells late counts no more', async () => {
  await settled()
  const shown = await api.come('r1', { segment: 'a' })
  const told = exec('n1')
  const { hand } = await claimed(shown, 'exec')
  api.desk.lose('r1', 'it was silent for 15 s')
  await told.over
  expect(told.ends).toMatchObject({
    n1: { fault: { code: 'runnerLost', message: 'the runner r1 had it, and it was silent for 15 s' } },
  })
  expect(await shown.report(ended(hand))).toMatchObject({ refusal: { code: 'leaseOver' } })
  expect(await api.serving.operations.execs(1)).toMatchObject({
    value: [{ nodes: [{ outcome: told.ends['n1'] }] }],
  })
})

test('it counts once, from whom holds it, as far as it fits', async () => {
  await settled()
  const shown = await api.come('r1', { segment: 'a' })
  const other = await api.come('r2', { segment: 'a' })
  const told = exec('n1')
  const holder = await Promise.race([
    claimed(shown, 'exec').then((handed) => ({ it: shown, not: other, hand: handed.hand })),
    claimed(other, 'exec').then((handed) => ({ it: other, not: shown, hand: handed.hand })),
  ])
  const { it, not, hand } = holder
  expect(await not.report(ended(hand, 9))).toMatchObject({ value: { taken: [], refused: [hand] } })
  expect(await not.report(printed(hand, 0, { text: 'x', stream: 'stdout' }))).toMatchObject({
    value: { unlogged: [hand] },
  })
  const run = { told: [{ kind: 'look' as const, hand, outcome: FOUND_NOTHING }], lost: [] }
  expect(await it.report(run)).toMatchObject({ value: { refused: [hand] } })
  for (const piece of [{ text: 'of no stream' }, { text: 'x'.repeat(70_000), stream: 'stdout' as const }])
    expect(await it.report(printed(hand, 0, piece))).toMatchObject({ value: { unlogged: [hand] } })
  for (const from of [0, 0, 2])
    await it.report(printed(hand, from, { text: `from ${from}`, stream: 'stdout' }))
  const half = { ...ended(hand), told: [{ kind: 'exec', hand, outcome: { result: 'done', exit: 0.5 } }] }
  expect(await it.report(half as never)).toMatchObject({ refusal: { code: 'invalidRequest' } })
  for (const exit of [4, 5])
    expect(await it.report(ended(hand, exit))).toMatchObject({ value: { taken: [hand], refused: [] } })
  await told.over
  expect(told.lines).toEqual(['n1 stdout from 0'])
  expect(told.ends).toMatchObject({ n1: { result: 'done', exit: 4 } })
})

const FOUND_NOTHING = { result: 'done' as const, findings: [], durationMs: 1 }

test('where no runner would do, a command and a look say what is said of the node', async () => {
  await settled()
  const told = exec('n1')
  await told.over
  const looked = await api.serving.operations.dryRun({ ...site(2), signal: never, onNotice: () => {} })
  const reason = {
    kind: 'noRunner',
    node: 'n1',
    needs: { segment: 'a' },
    absent: [{ runner: 'r1', is: 'away' }],
  }
  expect(looked).toMatchObject({
    value: { findings: [], unlooked: [{ nodeRole: 'd/n1/web', why: 'noRunner', reason }, {}] },
  })
  const { says } = reasonWords('d/n1/web', reason as never, 0)
  expect(told.ends).toMatchObject({ n1: { fault: { code: 'notHandedOut', message: says } } })
})

test('one that waits for a slot says so, goes before what the engine asked, and can be given up', async () => {
  await settled()
  const shown = await api.come('r1', { segment: 'a' })
  const first = ['n1', 'n2', 'n1', 'n2'].map((node) => exec(node))
  const hands: number[] = []
  for (let claim = 1; hands.length < 4; claim++) {
    const got = await shown.claim({ claim, free: 4 }, never)
    if (got.ok) hands.push(...got.value.handed.map(({ hand }) => hand))
  }
  api.commit(SITE.replace('v: 1', 'v: 2'))
  await api.serving.ask((world) => world.now)
  const interrupt = new AbortController()
  const waiting = exec('n1', { signal: interrupt.signal })
  const next = exec('n2')
  await until(() => next.lines.length > 0)
  expect(waiting.lines).toEqual(['n1: waits for a slot of r1, which holds 4 of 4'])
  interrupt.abort()
  await waiting.over
  expect(waiting.ends).toMatchObject({ n1: { fault: { code: 'cancelled' } } })
  await shown.report(ended(hands[0] as number))
  const after = await shown.claim({ claim: 50, free: 1 }, never)
  expect(after).toMatchObject({
    value: { handed: [{ work: { kind: 'exec', order: { node: { name: 'n2' } } } }] },
  })
  api.desk.lose('r1', 'the story is over')
  await Promise.all([...first, next].map(({ over }) => over))
})

test('a runner of a release before carries out its work, and is asked for nothing beside it', async () => {
  await settled()
  const shown = await api.come('r1', { segment: 'a' }, RUNNER_PROTOCOL - 1)
  const told = exec('n1')
  await told.over
  expect(told.ends).toMatchObject({
    n1: {
      fault: { code: 'notHandedOut', message: expect.stringMatching(/r1, whose release .* upgrade it/) },
    },
  })
  api.commit(SITE.replace('v: 1', 'v: 2'))
  expect(await claimed(shown, 'run')).toMatchObject({ work: { kind: 'run' } })
})

test('a server that ends says so to who waits for a runner', async () => {
  await settled()
  const shown = await api.come('r1', { segment: 'a' })
  const told = exec('n1')
  await claimed(shown, 'exec')
  await api.desk.close()
  await told.over
  expect(told.ends).toMatchObject({ n1: { fault: { code: 'cancelled', message: 'the server is ending' } } })
})

test('a look finds what a difference would change, with content that nobody has committed', async () => {
  const script = Buffer.from('a script that is new')
  const digest = digestOfBytes(script)
  const read: string[] = []
  await annealed({
    async look({ parts, shows }, _, surroundings) {
      read.push(shows, Buffer.from((await surroundings.blob(digest)) ?? []).toString())
      return {
        ok: true,
        findings: parts.map(({ nodeRole }) => ({ nodeRole, found: 'asAsked' as const })),
      }
    },
  })
  const wanted = site(2, digest)
  wanted.content.set(digest, script)
  const looked = await api.serving.operations.dryRun({ ...wanted, signal: never, onNotice: () => {} })
  expect(looked).toMatchObject({
    value: {
      findings: [
        { nodeRole: 'd/n1/web', found: 'asAsked' },
        { nodeRole: 'd/n2/web', found: 'asAsked' },
      ],
      unlooked: [],
    },
  })
  expect(read).toEqual(['change', 'a script that is new', 'change', 'a script that is new'])
})

test('looks that were asked together are given up together, and findings of others are not believed', async () => {
  await settled()
  const shown = await api.come('r1', { segment: 'a' })
  const interrupt = new AbortController()
  const looking = api.serving.operations.dryRun({ ...site(2), signal: interrupt.signal, onNotice: () => {} })
  const got: Handed[] = []
  for (let claim = 1; got.length < 2; claim++) {
    const told = await shown.claim({ claim, free: 4 }, never)
    if (told.ok) got.push(...told.value.handed)
  }
  const [one, two] = got.map(({ hand }) => hand) as [number, number]
  const foreign = [{ nodeRole: 'd/n9/web', found: 'asAsked' as const }]
  const outcome = { result: 'done' as const, findings: foreign, durationMs: 1 }
  await shown.report({ told: [{ kind: 'look', hand: one, outcome }], lost: [] })
  interrupt.abort()
  expect(await shown.beat({ holds: [two], leaving: false }, 1_000)).toMatchObject({ value: { end: [two] } })
  const fault = { code: 'cancelled', message: 'given up over there' } as const
  await shown.report({
    told: [{ kind: 'look', hand: two, outcome: { result: 'fault', fault, durationMs: 1 } }],
    lost: [],
  })
  expect(await looking).toMatchObject({
    value: {
      findings: [],
      unlooked: [
        { nodeRole: 'd/n1/web', why: 'fault', fault: { code: 'garbled' } },
        { nodeRole: 'd/n2/web', why: 'fault', fault },
      ],
    },
  })
})

function site(version: number, script?: string) {
  const wanted = shortSite(readShortSite(SITE.replace('v: 1', `v: ${version}`)))
  const { web } = wanted.roles
  if (script !== undefined && web)
    wanted.roles['web'] = { ...web, apply: { ...web.apply, digest: script } as never }
  return { site: wanted, content: new Map<string, Uint8Array>() }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((later) => setImmediate(later))
}
