// Help, bad usage, faults of content, completion and the lab's commands.
import { describe, expect, test } from 'vitest'
import type { LabDoor } from '../../../src/cli/lab-door.ts'
import type { Fault } from '../../../src/model/fault.ts'
import { answer, refuse } from '../../../src/model/refusal.ts'
import * as demo from './demo.ts'
import { LOADED, type StageOptions, stage } from './stage.ts'

const FAULTS: Fault[] = [
  {
    file: 'anneal.yaml',
    line: 4,
    column: 5,
    message: 'deployments.store has no key nods',
    advice: 'did you mean nodes?',
    frame: '  3 | store:\n  4 |     nods: "true"\n    |     ^^^^\n  5 |     roles: [etcd]\n',
    code: 'unknownKey',
  },
  {
    file: 'packages/etcd/roles/etcd.yaml',
    line: 9,
    column: 1,
    message: 'apply.sh is not there',
    code: 'noFile',
  },
]

describe('usage', () => {
  test.each<[string, string[], StageOptions?]>([
    ['help', []],
    ['help-up', ['up', '--help']],
    ['help-lab', ['lab']],
    ['help-lab-up', ['help', 'lab', 'up']],
    ['unknown-command', ['staus']],
    ['unknown-command-far', ['frobnicate']],
    ['unknown-flag', ['up', '--yess']],
    ['leading-flag-alone', ['-C']],
    ['unknown-alias', ['up', '-z']],
    ['missing-argument', ['why']],
    ['too-many-arguments', ['status', 'etcd-1']],
    ['bad-number', ['runs', '-n', 'many']],
    ['bad-shell', ['completion', 'fsh']],
    ['no-value', ['up', '--message']],
    ['no-site', ['status'], { nowhere: true }],
    ['no-site-json', ['status', '--json'], { nowhere: true }],
    ['wrong-site', ['-C', 'elsewhere', 'status']],
    ['unknown-input', ['why', 'etcd-2/dashboard', 'titel']],
    ['unknown-fact', ['facts', 'etcd-1', 'network.primary.adress']],
    ['invalid', ['validate'], { loaded: { ok: false, faults: FAULTS, files: [] } }],
    ['invalid-colour', ['validate'], { loaded: { ok: false, faults: FAULTS, files: [] }, terminal: true }],
    ['invalid-json', ['validate', '--json'], { loaded: { ok: false, faults: FAULTS, files: [] } }],
    [
      'warnings',
      ['validate'],
      {
        loaded: { ...LOADED, ok: true, warnings: FAULTS.slice(0, 1) } as typeof LOADED,
        operations: { diff: () => Promise.resolve(answer(demo.NO_DIFF)) },
      },
    ],
    [
      'nothing-there',
      ['status'],
      {
        closed: {
          code: 'nothingThere',
          message: 'There is no journal in .anneal: nothing was ever committed here.',
        },
      },
    ],
    [
      'refused-json',
      ['retry', 'x/y', '--json'],
      {
        operations: {
          control: () =>
            Promise.resolve(
              refuse({ code: 'unknownNodeRole', message: 'there is no node-role x/y', nearest: 'x/z' }),
            ),
        },
      },
    ],
  ])('%s', async (name, argv, options = {}) => {
    const on = stage({
      operations: {
        why: () => Promise.resolve(answer(demo.WHY)),
        facts: () => Promise.resolve(answer({ network: { primary: { address: '10.77.0.11' } } })),
      },
      ...options,
    })
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/usage-${name}.txt`)
    expect(on.left()).toEqual([])
  })

  test('every command has help with an example, and help is data', async () => {
    for (const command of COMMANDS) {
      const on = stage()
      expect(await on.run(command, '--help'), command).toBe(0)
      const [help] = on.written
      expect(help?.stream, command).toBe('stdout')
      if (command !== 'lab') expect(help?.text, command).toContain(`\n  anneal ${command}`)
    }
  })

  test('what a person typed is shown, not obeyed', async () => {
    const on = stage({ terminal: true })
    expect(await on.run('\u001b[2Jstatus')).toBe(5)
    expect(on.written.map(({ text }) => text).join('')).toContain('there is no command ␛[2Jstatus')
  })

  test('the site may be named before or after the command, and by its file', async () => {
    const operations = { status: () => Promise.resolve(answer(demo.QUIET)) }
    const on = stage({ operations })
    expect(await on.run('-C', on.directory, 'status')).toBe(0)
    expect(await on.run('status', '-C', `${on.directory}/anneal.yaml`)).toBe(0)
    expect(await on.run(`--site=${on.directory}`, 'status')).toBe(0)
    expect(await on.run('status', '--site', '/nowhere')).toBe(5)
  })
})

const COMMANDS =
  'up diff status watch why logs runs nodes facts retry run hold release pause resume cancel stop exec execs forget validate lab completion version'.split(
    ' ',
  )

describe('completion', () => {
  const operations: StageOptions['operations'] = {
    status: () => Promise.resolve(answer(demo.TROUBLED)),
    nodes: () => Promise.resolve(answer(demo.NODES)),
    runs: () => Promise.resolve(answer([demo.run(1, 'store/etcd-1/etcd')])),
    why: () => Promise.resolve(answer(demo.WHY)),
  }
  test.each<[string[], string[]]>([
    [[''], COMMANDS],
    [['sta'], ['status']],
    [
      ['why', 'etcd-2/'],
      ['etcd-2/dashboard', 'etcd-2/etcd', 'etcd-2/ready'],
    ],
    [
      ['why', 'etcd-2/dashboard', ''],
      ['title', 'password', 'members', 'version'],
    ],
    [
      ['facts', 'etcd-'],
      ['etcd-1', 'etcd-2', 'etcd-3', 'etcd-4'],
    ],
    [['logs', 'run'], ['run-1']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['up', '--st'], ['--stay']],
    [['lab', 'co'], ['connect']],
    [
      ['lab', 'stop', 'h'],
      ['h1', 'h2'],
    ],
  ])('%j', async (words, expected) => {
    const hosts = ['h1', 'h2'].map((name) => ({ name, address: '10.77.0.11', state: 'up' }))
    const on = stage({ operations, lab: { list: () => Promise.resolve(hosts) } })
    expect(await on.run('__complete', ...words)).toBe(0)
    const proposed = on.written.map(({ text }) => text.split('\t')[0])
    expect(proposed).toEqual(expect.arrayContaining(expected))
    if (words.at(-1) !== '' || words.length > 1) expect(proposed).toHaveLength(expected.length)
    expect(on.left()).toEqual([])
  })

  test('is silent where there is no site', async () => {
    const on = stage({ nowhere: true })
    expect(await on.run('__complete', 'why', '')).toBe(0)
    expect(on.written.filter(({ text }) => !text.startsWith('-'))).toEqual([])
  })

  test.each(['bash', 'zsh', 'fish'])('script for %s', async (shell) => {
    const on = stage()
    await expect(on.story(await on.run('completion', shell), 'completion', shell)).toMatchFileSnapshot(
      `golden/completion-${shell}.txt`,
    )
  })
})

describe('lab', () => {
  const HOSTS = [
    { name: 'h1', address: '10.77.0.11', state: 'up' },
    { name: 'h2', address: '10.77.0.12', state: 'down' },
  ]
  const calls: unknown[][] = []
  const note =
    <T>(name: string, result: T) =>
    (...args: unknown[]): Promise<T> => {
      calls.push([name, ...args])
      return Promise.resolve(result)
    }
  const lab: LabDoor = {
    up: note('up', HOSTS),
    down: note('down', undefined),
    list: note('list', HOSTS),
    stop: note('stop', undefined),
    start: note('start', undefined),
    cut: note('cut', undefined),
    heal: note('heal', undefined),
    slow: note('slow', undefined),
    exec: note('exec', 7),
    connect: note('connect', 3),
    sshConfig: note('sshConfig', 'Host h1\n'),
    inventory: note('inventory', { nodes: {} }),
  }

  test('each command reaches the lab with what was said', async () => {
    calls.length = 0
    const on = stage({ lab })
    const codes = []
    for (const argv of [
      ['up', '3', '--prefix', 'n'],
      ['up', 'a', 'b', '--layer', 'etcd', '--layer', 'chrony', '--disk', '64', '--lab', 'other'],
      ['stop', 'h1', 'h2'],
      ['slow', 'h2', '--delay', '200', '--loss', '2.5'],
      ['exec', 'h1', '--', 'ls', '-la'],
      ['connect', 'h1'],
      ['inventory'],
      ['ssh-config'],
      ['down'],
    ]) {
      codes.push(await on.run('lab', ...argv))
    }
    expect(codes).toEqual([0, 0, 0, 0, 7, 3, 0, 0, 0])
    const plain = calls
      .filter(([name]) => name !== 'list')
      .map((call) =>
        call.map((arg) => (typeof arg === 'object' ? (JSON.parse(JSON.stringify(arg)) as unknown) : arg)),
      )
      .map((call) => call.filter((arg) => typeof arg !== 'function'))
    expect(plain).toEqual([
      ['up', 'default', { count: 3, prefix: 'n', layers: [] }],
      ['up', 'other', { names: ['a', 'b'], layers: ['etcd', 'chrony'], diskMiB: 64 }],
      ['stop', 'default', ['h1', 'h2']],
      ['slow', 'default', ['h2'], { delayMs: 200, jitterMs: 0, lossPercent: 2.5 }],
      ['exec', 'default', 'h1', ['ls', '-la']],
      ['connect', 'default', 'h1'],
      ['inventory', 'default'],
      ['sshConfig', 'default'],
      ['down', 'default'],
    ])
  })

  test('up without a count asks for what there is', async () => {
    calls.length = 0
    expect(await stage({ lab }).run('lab', 'up')).toBe(0)
    expect(calls).toEqual([['up', 'default', { layers: [], say: expect.any(Function) as unknown }]])
  })

  test('hosts as a table and as JSON', async () => {
    const on = stage({ lab })
    await expect(on.story(await on.run('lab', 'list'), 'lab', 'list')).toMatchFileSnapshot(
      'golden/lab-list.pipe.txt',
    )
    const json = stage({ lab })
    const code = await json.run('lab', 'list', '--json')
    await expect(json.story(code, 'lab', 'list', '--json')).toMatchFileSnapshot('golden/lab-list.json.txt')
  })

  test('a fault of the lab is a sentence, and its code decides the exit', async () => {
    for (const [code, exit] of [
      ['no-such-host', 5],
      ['lab-is-down', 1],
    ] as const) {
      const fault = Object.assign(new Error('lab default has no host h9: did you mean h1?'), {
        name: 'LabFault',
        code,
      })
      const on = stage({ lab: { ...lab, stop: () => Promise.reject(fault) } })
      expect(await on.run('lab', 'stop', 'h9')).toBe(exit)
      expect(on.written.map(({ text }) => text).join('')).toBe(
        'anneal lab: lab default has no host h9: did you mean h1?\n',
      )
    }
  })
})
