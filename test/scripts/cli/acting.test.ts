// Commands that act: the diff, the question, progress on a terminal and in a pipe, Ctrl-C, the summary, the exit code.
import { describe, expect, test } from 'vitest'
import type { AnnealRequest, Feed, UpRequest, UpResult } from '../../../src/model/operations.ts'
import { type Answer, answer, refuse } from '../../../src/model/refusal.ts'
import type { InputChange, NodeRoleChange } from '../../../src/model/view.ts'
import * as demo from './demo.ts'
import { CTRL_C, NOW, type Stage, type StageOptions, stage } from './stage.ts'

const START = demo.statusOf(
  [
    demo.nodeRole('base/etcd-1/ready', 'active', { kind: 'milestone' }),
    demo.nodeRole('base/etcd-2/ready', 'active', { kind: 'milestone' }),
    demo.nodeRole('store/etcd-1/etcd', 'todo', {
      kind: 'waits',
      wait: { kind: 'turn' },
      cause: { kind: 'new' },
    }),
    demo.nodeRole('store/etcd-2/etcd', 'todo', {
      kind: 'waits',
      wait: { kind: 'turn' },
      cause: { kind: 'new' },
    }),
  ],
  { atRest: false },
)

function moved(id: string, state: 'transition' | 'active' | 'error'): Feed {
  return { kind: 'nodeRole', after: demo.nodeRole(id, state, { kind: 'current' }), at: NOW }
}

/** A short cycle: two runs, one of which fails. */
function cycle(on: Stage, request: AnnealRequest): UpResult {
  const at = NOW
  const first = demo.running(1, 'store/etcd-1/etcd')
  const second = demo.running(2, 'store/etcd-2/etcd')
  const steps: Feed[][] = [
    [{ kind: 'status', status: START }],
    [{ kind: 'run', run: first, at }, moved('store/etcd-1/etcd', 'transition')],
    [{ kind: 'run', run: second, at }, moved('store/etcd-2/etcd', 'transition')],
    [{ kind: 'notice', node: 'etcd-2', message: 'its host key was pinned on first contact', at }],
    [{ kind: 'run', run: demo.run(1, 'store/etcd-1/etcd'), at }, moved('store/etcd-1/etcd', 'active')],
    [{ kind: 'node', node: demo.NODES[0] as (typeof demo.NODES)[0], at }],
    [{ kind: 'run', run: failed(), at }, moved('store/etcd-2/etcd', 'error')],
  ]
  for (const feeds of steps) {
    for (const feed of feeds) request.onFeed(feed)
    on.later(1_000)
    on.frame()
  }
  return {
    outcome: 'atRestWithProblems',
    runs: [demo.run(1, 'store/etcd-1/etcd'), failed()],
    wallMs: 7_000,
    status: demo.TROUBLED,
  }
}

function failed(): ReturnType<typeof demo.run> {
  return demo.run(2, 'store/etcd-2/etcd', { result: 'failed', changed: false, message: 'exit 1', attempt: 3 })
}

function upStage(options: StageOptions, diff = demo.DIFF): Stage {
  const on: Stage = stage({
    ...options,
    operations: {
      async up(request: UpRequest): Promise<Answer<UpResult>> {
        const confirmed = await request.confirm(diff)
        if (confirmed) return answer(cycle(on, request))
        return answer({ outcome: 'declined', runs: [], wallMs: 3, status: demo.QUIET })
      },
    },
  })
  return on
}

