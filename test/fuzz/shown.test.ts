// The command line: whatever words it is given, an exit code of ours and a sentence; whatever is shown, no control of a terminal.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { EXIT } from '../../src/cli/exit-codes.ts'
import type { ExecView } from '../../src/model/exec.ts'
import { answer, refuse } from '../../src/model/refusal.ts'
import * as demo from '../scripts/cli/demo.ts'
import { LOADED, type StageOptions, stage } from '../scripts/cli/stage.ts'
import { strangeControls } from '../support/terminal.ts'
import { evilText, fuzz } from './hostile.ts'

const COMMANDS = [
  'status',
  'why',
  'trace',
  'runs',
  'logs',
  'nodes',
  'facts',
  'diff',
  'timeline',
  'show',
  'cycles',
  'propose',
  'rollback',
  'discard',
  'commit',
  'up',
  'hold',
  'release',
  'retry',
  'run',
  'approve',
  'cancel',
  'pause',
  'resume',
  'stop',
  'rinse',
  'drift',
  'exec',
  'execs',
  'forget',
  'validate',
  'simulate',
  'watch',
  'completion',
  'version',
  'help',
  '__complete',
]
const FLAGS = [
  '--json',
  '--yes',
  '-m',
  '-C',
  '--site',
  '--all',
  '--raw',
  '--limit',
  '--only',
  '--help',
  '--why',
  '--variant',
  '--once',
  '--repair',
  '--deadline',
  '--parallel',
  '--become',
  '--',
]

test('any words', async () => {
  const said = (...given: unknown[]): Promise<never> =>
    Promise.resolve(
      refuse({
        code: 'unknownTarget',
        message: `nothing is ${JSON.stringify(given[0])?.slice(0, 2_000)}`,
      }) as never,
    )
  const operations = new Proxy(
    {},
    {
      get: () => said,
      ownKeys: () => Object.keys(NAMES),
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: said }),
    },
  )
  const on = stage({
    terminal: true,
    operations: operations as NonNullable<StageOptions['operations']>,
    lab: operations as never,
  })
  const word = fc.oneof(
    { weight: 2, arbitrary: evilText },
    { weight: 2, arbitrary: fc.constantFrom(...FLAGS) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...FLAGS), evilText).map(([flag, text]) => `${flag}=${text}`),
    },
    { weight: 1, arbitrary: fc.constantFrom('n1', 'd/n1/etcd', '3', 'run-1', '5m') },
  )
  const argv = fc.tuple(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...COMMANDS) }, { weight: 1, arbitrary: evilText }),
    fc.array(word, { maxLength: 5 }),
  )
  await fuzz('words of the command line', argv, async ([first, words]) => {
    on.written.length = 0
    // No shell hands over a NUL; the lab is for tests of its own.
    const code = await on.run(...[first, ...words].map((one) => one.replaceAll('\0', '')))
    expect([...Object.values(EXIT), 130]).toContain(code)
    // A tab parts what shells are offered from what they show beside it.
    const shown = on.written
      .map(({ text }) => (first === '__complete' ? text.replace('\t', ' ') : text))
      .join('')
    expect(strangeControls(shown)).toEqual([])
    expect(shown).not.toMatch(/\n +at .*\.(ts|js):\d+/)
    if (code !== 0) expect(shown).not.toBe('')
    expect(on.left()).toEqual([])
  })
})

test('a name that is to be typed again is asked for safely', async () => {
  const on = stage({ terminal: true, operations: {} as NonNullable<StageOptions['operations']> })
  await on.run('forget', '\n\u2028\ufeff')
  const shown = on.written.map(({ text }) => text).join('')
  expect(shown).toContain('Type ␊<U+2028><U+FEFF> to forget it')
  expect(strangeControls(shown)).toEqual([])
})

test.each(['--valueOf', '--value-of', '--no-toString=x', '--__proto__'])(
  'the flag %s, which every object has',
  async (flag) => {
    const on = stage()
    expect(await on.run('status', flag)).toBe(EXIT.usage)
    expect(on.written.map(({ text }) => text).join('')).toContain('there is no flag --')
  },
)

