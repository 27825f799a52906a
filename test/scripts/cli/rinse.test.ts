// `anneal rinse`: what is shown before it, the question, what is asked of the engine, and bad usage.
import { describe, expect, test } from 'vitest'
import type { RinseRequest } from '../../../src/model/operations.ts'
import { answer } from '../../../src/model/refusal.ts'
import type { RinsePreview } from '../../../src/model/rinse.ts'
import * as demo from './demo.ts'
import { type Stage, type StageOptions, stage } from './stage.ts'

const PREVIEW: RinsePreview = {
  removes: [
    {
      deployment: 'web',
      role: 'dashboard',
      nodeRoles: ['web/-/dashboard'],
      nothingToRemove: true,
    },
    {
      deployment: 'store',
      role: 'etcd',
      nodeRoles: ['store/etcd-1/etcd', 'store/etcd-2/etcd', 'store/etcd-10/etcd'],
      nothingToRemove: false,
    },
  ],
  applies: [
    {
      deployment: 'store',
      role: 'etcd',
      nodeRoles: ['store/etcd-1/etcd', 'store/etcd-2/etcd', 'store/etcd-10/etcd'],
      nothingToRemove: false,
    },
    { deployment: 'web', role: 'dashboard', nodeRoles: ['web/-/dashboard'], nothingToRemove: true },
  ],
  leftOut: [{ nodeRole: 'store/etcd-1/format', why: 'once' }],
  held: [{ nodeRole: 'store/etcd-2/etcd', node: 'etcd-2' }],
  stays: ['web/etcd-1/proxy'],
}

function rinseStage(options: StageOptions, preview = PREVIEW): { on: Stage; asked: RinseRequest[] } {
  const asked: RinseRequest[] = []
  const on = stage({
    ...options,
    operations: {
      async rinse(request) {
        asked.push(request)
        const outcome = (await request.confirm(preview)) ? 'ready' : 'declined'
        return answer({ outcome, runs: [], wallMs: 3, status: demo.QUIET })
      },
    },
  })
  return { on, asked }
}

describe('rinse', () => {
  const cases: [string, StageOptions, string[]][] = [
    ['rinse-yes.terminal', { terminal: true }, ['rinse', 'store', '--yes']],
    [
      'rinse-asked-yes.terminal',
      { terminal: true, env: { NO_COLOR: '1' }, replies: ['y'] },
      ['rinse', 'store'],
    ],
    [
      'rinse-asked-no.terminal',
      { terminal: true, env: { NO_COLOR: '1' }, replies: ['n'] },
      ['rinse', 'store'],
    ],
    ['rinse-nobody-to-ask.pipe', {}, ['rinse', 'store', 'web/dashboard']],
    ['rinse-yes.json', {}, ['rinse', '--all', '--yes', '--json']],
    ['rinse-nothing-named.pipe', {}, ['rinse']],
    ['rinse-all-and-named.pipe', {}, ['rinse', '--all', 'store']],
  ]
  test.each(cases)('%s', async (name, options, argv) => {
    const { on } = rinseStage(options)
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.txt`)
    expect(on.left()).toEqual([])
  })

  test('who, why, what and the approval reach the engine', async () => {
    const { on, asked } = rinseStage({})
    await on.run('rinse', 'store/etcd', 'etcd-1', '--once', '-y', '-m', 'a clean start')
    await on.run('rinse', '--all', '-y')
    expect(asked).toMatchObject([
      { targets: ['store/etcd', 'etcd-1'], once: true, why: 'a clean start', by: 'alice@desk' },
      { targets: 'all', once: false },
    ])
    expect(asked[1]).not.toHaveProperty('why')
  })
})
