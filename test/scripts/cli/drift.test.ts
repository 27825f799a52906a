// `anneal drift`: what differs, what was repaired, what could not be looked at, and the exit codes that say so.
import { describe, expect, test } from 'vitest'
import type { DriftView, Finding } from '../../../src/model/drift.ts'
import type { Unlooked } from '../../../src/model/dry-run.ts'
import type { DriftReport, DriftRequest } from '../../../src/model/operations.ts'
import { answer } from '../../../src/model/refusal.ts'
import * as demo from './demo.ts'
import { NOW, type Stage, type StageOptions, stage } from './stage.ts'

const AS_ASKED: DriftView = { nodeRole: 'base/etcd-1/ready', policy: 'repair', found: 'asAsked' }
const NOTHING: DriftView = {
  nodeRole: 'web/etcd-1/proxy',
  policy: 'off',
  found: 'unchecked',
  unchecked: { kind: 'off' },
}
const DRIFTED: DriftView = {
  nodeRole: 'store/etcd-1/etcd',
  policy: 'repair',
  found: 'drifted',
  differences: [
    {
      kind: 'file',
      path: '/etc/etcd/etcd.conf.yml',
      differs: ['content', 'mode'],
      rights: { wanted: '0640 etcd:etcd', found: '0644 etcd:etcd' },
      diff: '--- wanted\n+++ found\n@@ -1,2 +1,2 @@\n name: etcd-1\n-heartbeat-interval: 100\n+heartbeat-interval: 1000',
    },
    { kind: 'file', path: '/etc/etcd/ca.pem', differs: ['link'], untold: 'link' },
    {
      kind: 'check',
      message: 'check.sh ended with exit code 1: not serving',
      tail: 'looking\u001b[31m\nnot serving',
    },
  ],
}
const REPORTED: DriftView = {
  nodeRole: 'store/etcd-2/motd',
  policy: 'report',
  found: 'drifted',
  differences: [
    {
      kind: 'file',
      path: '/etc/motd',
      differs: ['absent'],
      diff: '--- wanted\n+++ not there\n@@ -1 +0,0 @@\n-hello',
    },
  ],
}
const UNKNOWN: DriftView = {
  nodeRole: 'store/etcd-2/etcd',
  policy: 'repair',
  found: 'unknown',
  message: 'check.sh was ended by SIGKILL',
}
const DEAD: DriftView = {
  nodeRole: 'store/etcd-3/etcd',
  policy: 'repair',
  found: 'unchecked',
  unchecked: {
    kind: 'notActive',
    state: 'blocked',
    reason: {
      kind: 'notAlive',
      node: 'etcd-3',
      fault: { code: 'unreachable', message: 'connect to 10.77.0.13 port 22: No route to host' },
      since: NOW - 60_000,
    },
  },
}

function driftStage(
  options: StageOptions,
  report: Partial<DriftReport>,
): { on: Stage; asked: DriftRequest[] } {
  const asked: DriftRequest[] = []
  const on = stage({
    ...options,
    operations: {
      async drift(request) {
        asked.push(request)
        return answer({ nodeRoles: [], runs: [], wallMs: 1_240, interrupted: false, ...report })
      },
    },
  })
  return { on, asked }
}

describe('drift', () => {
  const repaired = demo.run(7, 'store/etcd-1/etcd')
  const cases: [string, StageOptions, Partial<DriftReport>, string[], number][] = [
    ['drift-none.pipe', {}, { nodeRoles: [AS_ASKED, NOTHING] }, ['drift'], 0],
    [
      'drift-found.pipe',
      {},
      { nodeRoles: [AS_ASKED, DRIFTED, REPORTED, UNKNOWN, DEAD, NOTHING] },
      ['drift'],
      2,
    ],
    ['drift-found.terminal', { terminal: true }, { nodeRoles: [DRIFTED] }, ['drift', 'etcd-1'], 2],
    ['drift-found.json', {}, { nodeRoles: [REPORTED, DEAD] }, ['drift', '--json'], 2],
    ['drift-unknown.pipe', {}, { nodeRoles: [AS_ASKED, UNKNOWN] }, ['drift'], 3],
    ['drift-repaired.pipe', {}, { nodeRoles: [DRIFTED], runs: [repaired] }, ['drift', '--repair'], 0],
    [
      'drift-repaired-half.pipe',
      {},
      { nodeRoles: [DRIFTED, REPORTED], runs: [repaired] },
      ['drift', '--repair'],
      3,
    ],
    ['drift-interrupted.pipe', {}, { nodeRoles: [AS_ASKED], interrupted: true }, ['drift'], 130],
  ]
  test.each(cases)('%s', async (name, options, report, argv, exit) => {
    const { on } = driftStage(options, report)
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.txt`)
    expect([code, on.left()]).toEqual([exit, []])
  })

  test.each([
    ['dry-run.pipe', ['diff', '--check']],
    ['dry-run.json', ['diff', '--check', '--json']],
  ])('%s', async (name, argv) => {
    const findings: Finding[] = [AS_ASKED, DRIFTED, UNKNOWN]
    const unlooked: Unlooked[] = [
      { nodeRole: 'web/etcd-1/proxy', why: 'inputUnbound', input: 'port', unbound: { kind: 'noValue' } },
      { nodeRole: 'web/etcd-2/proxy', why: 'nothingToCheck' },
      { nodeRole: 'web/etcd-3/proxy', why: 'fault', fault: { code: 'unreachable', message: 'no answer' } },
      { nodeRole: 'web/etcd-4/proxy', why: 'leaves' },
      { nodeRole: 'web/etcd-5/proxy', why: 'notAvailable' },
    ]
    const on = stage({ operations: { dryRun: async () => answer({ diff: demo.DIFF, findings, unlooked }) } })
    const code = await on.run(...argv)
    await expect(on.story(code, ...argv)).toMatchFileSnapshot(`golden/${name}.txt`)
    expect([code, on.left()]).toEqual([2, []])
  })

  test('asks for what was named', async () => {
    const { on, asked } = driftStage({}, {})
    await on.run('drift', 'etcd-1', 'store/etcd', '--repair')
    expect(asked).toMatchObject([
      { targets: ['etcd-1', 'store/etcd'], repair: true, by: 'alice@desk', stay: false },
    ])
  })
})