describe('up', () => {
  const cases: [string, StageOptions, string[]][] = [
    ['up-yes.terminal', { terminal: true, env: { NO_COLOR: '1' } }, ['up', '--yes']],
    ['up-yes.pipe', {}, ['up', '--yes']],
    ['up-yes.json', {}, ['up', '--yes', '--json']],
    ['up-plain.terminal', { terminal: true, env: { NO_COLOR: '1' } }, ['up', '--yes', '--plain']],
    ['up-asked-yes.terminal', { terminal: true, replies: ['what?', 'y'] }, ['up']],
    ['up-asked-no.terminal', { terminal: true, replies: [''] }, ['up']],
    ['up-asked-interrupted.terminal', { terminal: true, replies: [CTRL_C] }, ['up']],
    ['up-nobody-to-ask.pipe', {}, ['up']],
    ['up-nobody-to-ask.json', {}, ['up', '--json']],
  ]
  test.each(cases)('%s', async (name, options, argv) => {
    const on = upStage(options)
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.txt`)
    expect(on.left()).toEqual([])
  })

  test('nothing to change is one line', async () => {
    const on = stage({
      operations: {
        up: () => Promise.resolve(answer({ outcome: 'ready', runs: [], wallMs: 12, status: demo.QUIET })),
      },
    })
    const code = await on.run('up')
    await expect(on.story(code, 'up')).toMatchFileSnapshot('golden/up-nothing.pipe.txt')
  })

  test('the message and the person reach the timeline', async () => {
    let seen: UpRequest | undefined
    const on = stage({
      operations: {
        up(request) {
          seen = request
          return Promise.resolve(answer({ outcome: 'ready', runs: [], wallMs: 1, status: demo.QUIET }))
        },
      },
    })
    await on.run('up', '-y', '-m', 'rack 4', '--stay')
    expect(seen).toMatchObject({ message: 'rack 4', by: 'alice@desk', stay: true })
  })
})

describe('diff', () => {
  const cases: [string, string[], typeof demo.DIFF][] = [
    ['diff.pipe', ['diff'], demo.DIFF],
    ['diff.json', ['diff', '--json'], demo.DIFF],
    ['diff-nothing.pipe', ['diff'], demo.NO_DIFF],
    ['diff-only-retries.pipe', ['diff'], demo.RETRIES],
    ['diff-short.pipe', ['diff'], { ...demo.DIFF, short: demo.SHORT }],
    ['diff-runs-nothing.pipe', ['diff'], { ...demo.NO_DIFF, revision: 4 }],
  ]
  test.each(cases)('%s', async (name, argv, diff) => {
    const on = stage({ operations: { diff: () => Promise.resolve(answer(diff)) } })
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  test('nodes that each wait for themselves read alike', async () => {
    const changes = ['n1', 'n2', 'n3'].map(
      (node): NodeRoleChange => ({
        nodeRole: `d/${node}/web`,
        what: 'add',
        cause: { kind: 'new' },
        inputs: [],
        knownAfter: [
          {
            input: 'zone',
            unbound: { kind: 'outputUnknown', nodeRole: `d/${node}/dns`, output: 'zone' },
            runs: [`d/${node}/dns`],
            more: 0,
            contacts: [],
          },
          {
            input: 'address',
            unbound: { kind: 'factAbsent', node, path: ['network'] },
            runs: [],
            more: 0,
            contacts: [node],
          },
        ],
        destructive: false,
      }),
    )
    const told = { ...demo.DIFF, nodesAdded: [], changes }
    const on = stage({ operations: { diff: () => Promise.resolve(answer(told)) } })
    await expect(on.story(await on.run('diff'), 'diff')).toMatchFileSnapshot('golden/diff-alike.pipe.txt')
  })

  test('of long values the parts that differ', async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [`etcd-${i + 1}`, `10.77.3.1${i} etcd-${i + 1}`]),
    )
    const { 'etcd-5': _, ...four } = entries
    const inputs: InputChange[] = [
      {
        input: 'entries',
        sensitive: false,
        before: entries,
        after: { ...four, 'etcd-2': '10.77.9.9 etcd-2' },
      },
      { input: 'peers', sensitive: false, before: Object.values(entries), after: Object.values(four) },
      {
        input: 'motd',
        sensitive: false,
        before: 'welcome '.repeat(30),
        after: `${'welcome '.repeat(29)}home `,
      },
      {
        input: 'page',
        sensitive: false,
        before: 'one\ntwo\nthree\n'.repeat(9),
        after: `${'one\ntwo\nthree\n'.repeat(9)}four\n`,
      },
      { input: 'ports', sensitive: false, before: [80], after: [80, 443] },
      {
        input: 'many',
        sensitive: false,
        before: {},
        after: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key-${i + 10}`, true])),
      },
    ]
    const [, change] = demo.DIFF.changes
    const diff = { ...demo.DIFF, changes: [{ ...(change as NodeRoleChange), inputs, knownAfter: [] }] }
    const on = stage({ operations: { diff: () => Promise.resolve(answer(diff)) } })
    await expect(on.story(await on.run('diff'), 'diff')).toMatchFileSnapshot('golden/diff-parts.pipe.txt')
  })

  test('terminal', async () => {
    const on = stage({ terminal: true, operations: { diff: () => Promise.resolve(answer(demo.DIFF)) } })
    await expect(on.story(await on.run('diff'), 'diff')).toMatchFileSnapshot('golden/diff.terminal.txt')
  })

  test('many nodes that change alike stand in one line', async () => {
    const [change] = demo.DIFF.changes.slice(1, 2)
    const changes = Array.from({ length: 50 }, (_, i) => ({
      ...change,
      nodeRole: `store/n${i + 10}/etcd`,
    })) as typeof demo.DIFF.changes
    const on = stage({
      operations: { diff: () => Promise.resolve(answer({ ...demo.DIFF, changes, nodesAdded: [] })) },
    })
    await expect(on.story(await on.run('diff'), 'diff')).toMatchFileSnapshot('golden/diff-many.pipe.txt')
  })
})

