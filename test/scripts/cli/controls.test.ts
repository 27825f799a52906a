// Steering: what is said of holds, of cancelled runs, and of what another process carries out.
import { describe, expect, test } from 'vitest'
import type { Control, Controlled } from '../../../src/model/control.ts'
import { answer, refuse } from '../../../src/model/refusal.ts'
import * as demo from './demo.ts'
import { NOW, stage, type StageOptions } from './stage.ts'

const ELSEWHERE: Controlled = { names: ['etcd-2', 'store/etcd'], leftOut: [], elsewhere: 'anneal up --stay' }

const HELD = demo.statusOf(
  [
    demo.nodeRole('base/etcd-1/ready', 'active', { kind: 'milestone' }),
    demo.nodeRole('store/etcd-2/etcd', 'todo', {
      kind: 'waits',
      wait: {
        kind: 'held',
        what: { kind: 'node', node: 'etcd-2' },
        by: 'bob@desk',
        why: 'new \u001b[31mpower supply',
        since: NOW - 3_600_000,
      },
      cause: { kind: 'inputsChanged', inputs: ['members'] },
    }),
  ],
  {
    remains: 'word',
    holds: [
      { scope: { kind: 'site' }, by: 'alice@desk', since: NOW - 60_000 },
      {
        scope: { kind: 'node', node: 'etcd-2' },
        by: 'bob@desk',
        why: 'new \u001b[31mpower supply',
        since: NOW - 3_600_000,
      },
    ],
  },
)

function controlled(value: Controlled, asked: Control[] = []): NonNullable<StageOptions['operations']> {
  return {
    control(control) {
      asked.push(control)
      return Promise.resolve(answer(value))
    },
    status: () => Promise.resolve(answer(HELD)),
    runs: () => Promise.resolve(answer([demo.run(1, 'a/b/c'), demo.running(2, 'a/b/c')])),
    nodes: () => Promise.resolve(answer(demo.NODES)),
  }
}

describe.each([
  ['hold-elsewhere', ['hold', 'etcd-2', 'store/etcd', '-m', 'new power supply'], ELSEWHERE],
  ['hold-here', ['hold', 'etcd-2'], { names: ['etcd-2'], leftOut: [] }],
  ['pause', ['pause'], { names: ['the site'], leftOut: [] }],
  ['release-elsewhere', ['release', 'etcd-2', 'store/etcd'], ELSEWHERE],
  ['run-elsewhere', ['run', 'etcd-2', 'store/etcd'], ELSEWHERE],
  ['cancel', ['cancel', 'run-7'], { ...ELSEWHERE, names: ['run-7'] }],
  ['stop', ['stop'], { ...ELSEWHERE, names: [] }],
  [
    'release-here',
    ['release', 'etcd-2'],
    {
      names: ['etcd-2'],
      leftOut: [],
      result: { outcome: 'waitsForApproval', runs: [], wallMs: 4, status: HELD },
    },
  ],
  [
    'run-only',
    ['run', 'etcd-1', '--only'],
    {
      names: ['etcd-1'],
      leftOut: [],
      result: { outcome: 'chosenReady', runs: [demo.run(1, 'base/etcd-1/ready')], wallMs: 4, status: HELD },
    },
  ],
] satisfies [string, string[], Controlled][])('%s', (name, argv, value) => {
  test.each(['pipe', 'json'])('%s', async (form) => {
    const on = stage({ operations: controlled(value) })
    const words = form === 'json' ? [...argv, '--json'] : argv
    const code = await on.run(...words)
    await expect(on.story(code, ...words)).toMatchFileSnapshot(`golden/${name}.${form}.txt`)
    expect(on.left()).toEqual([])
  })
})

test('each command asks for its control, with its why', async () => {
  const asked: Control[] = []
  const operations = controlled(ELSEWHERE, asked)
  for (const line of [
    'hold n1 d/role -m disk',
    'release n1',
    'pause -m lunch',
    'resume',
    'retry n1/role',
    'run n1',
    'run n1/role --only',
    'cancel run-7 n2',
    'stop -m enough',
  ])
    expect(await stage({ operations }).run(...line.split(' ')), line).toBe(0)
  expect(asked).toEqual([
    { kind: 'hold', targets: ['n1', 'd/role'], why: 'disk' },
    { kind: 'release', targets: ['n1'] },
    { kind: 'hold', targets: [], why: 'lunch' },
    { kind: 'release', targets: [] },
    { kind: 'retry', targets: ['n1/role'] },
    { kind: 'run', targets: ['n1'], only: false },
    { kind: 'run', targets: ['n1/role'], only: true },
    { kind: 'cancel', targets: ['run-7', 'n2'] },
    { kind: 'stop', why: 'enough' },
  ])
})

describe('a proposal while another process anneals', () => {
  const operations: NonNullable<StageOptions['operations']> = {
    commit: async (request) => {
      expect([request.revision, await request.confirm(demo.DIFF)]).toEqual([6, true])
      return answer({ names: ['revision 6'], leftOut: [], elsewhere: 'anneal up --stay' })
    },
    discard: (revision) =>
      Promise.resolve(
        answer({
          revision: { ...demo.WAITING, revision, status: 'discarded' as const },
          elsewhere: 'anneal up --stay',
        }),
      ),
  }
  test.each([
    ['commit-elsewhere', ['commit', '6', '--yes']],
    ['discard-elsewhere', ['discard', '6']],
  ])('%s', async (name, argv) => {
    for (const form of ['pipe', 'json']) {
      const on = stage({ operations })
      const words = form === 'json' ? [...argv, '--json'] : argv
      const code = await on.run(...words)
      await expect(on.story(code, ...words)).toMatchFileSnapshot(`golden/${name}.${form}.txt`)
      expect(on.left()).toEqual([])
    }
  })
})

test('hold without a target is bad usage: a forgotten name is not the whole site', async () => {
  const asked: Control[] = []
  for (const command of ['hold', 'release', 'run', 'cancel'])
    expect(await stage({ operations: controlled(ELSEWHERE, asked) }).run(command), command).toBe(5)
  expect(asked).toEqual([])
})

test.each(['pipe', 'terminal'])('status shows what is held: %s', async (form) => {
  const on = stage({ operations: controlled(ELSEWHERE), terminal: form === 'terminal' })
  const code = await on.run('status')
  await expect(on.story(code, 'status')).toMatchFileSnapshot(`golden/status-held.${form}.txt`)
})

test('a refusal is told as everywhere', async () => {
  const operations = {
    control: () =>
      Promise.resolve(
        refuse<Controlled>({ code: 'notHeld', message: 'nobody holds n1 itself; held is the site' }),
      ),
  }
  const on = stage({ operations })
  const code = await on.run('release', 'n1')
  await expect(on.story(code, 'release', 'n1')).toMatchFileSnapshot('golden/release-not-held.txt')
})

test.each([
  [['release', ''], ['etcd-2']],
  [['cancel', ''], ['run-2']],
  [['hold', 'store/etcd'], ['store/etcd']],
])('completion of %j', async (words, expected) => {
  const on = stage({ operations: controlled(ELSEWHERE) })
  await on.run('__complete', ...words)
  const proposed = on.written.map(({ text }) => text.split('\t')[0])
  expect(proposed).toEqual(expect.arrayContaining(expected))
})
