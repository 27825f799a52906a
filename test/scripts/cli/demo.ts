// A small site as its views show it: what the golden texts of the command line are told about.
import type { NodeRoleId } from '../../../src/model/names.ts'
import { nodeRoleName } from '../../../src/model/names.ts'
import { type Cause, type Reason, type State, STATES } from '../../../src/model/reason.ts'
import type { TraceView } from '../../../src/model/provenance.ts'
import type { FilesView } from '../../../src/model/rendered-files.ts'
import type { CriticalPath, CyclesView, CycleView } from '../../../src/model/cycle.ts'
import type {
  Diff,
  NodeRoleView,
  NodeView,
  RevisionView,
  RoleSummary,
  RunView,
  StatusView,
  WhyView,
} from '../../../src/model/view.ts'
import { NOW } from './stage.ts'

export function nodeRole(id: NodeRoleId, state: State, reason: Reason): NodeRoleView {
  return { id, ...nodeRoleName(id), state, reason, leaving: false }
}

export function statusOf(nodeRoles: NodeRoleView[], more: Partial<StatusView> = {}): StatusView {
  const active = nodeRoles.filter(({ state }) => state === 'active').length
  return {
    site: 'demo',
    revision: 3,
    atRest: true,
    ready: active === nodeRoles.length,
    temperature: nodeRoles.length === 0 ? 0 : 1 - active / nodeRoles.length,
    remains: active === nodeRoles.length ? 'nothing' : nodeRoles.every(isActiveOrWaits) ? 'word' : 'problems',
    holds: [],
    counts: countsOf(nodeRoles),
    roles: rolesOf(nodeRoles),
    rollouts: [],
    nodeRoles,
    ...more,
  }
}

function isActiveOrWaits({ state, reason }: NodeRoleView): boolean {
  return state === 'active' || (reason.kind === 'waits' && reason.wait.kind === 'approval')
}

export function run(number: number, id: NodeRoleId, more: Partial<RunView> = {}): RunView {
  return {
    run: `run-${number}`,
    nodeRole: id,
    action: 'apply',
    result: 'ok',
    changed: true,
    startedAt: NOW - 60_000 + number * 1_000,
    durationMs: 800 + number * 100,
    attempt: 1,
    cause: { kind: 'new' },
    revision: 3,
    ...more,
  }
}

export function running(number: number, id: NodeRoleId, cause: Cause = { kind: 'new' }): RunView {
  const {
    changed: _changed,
    durationMs: _durationMs,
    ...rest
  } = run(number, id, { result: 'running', cause })
  return rest
}

export const QUIET = statusOf([
  nodeRole('base/etcd-1/ready', 'active', { kind: 'milestone' }),
  nodeRole('base/etcd-2/ready', 'active', { kind: 'milestone' }),
  nodeRole('store/etcd-1/etcd', 'active', { kind: 'current' }),
  nodeRole('store/etcd-2/etcd', 'active', { kind: 'current' }),
])

export const SHORT = [{ deployment: 'store', role: 'etcd', placed: 2, count: 3 }]

export const WAITING: RevisionView = {
  revision: 4,
  onto: 3,
  status: 'proposed',
  author: 'anneal',
  message: 'lost etcd-2: etcd in store moves from etcd-2 to etcd-4',
  at: NOW - 60_000,
  nodes: 4,
  roles: 3,
  cause: {
    kind: 'nodeLost',
    nodes: ['etcd-2'],
    moves: [{ deployment: 'store', role: 'etcd', joined: ['etcd-4'], left: ['etcd-2'] }],
  },
}

export const FAILED = nodeRole('store/etcd-2/etcd', 'error', {
  kind: 'failed',
  run: 'run-4',
  attempts: 3,
  message: 'exit 1',
  tail: 'etcd.service: main process exited\n\u001b[31mmember already exists\u001b[0m\n',
})

export const TROUBLED = statusOf([
  nodeRole('base/etcd-1/ready', 'active', { kind: 'milestone' }),
  nodeRole('base/etcd-2/ready', 'active', { kind: 'milestone' }),
  nodeRole('store/etcd-1/etcd', 'active', { kind: 'current' }),
  FAILED,
  nodeRole('watchers/etcd-2/dashboard', 'blocked', {
    kind: 'requirement',
    nodeRole: 'store/etcd-2/etcd',
    state: 'error',
    others: 0,
  }),
])

