// Commands that look: each as a person sees it on a terminal, as a pipe gets it, and as a program reads it.
import { describe, expect, test } from 'vitest'
import { unknownEvent } from '../../../src/model/moment.ts'
import { answer, refuse } from '../../../src/model/refusal.ts'
import * as demo from './demo.ts'
import { NOW, type StageOptions, stage } from './stage.ts'

const OPERATIONS: NonNullable<StageOptions['operations']> = {
  status: () => Promise.resolve(answer(demo.TROUBLED)),
  statusAt: (moment) =>
    Promise.resolve(
      'event' in moment && moment.event > 412
        ? refuse(unknownEvent(moment.event, 412))
        : answer({ ...demo.TROUBLED, past: { seq: 412, at: NOW - 7_200_000 } }),
    ),
  why: (name) =>
    Promise.resolve(
      name === 'etcd-2/dashboard'
        ? answer(demo.WHY)
        : refuse({
            code: 'unknownNodeRole',
            message: `there is no node-role ${name}`,
            nearest: 'etcd-2/dashboard',
          }),
    ),
  trace: (words) =>
    Promise.resolve(
      words[0] === 'nothing'
        ? refuse({ code: 'unknownValue', message: 'no fact, input or output is or holds nothing' })
        : answer(demo.TRACE),
    ),
  runs: ({ run, target }) => {
    const runs = [
      demo.run(1, 'store/etcd-1/etcd'),
      demo.run(2, 'store/etcd-2/etcd', { changed: false, cause: { kind: 'roleChanged' } }),
      demo.run(4, 'store/etcd-2/etcd', { result: 'failed', changed: false, attempt: 3, message: 'exit 1' }),
      demo.running(5, 'store/etcd-3/etcd'),
    ]
    return Promise.resolve(
      answer(
        runs
          .filter((each) => run === undefined || each.run === run)
          .filter((each) => target === undefined || each.nodeRole.endsWith(target)),
      ),
    )
  },
  files: () => Promise.resolve(answer(demo.FILES)),
  diff: () => Promise.resolve(answer(demo.NO_DIFF)),
  cycles: () => Promise.resolve(answer(demo.CYCLES)),
  cycle: () => Promise.resolve(answer(demo.CRITICAL_PATH)),
  nodes: () => Promise.resolve(answer(demo.NODES)),
  facts: () =>
    Promise.resolve(
      answer({
        os: { name: 'Debian', tags: [] },
        network: { primary: { address: '10.77.0.11', mtu: 1500 } },
      }),
    ),
}

const TRANSCRIPTS = {
  'run-4':
    '# 0.000 run-4 apply store/etcd-2/etcd\no 0.012 starting\r\ne 0.020 \u001b[31mmember already exists\u001b[0m\no+ 0.021 no line end',
  'run-5': 'still going\n',
}

const WAYS: Record<string, StageOptions> = {
  terminal: { terminal: true },
  pipe: {},
}

const COMMANDS: [string, ...string[]][] = [
  ['status', 'status'],
  ['status-all', 'status', '--all'],
  ['status-at', 'status', '--at', '2h'],
  ['status-at-never', 'status', '--at', '413'],
  ['why', 'why', 'etcd-2/dashboard'],
  ['why-input', 'why', 'etcd-2/dashboard', 'members'],
  ['why-secret', 'why', 'etcd-2/dashboard', 'password'],
  ['trace', 'trace', 'etcd-1', 'network.primary.address'],
  ['trace-all', 'trace', '--all', 'etcd-1', 'network.primary.address'],
  ['trace-nothing', 'trace', 'nothing'],
  ['runs', 'runs'],
  ['cycles', 'cycles'],
  ['cycles-last', 'cycles', '-n', '1'],
  ['cycle', 'cycle', 'show', '1'],
  ['cycle-path', 'cycles', 'show', '1', '--critical-path'],
  ['nodes', 'nodes'],
  ['files', 'files', 'etcd-2/etcd'],
  ['files-diff', 'files', 'etcd-2/etcd', '--diff'],
  ['facts', 'facts', 'etcd-1'],
  ['facts-one', 'facts', 'etcd-1', 'network.primary.address'],
  ['facts-branch', 'facts', 'etcd-1', 'network'],
  ['logs', 'logs', 'run-4'],
  ['logs-of-node-role', 'logs', 'etcd-2/etcd'],
  ['logs-raw', 'logs', '--raw', 'run-4'],
  ['validate', 'validate'],
  ['version', 'version'],
]