test('trouble that is the same on many machines is told once, and not of those that wait for it', async () => {
  const nodes = Array.from({ length: 7 }, (_, i) => `n${i + 1}`)
  const failed = nodes.map((node, i) =>
    demo.nodeRole(`d/${node}/dns`, 'error', {
      kind: 'failed',
      run: `run-${i + 1}`,
      attempts: 1,
      message: node === 'n7' ? 'exit code 2' : 'exit code 1',
      tail: 'no zone\n',
    }),
  )
  const waiting = nodes.map((node) =>
    demo.nodeRole(`d/${node}/web`, 'blocked', {
      kind: 'inputUnbound',
      input: 'zone',
      unbound: { kind: 'outputUnknown', nodeRole: `d/${node}/dns`, output: 'zone' },
    }),
  )
  const on = endsIn([...failed, ...waiting])
  const code = await on.run('up', '--yes')
  await expect(on.story(code, 'up', '--yes')).toMatchFileSnapshot('golden/up-alike.pipe.txt')
})

test('a machine that does not answer is told once, and not for each of its roles', async () => {
  const silent = ['base/n2/users', 'base/n2/sysctl', 'web/n2/nginx'].map((id) =>
    demo.nodeRole(id, 'blocked', {
      kind: 'notAlive',
      node: 'n2',
      since: NOW - 7_000,
      fault: { code: 'unreachable', message: 'n2 (10.77.0.12) does not answer' },
    }),
  )
  const alone = demo.nodeRole('web/n3/nginx', 'blocked', { kind: 'notAvailable', node: 'n3', by: 'ada' })
  const on = endsIn([...silent, alone])
  const code = await on.run('up', '--yes')
  await expect(on.story(code, 'up', '--yes')).toMatchFileSnapshot('golden/up-silent-node.pipe.txt')
})

test('what the engine refuses is told in its words', async () => {
  const on = stage({
    operations: {
      up(request) {
        const message = 'the journal could not be written: the disk is full'
        request.onFeed({ kind: 'refused', what: 'reportContact', details: { message } })
        request.onFeed({ kind: 'refused', what: 'reportRun', details: { run: 'run-1', code: 'notInFlight' } })
        return Promise.resolve(refuse({ code: 'journalFault', message }))
      },
    },
  })
  const code = await on.run('up', '--yes')
  await expect(on.story(code, 'up', '--yes')).toMatchFileSnapshot('golden/up-refused.pipe.txt')
})