export const DIFF: Diff = {
  onto: 2,
  revision: 3,
  nodes: 3,
  estimate: { lowMs: 8_000, expectedMs: 11_200, highMs: 19_000, runs: 5, left: 1, guessed: ['ready'] },
  nodesAdded: ['etcd-3'],
  nodesRemoved: [],
  rollouts: [
    {
      deployment: 'store',
      role: 'etcd',
      variants: [
        { variant: 'os.version=12', nodes: 2, steps: [1, 2] },
        { variant: 'os.version=13', nodes: 12, steps: [1, 6, 12] },
      ],
    },
  ],
  mayFollow: [
    { nodeRole: 'watchers/etcd-2/dashboard', input: 'members', after: 'store/etcd-3/etcd' },
    { nodeRole: 'watchers/etcd-4/dashboard', input: 'members', after: 'store/etcd-3/etcd' },
    { nodeRole: 'watchers/etcd-4/alarm', input: 'title', after: 'watchers/etcd-4/dashboard' },
  ],
  changes: [
    {
      nodeRole: 'base/etcd-3/ready',
      what: 'add',
      cause: { kind: 'new' },
      inputs: [],
      knownAfter: [],
      destructive: false,
    },
    ...['etcd-1', 'etcd-2'].map((node) => ({
      nodeRole: `store/${node}/etcd`,
      what: 'change' as const,
      cause: { kind: 'inputsChanged' as const, inputs: ['cluster_name', 'token'] },
      inputs: [
        { input: 'cluster_name', sensitive: false, before: 'demo', after: 'prod' },
        { input: 'token', sensitive: true },
      ],
      knownAfter: [
        {
          input: 'certificate',
          unbound: { kind: 'outputUnknown' as const, nodeRole: 'store/-/ca-sign', output: 'certificates' },
          runs: ['store/-/ca-sign'],
          more: 0,
          contacts: [],
        },
      ],
      destructive: false,
    })),
    {
      nodeRole: 'store/etcd-3/etcd',
      what: 'add',
      cause: { kind: 'new' },
      inputs: [{ input: 'cluster_name', sensitive: false, after: 'prod' }],
      knownAfter: [
        {
          input: 'address',
          unbound: { kind: 'factAbsent', node: 'etcd-3', path: ['network', 'primary'] },
          runs: [],
          more: 0,
          contacts: ['etcd-3'],
        },
        {
          input: 'members',
          unbound: {
            kind: 'outputsUnknown',
            missing: ['store/etcd-1/etcd'],
            missingCount: 4,
            output: 'member',
            needed: 4,
            known: 0,
          },
          runs: ['store/etcd-1/etcd', 'store/etcd-2/etcd'],
          more: 2,
          contacts: ['etcd-3'],
        },
      ],
      destructive: false,
    },
    {
      nodeRole: 'store/etcd-1/format-disk',
      what: 'change',
      cause: { kind: 'roleChanged' },
      inputs: [],
      knownAfter: [],
      destructive: true,
    },
    {
      nodeRole: 'watchers/etcd-1/dashboard',
      what: 'remove',
      cause: { kind: 'removal' },
      inputs: [],
      knownAfter: [],
      destructive: false,
    },
  ],
}

export const NO_DIFF: Diff = {
  onto: 3,
  revision: 3,
  nodes: 0,
  changes: [],
  nodesAdded: [],
  nodesRemoved: [],
  rollouts: [],
  mayFollow: [],
}

/** Files as committed, and something that failed before. */
export const RETRIES: Diff = {
  ...NO_DIFF,
  nodes: 1,
  estimate: { lowMs: 4_000, expectedMs: 4_000, highMs: 4_000, runs: 1, left: 0, guessed: [] },
  changes: [
    {
      nodeRole: 'store/etcd-2/etcd',
      what: 'retry',
      cause: { kind: 'retry', after: 'run-4' },
      inputs: [],
      knownAfter: [],
      destructive: false,
    },
  ],
}

function cycle(number: number, wallMs: number, more: Partial<CycleView> = {}): CycleView {
  const beganAt = NOW - 3_600_000 + number * 60_000
  return {
    cycle: number,
    cause: { kind: 'commit', revision: number, by: 'alice@desk' },
    revision: number,
    runs: 4,
    reruns: 0,
    retries: 0,
    failed: 0,
    nodes: 2,
    touches: 1,
    facts: 0,
    beganAt,
    endedAt: beganAt + wallMs,
    result: 'ready',
    wallMs,
    temperatures: [
      [0, 1],
      [wallMs / 2, 0.5],
      [wallMs, 0],
    ],
    ...more,
  }
}

const {
  endedAt: _endedAt,
  result: _result,
  ...GOES_ON
} = cycle(5, 900, { cause: { kind: 'facts', node: 'etcd-2' } })

export const CYCLES: CyclesView = {
  cycles: [
    cycle(1, 41_000, { result: 'problems', failed: 3, retries: 2, facts: 84 }),
    cycle(2, 12_300, {
      cause: { kind: 'asked', nodeRole: 'store/etcd-2/etcd', by: 'bob@desk', why: 'the disk was replaced' },
      touches: 2,
      reruns: 1,
    }),
    cycle(3, 0, {
      cause: { kind: 'nodeLost', node: 'etcd-2' },
      result: 'problems',
      runs: 0,
      nodes: 0,
      touches: 0,
    }),
    cycle(4, 9_800, { result: 'waits' }),
    GOES_ON,
  ],
  trend: { cycles: 1, medianMs: 9_800, beforeMs: 12_300 },
}

