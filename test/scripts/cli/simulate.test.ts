// `anneal simulate`: its report as a person, a pipe and a program get it, what it ends with, and what it asks for.
import { describe, expect, test } from 'vitest'
import type { RehearsalReport, RehearsalRequest } from '../../../src/model/rehearsal.ts'
import { answer } from '../../../src/model/refusal.ts'
import * as demo from './demo.ts'
import { LOADED, NOW, type Stage, stage } from './stage.ts'

const REPORT: RehearsalReport = {
  revision: 4,
  onto: 3,
  afresh: 'no',
  seed: 1,
  times: 20,
  nodes: 5,
  nodeRoles: 20,
  toRestMs: { least: 9_000, p50: 12_300, p95: 19_000, most: 21_000 },
  runs: { least: 10, p50: 10, p95: 11, most: 12 },
  failed: { least: 0, p50: 0, p95: 1, most: 2 },
  atOnce: { least: 3, p50: 4, p95: 5, most: 5 },
  ends: { ready: 17, word: 0, problems: 3, endless: 0 },
  left: [
    {
      deployment: 'store',
      role: 'etcd',
      state: 'error',
      nodeRole: demo.FAILED.id,
      reason: demo.FAILED.reason,
      at: NOW,
      nodeRoles: 2,
      times: 3,
    },
  ],
  groups: [
    { deployment: 'store', role: 'etcd', members: 5, atOnce: 1, disrupted: 1 },
    { deployment: 'base', role: 'ready', members: 5, atOnce: 4, disrupted: 0 },
  ],
  path: demo.CRITICAL_PATH,
  assumptions: [
    { kind: 'duration', roles: ['ready'] },
    { kind: 'failures', rates: [{ role: 'etcd', share: 0.031 }] },
    { kind: 'saidAgain', outputs: 4 },
    { kind: 'factsOf', nodes: 2, like: 'etcd-1', sameLabels: true },
  ],
}

const GOOD: RehearsalReport = {
  ...REPORT,
  times: 1,
  revision: 3,
  afresh: 'nothingToDo',
  ends: { ready: 1, word: 0, problems: 0, endless: 0 },
  left: [],
}

function rehearsing(report: RehearsalReport, asked: RehearsalRequest[] = [], terminal = false): Stage {
  const rehearse = (request: RehearsalRequest) => {
    asked.push(request)
    return Promise.resolve(answer(report))
  }
  return stage({ terminal, operations: { rehearse } })
}

describe('the report', () => {
  test.each<[string, RehearsalReport, boolean, string[]]>([
    ['simulate.terminal', REPORT, true, []],
    ['simulate.pipe', REPORT, false, []],
    ['simulate.json', REPORT, false, ['--json']],
    ['simulate-afresh.pipe', GOOD, false, ['--runs', '1']],
  ])('%s', async (name, report, terminal, flags) => {
    const on = rehearsing(report, [], terminal)
    const code = await on.run('simulate', ...flags)
    await expect(on.story(code, 'simulate', ...flags)).toMatchFileSnapshot(`golden/${name}.txt`)
    expect(on.left()).toEqual([])
  })
})

describe('the exit code tells the worst that came of it', () => {
  test.each<[Partial<RehearsalReport['ends']>, number]>([
    [{ ready: 20 }, 0],
    [{ ready: 19, problems: 1 }, 3],
    [{ ready: 19, endless: 1 }, 3],
    [{ ready: 19, word: 1 }, 4],
    [{ problems: 1, word: 19 }, 3],
  ])('%j: %d', async (ends, code) => {
    const none = { ready: 0, word: 0, problems: 0, endless: 0 }
    expect(await rehearsing({ ...REPORT, ends: { ...none, ...ends } }).run('simulate')).toBe(code)
  })
})

describe('what is asked for', () => {
  test.each<[string[], Partial<RehearsalRequest>]>([
    [[], { what: { kind: 'files', site: LOADED.ok ? LOADED.site : ({} as never) }, seed: 1, dead: 0 }],
    [['--committed', '--afresh'], { what: { kind: 'committed' }, afresh: true }],
    [
      ['--revision', '7', '--runs', '3', '--seed', '9'],
      { what: { kind: 'revision', revision: 7 }, times: 3, seed: 9 },
    ],
    [['--nodes', '10000', '--fail', '2%', '--dead', '0.5%'], { nodes: 10_000, fail: 0.02, dead: 0.005 }],
  ])('%j', async (flags, request) => {
    const asked: RehearsalRequest[] = []
    await rehearsing(GOOD, asked).run('simulate', ...flags)
    expect(asked).toMatchObject([request])
  })

  test.each([
    [['--committed', '--revision', '7']],
    [['--fail', '120%']],
    [['--dead', 'some']],
    [['--nodes', '0']],
    [['--runs', '0']],
  ])('%j is bad usage', async (flags) => {
    const on = rehearsing(GOOD)
    expect(await on.run('simulate', ...flags)).toBe(5)
    expect(on.written.map(({ stream }) => stream)).toEqual(['stderr'])
  })
})

describe('the demo', () => {
  /** Time goes by until it ends by itself. */
  async function played(on: Stage, ...flags: string[]): Promise<number> {
    let code: number | undefined
    const running = on.run('simulate', '--demo', ...flags).then((ended) => (code = ended))
    for (let second = 0; second < 60 && code === undefined; second++) {
      on.later(1_000)
      on.frame()
      await new Promise(setImmediate)
    }
    return running
  }

  test('is a fleet of a hundred that anneals to rest, without a site', async () => {
    const on = stage({ nowhere: true })
    expect(await played(on, '--plain')).toBe(0)
    const told = on.written.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)
    expect(told.join('').split('\n').slice(-10)).toMatchInlineSnapshot(`
      [
        "base/accounts      103      100       3  3.8 s on web-10",
        "base/certificate   107      100       7  6.6 s on web-32",
        "base/clock         103      100       3  2.9 s on web-34",
        "base/packages      102      100       2  22.8 s on web-43",
        "front/balancer       5        5       0  6.0 s on edge-5",
        "shop/application    93       88       5  23.9 s on web-75",
        "store/database       7        7       0  9.6 s on data-6",
        "",
        "demo  revision 1  ready  520 runs, 500 changed, 2 min 10 s",
        "",
      ]
    `)
    expect(on.left()).toEqual([])
  })

  test('moves on a terminal', async () => {
    const on = stage({ nowhere: true, terminal: true })
    expect(await played(on)).toBe(0)
    const told = on.written.map(({ text }) => text).join('')
    expect(told).toMatch(/temperature 0\.\d+/)
    expect(told).toContain('22 running')
    expect(on.left()).toEqual([])
  })

  test('ends with problems where machines never answer', async () => {
    expect(await played(stage({ nowhere: true }), '--dead', '100%')).toBe(3)
  })

  test('lets what runs finish when it is interrupted', async () => {
    const on = stage({ nowhere: true })
    const running = on.run('simulate', '--demo')
    for (let second = 0; second < 5; second++) {
      await new Promise(setImmediate)
      on.later(1_000)
      on.frame()
    }
    on.interrupt()
    for (let second = 0; second < 20; second++) {
      on.later(1_000)
      on.frame()
      await new Promise(setImmediate)
    }
    expect(await running).toBe(130)
    expect(on.left()).toEqual([])
  })
})