describe.each(COMMANDS)('%s', (name, ...argv) => {
  test.each(Object.entries(WAYS))('%s', async (way, options) => {
    const on = stage({ ...options, operations: OPERATIONS, transcripts: TRANSCRIPTS })
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.${way}.txt`)
    expect(on.left()).toEqual([])
  })

  test('json', async () => {
    const on = stage({ operations: OPERATIONS, transcripts: TRANSCRIPTS })
    const code = await on.run(...argv, '--json')
    await expect(on.story(code, ...argv, '--json')).toMatchFileSnapshot(`golden/${name}.json.txt`)
    const lines = on.written
      .filter(({ stream }) => stream === 'stdout')
      .map(({ text }) => JSON.parse(text) as object)
    expect(lines[0]).toMatchObject({ anneal: '1' })
    expect(on.left()).toEqual([])
  })
})

test('status tells how far rollouts are and what they wait for', async () => {
  const underWay = { kind: 'underWay', nodeRole: 'store/etcd-3/etcd' } as const
  const failed = {
    kind: 'failed',
    nodeRole: 'store/etcd-1/etcd',
    silent: false,
    others: 0,
    tolerated: 0,
  } as const
  const rollouts = [
    {
      rollout: 'rollout-2',
      deployment: 'store',
      role: 'etcd',
      variants: [
        {
          variant: 'os.version=12',
          nodes: 5,
          steps: [1, 3, 5],
          reached: 1,
          hold: failed,
          waiting: 'store/etcd-2/etcd',
        },
        {
          variant: 'os.version=13',
          nodes: 2,
          steps: [1, 2],
          reached: 1,
          hold: underWay,
          waiting: 'store/etcd-4/etcd',
        },
        { variant: 'os.version=14', nodes: 1, steps: [1], reached: 1 },
      ],
    },
  ]
  const on = stage({ operations: { status: () => Promise.resolve(answer({ ...demo.TROUBLED, rollouts })) } })
  await expect(on.story(await on.run('status'), 'status')).toMatchFileSnapshot(
    'golden/status-rollouts.pipe.txt',
  )
})

test('a proposal that nobody made is shown, and status ends as one that waits for a word', async () => {
  const waiting = [demo.WAITING]
  const status = { ...demo.QUIET, remains: 'word' as const, waiting, short: demo.SHORT }
  const on = stage({ operations: { status: () => Promise.resolve(answer(status)) } })
  await expect(on.story(await on.run('status'), 'status')).toMatchFileSnapshot(
    'golden/status-waiting.pipe.txt',
  )
})

test('validate says what only placing the roles can tell, and nothing of a journal', async () => {
  const circle = 'd/egg waits for d/hen waits for d/egg'
  const told = { code: 'waitsForItself' as const, message: circle, path: ['d/egg', 'd/hen', 'd/egg'] }
  const on = stage({ operations: { diff: () => Promise.resolve(refuse(told)) } })
  expect(await on.run('validate')).toBe(5)
  expect(on.written.map(({ text }) => text).join('')).toMatch(circle)

  const damaged = { code: 'damagedJournal' as const, message: 'The journal is damaged.' }
  const besides = stage({ operations: { diff: () => Promise.resolve(refuse(damaged)) } })
  expect(await besides.run('validate')).toBe(0)
  expect([...on.left(), ...besides.left()]).toEqual([])
})

test('no secret leaves by any command', async () => {
  for (const argv of COMMANDS) {
    for (const json of [[], ['--json']]) {
      const on = stage({ operations: OPERATIONS, transcripts: TRANSCRIPTS })
      await on.run(...argv.slice(1), ...json)
      expect(JSON.stringify(on.written)).not.toMatch(/hunter\d/)
    }
  }
})

test('no line on a terminal is wider than it', async () => {
  for (const columns of [40, 60, 80]) {
    for (const argv of [['status', '--all'], ['runs'], ['cycles'], ['nodes'], ['facts', 'etcd-1']]) {
      const on = stage({ terminal: true, columns, env: { NO_COLOR: '1' }, operations: OPERATIONS })
      await on.run(...argv)
      const lines = on.written.flatMap(({ text }) => text.split('\n'))
      const tables = lines.filter((line) => !/^! |^ +next: |^the /.test(line)) // a terminal wraps prose by itself
      const widest = Math.max(...tables.map((line) => line.length))
      expect(widest, argv.join(' ')).toBeLessThanOrEqual(columns)
    }
  }
})