/** Where `up` runs nothing and ends with these. */
function endsIn(nodeRoles: Parameters<typeof demo.statusOf>[0]): Stage {
  const result: UpResult = {
    outcome: 'atRestWithProblems',
    runs: [],
    wallMs: 7,
    status: demo.statusOf(nodeRoles),
  }
  return stage({ operations: { up: () => Promise.resolve(answer(result)) } })
}

test('retry, approve and forget anneal too', async () => {
  const asked: unknown[] = []
  const result: UpResult = { outcome: 'ready', runs: [], wallMs: 5, status: demo.QUIET }
  const operations: StageOptions['operations'] = {
    control(control) {
      asked.push(control)
      return Promise.resolve(answer({ names: [], leftOut: [], result }))
    },
    forget(node) {
      asked.push(node)
      return Promise.resolve(answer(result))
    },
  }
  expect(await stage({ operations }).run('retry', 'etcd-1/etcd', 'etcd-2/etcd')).toBe(0)
  expect(await stage({ operations }).run('approve', 'store/etcd', '--variant', 'v', '-m', 'seen')).toBe(0)
  expect(await stage({ operations }).run('forget', 'etcd-3', '--yes')).toBe(0)
  expect(await stage({ operations, terminal: true, replies: ['etcd-3'] }).run('forget', 'etcd-3')).toBe(0)
  expect(await stage({ operations, terminal: true, replies: ['y'] }).run('forget', 'etcd-3')).toBe(2)
  expect(await stage({ operations }).run('forget', 'etcd-3')).toBe(5)
  const approval = { kind: 'approve', targets: ['store/etcd'], variant: 'v', why: 'seen' }
  const retry = { kind: 'retry', targets: ['etcd-1/etcd', 'etcd-2/etcd'] }
  expect(asked).toEqual([retry, approval, 'etcd-3', 'etcd-3'])
})

describe('Ctrl-C', () => {
  function interruptible(options: StageOptions, times: number[]): Stage {
    const on: Stage = stage({
      ...options,
      operations: {
        async up(request: UpRequest): Promise<Answer<UpResult>> {
          request.onFeed({ kind: 'status', status: START })
          for (const later of times) {
            on.later(later)
            on.interrupt()
          }
          await new Promise<void>((resolve) => {
            if (request.signal.aborted) resolve()
            else request.signal.addEventListener('abort', () => resolve())
          })
          return answer({ outcome: 'interrupted', runs: [], wallMs: 100, status: START })
        },
      },
    })
    return on
  }

  test('once: runs in flight finish, the cursor comes back, 130', async () => {
    const on = interruptible({ terminal: true, env: { NO_COLOR: '1' } }, [0])
    expect(await on.run('up', '--yes')).toBe(130)
    const talk = on.written.map(({ text }) => text).join('')
    expect(talk).toContain('stopping: runs in flight finish')
    expect(talk.lastIndexOf('\u001b[?25h')).toBeGreaterThan(talk.lastIndexOf('\u001b[?25l'))
    expect(on.left()).toEqual([])
  })

  test('the same one heard twice counts once', async () => {
    expect(await interruptible({}, [0, 20]).run('up', '--yes')).toBe(130)
  })

  test('twice: the process ends at once', async () => {
    await expect(interruptible({}, [0, 2_000]).run('up', '--yes')).resolves.toBe(1) // the stage throws where a process ends
  })
})

