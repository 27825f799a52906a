// Ad-hoc commands: how the output of many machines is told, how it ends, and what is asked of the site.
import { describe, expect, test } from 'vitest'
import type { ExecOutcome, ExecView } from '../../../src/model/exec.ts'
import type { ExecRequest } from '../../../src/model/operations.ts'
import { answer, refuse } from '../../../src/model/refusal.ts'
import { NOW, stage, type StageOptions } from './stage.ts'

const OK: ExecOutcome = { result: 'done', exit: 0, durationMs: 12 }
const NO: ExecOutcome = { result: 'done', exit: 3, durationMs: 1_200 }
const DEAD: ExecOutcome = {
  result: 'fault',
  fault: { code: 'unreachable', message: 'no answer from 10.77.0.12 port 22' },
  durationMs: 5_000,
}

function view(outcomes: Record<string, ExecOutcome>, more: Partial<ExecView> = {}): ExecView {
  return {
    exec: 'exec-7',
    by: 'alice@desk',
    argv: ['sh', '-c', 'echo "hi"'],
    become: false,
    selection: 'all',
    startedAt: NOW,
    nodes: Object.entries(outcomes).map(([node, outcome]) => ({ node, outcome })),
    ...more,
  }
}

/** Two machines speak in turns and in pieces; one of them tries to move the cursor. */
function talking(
  outcomes: Record<string, ExecOutcome>,
  asked: ExecRequest[] = [],
): NonNullable<StageOptions['operations']> {
  const bytes = (text: string) => new TextEncoder().encode(text)
  return {
    exec(request) {
      asked.push(request)
      const nodes = Object.keys(outcomes)
      request.onStart('exec-7', nodes)
      for (const node of nodes) request.onOutput(node, 'stdout', bytes('load '))
      for (const node of nodes) request.onOutput(node, 'stdout', bytes('1.5\nand \u001b[2J'))
      for (const node of nodes) request.onOutput(node, 'stderr', bytes('careful\r\n'))
      request.onNotice(nodes[0] as string, 'its host key was pinned on first contact')
      for (const [node, outcome] of Object.entries(outcomes)) request.onEnd(node, outcome)
      return Promise.resolve(answer(view(outcomes)))
    },
  }
}

describe.each([
  ['exec-ok', { 'etcd-1': OK, 'etcd-10': OK }],
  ['exec-trouble', { 'etcd-1': OK, 'etcd-2': NO, 'etcd-10': DEAD }],
] as const)('%s', (name, outcomes) => {
  test.each(['pipe', 'json'])('%s', async (form) => {
    const words = ['exec', '--all', ...(form === 'json' ? ['--json'] : []), '--', 'uptime', '--pretty']
    const on = stage({ operations: talking(outcomes) })
    const code = await on.run(...words)
    await expect(on.story(code, ...words)).toMatchFileSnapshot(`golden/${name}.${form}.txt`)
    expect(on.left()).toEqual([])
  })
})

test('words of the command are no flags of ours, and nothing of it is changed', async () => {
  const asked: ExecRequest[] = []
  const operations = talking({ n1: OK }, asked)
  const run = (...words: string[]) => stage({ operations }).run('exec', ...words)
  expect(
    await run("node.name == 'n1'", '--become', '-m', 'why not', '--', 'ls', '--json', '-C', '/', ''),
  ).toBe(0)
  expect(await run('n1,store/etcd', '--timeout', '1m30s', '--parallel', '5', '--', 'true')).toBe(0)
  expect(
    asked.map(({ selection, argv, become, deadlineMs, parallel, by, why }) => ({
      selection,
      argv,
      become,
      deadlineMs,
      parallel,
      by,
      why,
    })),
  ).toEqual([
    {
      selection: { text: "node.name == 'n1'" },
      argv: ['ls', '--json', '-C', '/', ''],
      become: true,
      deadlineMs: 600_000,
      parallel: 32,
      by: 'alice@desk',
      why: 'why not',
    },
    {
      selection: { text: 'n1,store/etcd' },
      argv: ['true'],
      become: false,
      deadlineMs: 90_000,
      parallel: 5,
      by: 'alice@desk',
      why: undefined,
    },
  ])
})

test.each([
  [['exec']],
  [['exec', 'n1']],
  [['exec', '--all']],
  [['exec', '--all', '--', '']],
  [['exec', 'n1', '--timeout', 'soon', '--', 'true']],
  [['exec', 'n1', '--parallel', '0', '--', 'true']],
])('%j is bad usage', async (words) => {
  expect(await stage({ operations: talking({ n1: OK }) }).run(...words)).toBe(5)
})

test('an interrupt ends it on every machine', async () => {
  const on = stage({
    operations: {
      exec(request) {
        request.onStart('exec-7', ['n1'])
        on.interrupt()
        expect(request.signal.aborted).toBe(true)
        const outcome: ExecOutcome = {
          result: 'fault',
          fault: { code: 'cancelled', message: 'the run was cancelled' },
          durationMs: 5,
        }
        request.onEnd('n1', outcome)
        return Promise.resolve(answer(view({ n1: outcome })))
      },
    },
  })
  const code = await on.run('exec', 'n1', '--', 'sleep', '9')
  await expect(on.story(code, 'exec', 'n1', '--', 'sleep', '9')).toMatchFileSnapshot(
    'golden/exec-interrupt.txt',
  )
})

test('a refusal is told as everywhere', async () => {
  const exec = () =>
    Promise.resolve(refuse<ExecView>({ code: 'noNodes', message: 'd/dns means no node that is available' }))
  const on = stage({ operations: { exec } })
  const code = await on.run('exec', 'd/dns', '--', 'true')
  await expect(on.story(code, 'exec', 'd/dns', '--', 'true')).toMatchFileSnapshot('golden/exec-no-nodes.txt')
})

test.each(['pipe', 'json'])('execs: %s', async (form) => {
  const execs = () =>
    Promise.resolve(
      answer([
        view({ n1: OK, n2: { result: 'lost' } }, { exec: 'exec-6', become: true, selection: 'n1,n2' }),
        view({ n1: OK, n2: DEAD, n3: NO }, { why: 'who answers \u001b[31m?' }),
      ]),
    )
  const words = form === 'json' ? ['execs', '--json'] : ['execs']
  const on = stage({ operations: { execs } })
  const code = await on.run(...words)
  await expect(on.story(code, ...words)).toMatchFileSnapshot(`golden/execs.${form}.txt`)
})