test('a site in a directory whose name no disk takes', async () => {
  const on = stage()
  expect(await on.run('status', '-C', 'x'.repeat(5_000))).toBe(EXIT.usage)
  expect(on.written.map(({ text }) => text).join('')).toMatch(/cannot be looked at: ENAMETOOLONG/)
})

/** What is said by nodes, people and files, as against words of ours; names are what patterns let through. */
const FREE = new Set([
  'message',
  'tail',
  'by',
  'author',
  'why',
  'variant',
  'value',
  'from',
  'to',
  'before',
  'text',
  'labels',
  'facts',
  'hints',
  'host',
  'diff',
  'advice',
  'what',
  'selection',
  'argv',
  'tier',
  'fact',
  'told',
])

function spoiled<T>(value: T, evil: string, free = false): T {
  if (typeof value === 'string') return (free ? value + evil : value) as T
  if (Array.isArray(value)) return value.map((one) => spoiled<unknown>(one, evil, free)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      free ? key + evil : key,
      spoiled<unknown>(one, evil, inside(key, one, free)),
    ]),
  ) as T
}

/** Below `value` all is of a node, below `before` and `what` only a text is: elsewhere they are words of ours. */
function inside(key: string, one: unknown, free: boolean): boolean {
  if (free) return true
  return (
    FREE.has(key) &&
    (typeof one === 'string' ? !OURS.has(one) : ['value', 'labels', 'facts', 'hints', 'argv'].includes(key))
  )
}
const OURS = new Set([
  'add',
  'remove',
  'change',
  'rerun',
  'active',
  'todo',
  'blocked',
  'error',
  'transition',
  'proposed',
  'facts',
  'outputs',
  'runs',
  'role',
  'adopt',
  'move',
  'run',
  'update',
  'apply',
  'retry',
  'input',
  'drift',
  'all',
])

const told = (evil: string): StageOptions => {
  const say =
    <T>(value: T) =>
    (): Promise<never> =>
      Promise.resolve(answer(spoiled(value, evil)) as never)
  const rollouts = [
    {
      deployment: 'store',
      role: 'etcd',
      variants: [
        {
          variant: `os.version=12${evil}`,
          nodes: 4,
          done: 1,
          changing: 1,
          failed: 0,
          waits: 1,
          steps: [1, 2, 4],
          step: 1,
          gate: { message: evil },
        },
      ],
    },
  ]
  const run = demo.run(4, 'store/etcd-2/etcd', { result: 'failed', changed: false, message: 'exit 1' })
  return {
    terminal: true,
    columns: 300,
    loaded: LOADED,
    transcripts: { 'run-4': `# 0.000 run-4 apply\no 0.012 ${evil}\ne+ 0.013 ${evil}` },
    operations: {
      status: say({ ...demo.TROUBLED, rollouts: rollouts as never }),
      why: say(demo.WHY),
      trace: say(demo.TRACE),
      runs: () => Promise.resolve(answer([spoiled(run, evil)])),
      nodes: say(demo.NODES),
      facts: () => Promise.resolve(answer({ [`a${evil}`]: { b: [evil, { [evil]: evil }] } } as JsonObject)),
      diff: say(demo.DIFF),
      timeline: say([demo.WAITING]),
      cycles: say(demo.CYCLES),
      cycle: say(demo.CRITICAL_PATH),
      drift: say({
        nodeRoles: [
          {
            nodeRole: 'a/b/c',
            policy: 'report',
            found: 'drifted',
            at: 0,
            differences: [
              { kind: 'check', message: 'x', tail: 'y\nz' },
              {
                kind: 'file',
                path: '/etc/x',
                differs: ['content'],
                rights: { wanted: '0644', found: evil },
                diff: `--- w\n+++ f\n+${evil}`,
              },
            ],
          },
          { nodeRole: 'a/b/d', policy: 'report', found: 'unknown', at: 0, message: 'x' },
        ] as never,
        runs: [],
        wallMs: 1,
        interrupted: false,
      }),
      execs: say([
        {
          exec: 'exec-1',
          argv: ['a', 'b'],
          by: 'ann',
          why: 'x',
          startedAt: 0,
          become: false,
          selection: 'n1',
          nodes: [
            {
              node: 'n1',
              outcome: {
                result: 'fault',
                fault: { code: 'unreachable', message: 'x', advice: 'y' },
                durationMs: 1,
              },
            },
          ],
        },
      ] satisfies ExecView[]),
      up: (asked) => {
        asked.onFeed({ kind: 'run', run: spoiled(run, evil), at: 0 })
        asked.onFeed({ kind: 'nodeRole', before: 'todo', after: spoiled(demo.FAILED, evil), at: 0 })
        asked.onFeed({ kind: 'drift', nodeRole: 'a/b/c', policy: 'report', what: [`/etc/x ${evil}`], at: 0 })
        asked.onFeed({
          kind: 'node',
          node: spoiled(demo.NODES[0] as NonNullable<(typeof demo.NODES)[0]>, evil),
          at: 0,
        })
        return Promise.resolve(refuse({ code: 'invalidSite', message: evil, faults: [] }))
      },
      propose: () =>
        Promise.resolve(
          refuse({
            code: 'invalidSite',
            message: evil,
            faults: [
              { file: evil, line: 1, column: 1, code: 'x', message: evil, frame: evil, advice: evil },
            ] as never,
          }),
        ),
      exec: (asked) => {
        asked.onStart('exec-1' as never, ['n1'])
        asked.onOutput('n1', 'stdout', Buffer.from(`${evil}\n${evil}`))
        asked.onNotice('n1', evil)
        return Promise.resolve(refuse({ code: 'noNodes', message: evil }))
      },
    },
  }
}