describe('watch', () => {
  const going = demo.statusOf(
    START.nodeRoles.map((each) =>
      each.id === 'store/etcd-1/etcd'
        ? demo.nodeRole(each.id, 'transition', {
            kind: 'running',
            run: 'run-1',
            action: 'apply',
            since: NOW,
            cause: { kind: 'new' },
          })
        : each,
    ),
    { atRest: false },
  )
  const looks = [
    { status: START, runs: [] },
    { status: going, runs: [demo.running(1, 'store/etcd-1/etcd')] },
    { status: demo.TROUBLED, runs: [demo.run(1, 'store/etcd-1/etcd'), failed()] },
  ]
  function watchStage(options: StageOptions): Stage {
    let look = 0
    return stage({
      ...options,
      operations: {
        status: () => Promise.resolve(answer((looks[look] ?? (looks.at(-1) as (typeof looks)[0])).status)),
        runs: () => Promise.resolve(answer((looks[look++] ?? (looks.at(-1) as (typeof looks)[0])).runs)),
      },
    })
  }
  test.each<[string, StageOptions, string[]]>([
    ['watch.terminal', { terminal: true, env: { NO_COLOR: '1' } }, ['watch', '--until-rest']],
    ['watch.pipe', {}, ['watch', '--until-rest']],
    ['watch.json', {}, ['watch', '--until-rest', '--json']],
  ])('%s', async (name, options, argv) => {
    const on = watchStage(options)
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.txt`)
    expect(on.left()).toEqual([])
  })

  test('before the first commit it waits, and says so once', async () => {
    const nothing = refuse<never>({ code: 'nothingThere', message: 'There is no journal here.' })
    const unborn = demo.statusOf([], { revision: 0 })
    const told = [nothing, nothing, answer(unborn), answer(demo.QUIET)]
    const on = stage({
      operations: {
        status: () => Promise.resolve(told.shift() ?? answer(demo.QUIET)),
        runs: () => Promise.resolve(answer([])),
      },
    })
    const code = await on.run('watch', '--until-rest')
    await expect(on.story(code, 'watch', '--until-rest')).toMatchFileSnapshot('golden/watch-early.pipe.txt')
    expect(on.left()).toEqual([])
  })

  test('Ctrl-C ends it before the first commit, too', async () => {
    const on: Stage = stage({
      operations: {
        status() {
          setImmediate(() => on.interrupt())
          return Promise.resolve(refuse({ code: 'nothingThere', message: 'There is no journal here.' }))
        },
      },
    })
    expect(await on.run('watch')).toBe(130)
    expect(on.left()).toEqual([])
  })

  test('Ctrl-C ends it', async () => {
    const on: Stage = stage({
      operations: {
        status: () => Promise.resolve(answer(demo.QUIET)),
        runs() {
          setImmediate(() => on.interrupt())
          return Promise.resolve(answer([]))
        },
      },
    })
    expect(await on.run('watch')).toBe(130)
    expect(on.left()).toEqual([])
  })
})

test('a refusal on the way ends with its words and code', async () => {
  const on = stage({
    closed: {
      code: 'busy',
      message: 'busy: anneal up (pid 7 on host desk) has been working here for 3.0 s',
      holder: 'anneal up',
    },
  })
  await expect(on.story(await on.run('up', '--yes'), 'up', '--yes')).toMatchFileSnapshot(
    'golden/busy.pipe.txt',
  )
  const moving = stage({
    operations: {
      up: () =>
        Promise.resolve(
          refuse({
            code: 'timelineMoved',
            message: 'revision 4 was committed meanwhile',
            head: 4,
            moved: { committed: [], differences: [], differing: 0, nodeRoles: [], nodeRolesDiffering: 0 },
          }),
        ),
    },
  })
  expect(await moving.run('up', '--yes')).toBe(1)
  expect(moving.left()).toEqual([])
})

test('nothing is left behind when something breaks', async () => {
  const on = stage({
    terminal: true,
    operations: {
      up(request) {
        request.onFeed({ kind: 'status', status: START })
        return Promise.reject(new Error('a mistake'))
      },
    },
  })
  expect(await on.run('up', '--yes')).toBe(1)
  expect(on.left()).toEqual([])
  const talk = on.written.map(({ text }) => text).join('')
  expect(talk).toContain('this is a mistake of Anneal')
  expect(talk.lastIndexOf('\u001b[?25h')).toBeGreaterThan(talk.lastIndexOf('\u001b[?25l'))
})