export const CRITICAL_PATH: CriticalPath = {
  cycle: CYCLES.cycles[0] as CycleView,
  steps: [
    {
      run: 'run-1',
      nodeRole: 'base/etcd-2/ready',
      action: 'apply',
      startedAt: NOW - 3_539_000,
      tookMs: 3_000,
      waitedMs: 1_000,
      waitedFor: { kind: 'contact', node: 'etcd-2' },
    },
    {
      run: 'run-4',
      nodeRole: 'store/etcd-2/etcd',
      action: 'apply',
      startedAt: NOW - 3_536_000,
      tookMs: 15_000,
      waitedMs: 0,
      waitedFor: { kind: 'requirement', nodeRole: 'base/etcd-2/ready' },
    },
    {
      run: 'run-5',
      nodeRole: 'store/etcd-2/etcd',
      action: 'apply',
      startedAt: NOW - 3_516_000,
      tookMs: 15_000,
      waitedMs: 5_000,
      waitedFor: { kind: 'backoff', run: 'run-4' },
    },
  ],
  endMs: 2_000,
  forgotten: 0,
  most: { kind: 'role', deployment: 'store', role: 'etcd', runs: 2, ms: 30_000 },
}

export const NODES: NodeView[] = [
  {
    name: 'etcd-2',
    address: '10.77.0.12',
    labels: { tier: 'data', rack: 4 },
    alive: 'no',
    fault: { code: 'unreachable', message: 'ssh: connect to host 10.77.0.12 port 22: No route to host' },
    available: true,
    nodeRoles: 2,
  },
  {
    name: 'etcd-1',
    address: '10.77.0.11',
    labels: { tier: 'data' },
    alive: 'yes',
    available: true,
    os: 'Debian GNU/Linux 12 (bookworm)',
    nodeRoles: 2,
  },
  {
    name: 'etcd-3',
    address: '10.77.0.13',
    labels: {},
    alive: 'never reached',
    available: true,
    nodeRoles: 0,
  },
  { name: 'etcd-4', address: '10.77.0.14', labels: {}, alive: 'yes', available: false, nodeRoles: 0 },
]

export const TRACE: TraceView = {
  roots: [
    {
      thing: { kind: 'fact', node: 'etcd-1', path: ['network', 'primary', 'address'] },
      value: '10.77.0.11',
      sensitive: false,
      left: { steps: 0, behind: 0 },
      to: [
        {
          thing: { kind: 'input', nodeRole: 'store/etcd-1/etcd', input: 'address' },
          how: { kind: 'fact' },
          value: '10.77.0.11',
          sensitive: false,
          reached: { kind: 'ran', run: 'run-1' },
          left: { steps: 980, behind: 1_960 },
          to: [
            {
              thing: { kind: 'output', nodeRole: 'store/etcd-1/etcd', output: 'endpoint' },
              how: { kind: 'early', expression: "'https://' + inputs.address" },
              value: 'https://10.77.0.11',
              sensitive: false,
              left: { steps: 0, behind: 0 },
              to: [
                {
                  thing: { kind: 'input', nodeRole: 'store/etcd-2/etcd', input: 'members' },
                  how: { kind: 'output', take: 'map' },
                  value: { 'etcd-1': 'https://10.77.0.11' },
                  sensitive: false,
                  reached: { kind: 'would' },
                  left: { steps: 0, behind: 0 },
                  to: [],
                },
              ],
            },
            {
              thing: { kind: 'output', nodeRole: 'store/etcd-1/etcd', output: 'token' },
              how: { kind: 'run' },
              value: 'hunter4',
              sensitive: true,
              reached: { kind: 'ran', run: 'run-1' },
              left: { steps: 0, behind: 0 },
              to: [],
            },
          ],
        },
      ],
    },
  ],
  left: 3,
  counts: { inputs: 2, outputs: 2, nodeRoles: 2 },
}