const SHOWN: string[][] = [
  ['status', '--all'],
  ['status', '--json'],
  ['why', 'etcd-2/dashboard'],
  ['why', 'etcd-2/dashboard', 'members'],
  ['trace', 'x'],
  ['runs'],
  ['runs', '--json'],
  ['logs', 'run-4'],
  ['nodes'],
  ['facts', 'n1'],
  ['facts', 'n1', '--json'],
  ['diff'],
  ['timeline'],
  ['cycles'],
  ['cycles', 'show'],
  ['drift'],
  ['execs'],
  ['up', '--yes'],
  ['up', '--yes', '--json'],
  ['propose'],
  ['exec', 'n1', '--', 'x'],
  ['watch', '--until-rest'],
]

test('all that is shown, with hostile words of nodes, people and files in it', async () => {
  const met = new Set<string>()
  let evil = ''
  const on = stage(told('\u001b[2J'))
  await fuzz('what is shown', fc.tuple(fc.constantFrom(...SHOWN), evilText), async ([argv, text]) => {
    evil = text.slice(0, 6_000)
    on.written.length = 0
    const open = answer({ ...told(evil).operations, close: () => Promise.resolve() })
    Object.assign(on.world, { openOperations: () => Promise.resolve(open) })
    await on.run(...argv)
    const shown = on.written.map((one) => one.text).join('')
    expect(strangeControls(shown)).toEqual([])
    expect(shown).not.toMatch(/nobody expected|\n +at .*\.(ts|js):\d+/)
    if (shown.includes('␛')) met.add(argv.join(' '))
  })
  console.log(`fuzz: escapes were shown, made visible, by: ${[...met].join(', ')}`)
})

const NAMES: Record<string, Json> = Object.fromEntries(
  [
    'status',
    'why',
    'trace',
    'runs',
    'nodes',
    'facts',
    'diff',
    'rehearse',
    'timeline',
    'show',
    'cycles',
    'cycle',
    'propose',
    'rollback',
    'discard',
    'commit',
    'up',
    'control',
    'rinse',
    'drift',
    'dryRun',
    'forget',
    'exec',
    'execs',
  ].map((name) => [name, 1]),
)