export const WHY: WhyView = {
  nodeRole: nodeRole('watchers/etcd-2/dashboard', 'blocked', {
    kind: 'requirement',
    nodeRole: 'store/etcd-2/etcd',
    state: 'error',
    others: 1,
  }),
  chain: [
    {
      nodeRole: 'watchers/etcd-2/dashboard',
      state: 'blocked',
      reason: { kind: 'requirement', nodeRole: 'store/etcd-2/etcd', state: 'error', others: 1 },
    },
    { nodeRole: FAILED.id, state: FAILED.state, reason: FAILED.reason },
  ],
  inputs: [
    {
      input: 'title',
      sensitive: false,
      value: 'Production',
      origin: { kind: 'level', level: 'deployment', where: 'watchers' },
      candidates: [
        { origin: { kind: 'level', level: 'role default', where: 'dashboard' }, value: 'Etcd', wins: false },
        {
          origin: { kind: 'level', level: 'deployment', where: 'watchers' },
          value: 'Production',
          wins: true,
        },
      ],
      sources: [],
    },
    {
      input: 'password',
      sensitive: true,
      value: 'hunter2',
      origin: { kind: 'level', level: 'node hint', where: 'etcd-2' },
      candidates: [
        { origin: { kind: 'level', level: 'node hint', where: 'etcd-2' }, value: 'hunter2', wins: true },
      ],
      sources: [],
    },
    {
      input: 'members',
      sensitive: false,
      value: { 'etcd-1': 'https://10.77.0.11:2380', 'etcd-2': 'https://10.77.0.12:2380' },
      origin: { kind: 'outputs', deployment: 'store', role: 'etcd', output: 'member', members: 2, known: 2 },
      candidates: [],
      sources: ['etcd-1', 'etcd-2'].map((node, i) => ({
        what: `store/${node}/etcd.member`,
        origin: { kind: 'output' as const, nodeRole: `store/${node}/etcd`, output: 'member', run: 'early' },
        value: `https://10.77.0.1${i + 1}:2380`,
        sensitive: false,
        sources: [
          {
            what: `store/${node}/etcd address`,
            origin: { kind: 'fact' as const, node, path: ['network', 'primary', 'address'] },
            value: `10.77.0.1${i + 1}`,
            sensitive: false,
            sources: [],
          },
        ],
      })),
    },
    {
      input: 'version',
      sensitive: false,
      unbound: { kind: 'outputUnknown', nodeRole: 'store/etcd-2/etcd', output: 'version' },
      candidates: [],
      sources: [],
    },
  ],
  outputs: [
    { output: 'address', sensitive: false, early: true, known: true, value: '10.77.0.12' },
    {
      output: 'key',
      sensitive: true,
      early: false,
      known: true,
      value: 'hunter5',
      since: { kind: 'run', run: 'run-2' },
    },
    {
      output: 'url',
      sensitive: false,
      early: true,
      known: false,
      unbound: { kind: 'inputUnbound', input: 'version' },
    },
    { output: 'panels', sensitive: false, early: false, known: false },
  ],
  variant: 'os.version=12',
  lastCause: {
    run: 'run-2',
    cause: { kind: 'inputsChanged', inputs: ['title', 'password'] },
    changes: [
      { input: 'title', sensitive: false, before: 'Etcd', after: 'Production' },
      { input: 'password', sensitive: true, before: 'hunter1', after: 'hunter2' },
    ],
  },
}

function countsOf(nodeRoles: readonly NodeRoleView[]): Record<State, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>
  for (const { state } of nodeRoles) counts[state]++
  return counts
}

function rolesOf(nodeRoles: readonly NodeRoleView[]): RoleSummary[] {
  const groups = new Map<string, NodeRoleView[]>()
  for (const each of nodeRoles) {
    const key = `${each.deployment}/${each.role}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()].map((of) => ({
    deployment: of[0]?.deployment ?? '',
    role: of[0]?.role ?? '',
    counts: countsOf(of),
  }))
}

export const FILES: FilesView = {
  nodeRole: 'store/etcd-2/etcd',
  since: { run: 'run-7', at: NOW },
  unbound: [],
  hidden: ['token'],
  files: [
    {
      path: '/etc/default/etcd',
      mode: '0644',
      owner: 'root',
      group: 'root',
      from: 'etcd/etcd.env.j2',
      change: 'changed',
      text: 'HEARTBEAT=150\nTITLE=\u001b]0;evil\u0007\n',
      rights: { before: '0600 root:root', now: '0644 root:root' },
      diff: '--- last success\n+++ now\n@@ -1,2 +1,2 @@\n-HEARTBEAT=100\n+HEARTBEAT=150\n TITLE=',
    },
    {
      path: '/etc/etcd/token',
      mode: '0600',
      owner: 'etcd',
      group: 'etcd',
      from: 'etcd/token.j2',
      change: 'changed',
      text: '••••••\n',
      differsInSecrets: true,
    },
    {
      path: '/etc/motd',
      mode: '0644',
      owner: 'root',
      group: 'root',
      from: 'etcd/motd.j2',
      change: 'same',
      text: 'hello\n',
    },
    {
      path: '/usr/lib/etcd.so',
      mode: '0644',
      owner: 'root',
      group: 'root',
      from: 'etcd/etcd.so',
      change: 'gone',
      untold: 'binary',
    },
  ],
}
