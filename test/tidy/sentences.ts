// Every reason once, as an operator would meet it: the examples of docs/guide/concepts.md, said by src/model/words.ts.
import type { Reason, State } from '../../src/model/reason.ts'
import { reasonWords } from '../../src/model/words.ts'
import { textOf, under } from './tree.ts'

const NODE_ROLE = 'store/n1/etcd'
const RUN = 'run-7'
const NOW = 1_000_000
const SINCE = NOW - 95_000
const FAULT = { code: 'unreachable', message: 'no answer from 10.77.0.12 port 22' } as const

/** Complete by the compiler: a new kind of reason has no place until it has an example here. */
const REASONS: Record<Exclude<Reason['kind'], 'waits'>, { state: State; reason: Reason }> = {
  running: {
    state: 'transition',
    reason: {
      kind: 'running',
      run: RUN,
      action: 'apply',
      since: NOW - 4_200,
      cause: { kind: 'inputsChanged', inputs: ['members'] },
    },
  },
  neverReached: { state: 'blocked', reason: { kind: 'neverReached', node: 'n1' } },
  notAlive: { state: 'blocked', reason: { kind: 'notAlive', node: 'n2', fault: FAULT, since: SINCE } },
  noRunner: {
    state: 'blocked',
    reason: {
      kind: 'noRunner',
      node: 'n2',
      needs: { segment: 'dmz' },
      absent: [{ runner: 'dmz-1', is: 'away' }],
    },
  },
  notAvailable: { state: 'blocked', reason: { kind: 'notAvailable', node: 'n2', by: 'the site file' } },
  failed: {
    state: 'error',
    reason: {
      kind: 'failed',
      run: RUN,
      attempts: 3,
      message: 'apply.sh ended with exit code 1',
      tail: '',
    },
  },
  cancelled: { state: 'error', reason: { kind: 'cancelled', run: RUN, by: 'alice', why: 'the wrong disk' } },
  unknownResult: { state: 'error', reason: { kind: 'unknownResult', run: RUN } },
  oscillates: {
    state: 'error',
    reason: {
      kind: 'oscillates',
      nodeRole: 'store/n2/proxy',
      input: 'port',
      values: ['80', '81', '80'],
      circle: ['store/n1/etcd', 'store/n2/proxy'],
    },
  },
  notRepeatable: {
    state: 'active',
    reason: {
      kind: 'notRepeatable',
      output: 'token',
      runs: ['run-4', RUN],
      values: ['"a1"', '"b2"'],
      at: SINCE,
      alike: 2,
    },
  },
  current: { state: 'active', reason: { kind: 'current' } },
  milestone: { state: 'active', reason: { kind: 'milestone' } },
  stale: {
    state: 'active',
    reason: {
      kind: 'stale',
      input: 'members',
      unbound: {
        kind: 'outputsUnknown',
        missing: ['store/n4/etcd'],
        missingCount: 1,
        output: 'endpoint',
        needed: 4,
        known: 3,
      },
    },
  },
  restsOnFailed: {
    state: 'active',
    reason: { kind: 'restsOnFailed', nodeRole: 'store/n1/etcd-tls', state: 'error' },
  },
  drifted: {
    state: 'active',
    reason: {
      kind: 'drifted',
      check: 'check-3',
      since: SINCE,
      what: ['/etc/motd differs in content and mode'],
      policy: 'report',
      repairs: 0,
    },
  },
  inputUnbound: {
    state: 'blocked',
    reason: {
      kind: 'inputUnbound',
      input: 'cluster_id',
      unbound: { kind: 'outputUnknown', nodeRole: 'store/n1/etcd-founding', output: 'cluster_id' },
    },
  },
  requirement: {
    state: 'blocked',
    reason: { kind: 'requirement', nodeRole: 'store/n1/etcd-tls', state: 'todo', others: 0 },
  },
  requirementMissing: { state: 'blocked', reason: { kind: 'requirementMissing', role: 'ca' } },
}

/** Nothing is promised to operators that the heart does not say. */
function isSaid({ kind }: Reason): boolean {
  return under('src/annealer').some((path) => textOf(path).includes(`kind: '${kind}'`))
}

type WaitKind = Extract<Reason, { kind: 'waits' }>['wait']['kind']
const WAITS: Record<WaitKind, Extract<Reason, { kind: 'waits' }>> = {
  turn: { kind: 'waits', cause: { kind: 'new' }, wait: { kind: 'turn' } },
  upstream: {
    kind: 'waits',
    cause: { kind: 'roleChanged' },
    wait: { kind: 'upstream', nodeRole: 'store/n1/etcd-founding' },
  },
  lock: {
    kind: 'waits',
    cause: { kind: 'inputsChanged', inputs: ['heartbeat_interval_ms'] },
    wait: { kind: 'lock', lock: 'etcd in store', capacity: 1, holders: ['store/n2/etcd'] },
  },
  checking: {
    kind: 'waits',
    cause: { kind: 'inputsChanged', inputs: ['members'] },
    wait: { kind: 'checking', node: 'n1', check: 'check-3' },
  },
  contact: {
    kind: 'waits',
    cause: { kind: 'asked', by: 'alice', why: 'after the repair' },
    wait: { kind: 'contact', node: 'n1' },
  },
  backoff: {
    kind: 'waits',
    cause: { kind: 'retry', after: 'run-6' },
    wait: {
      kind: 'backoff',
      until: NOW + 3_500,
      attempt: 1,
      attempts: 3,
      message: 'apply.sh ended with exit code 1',
    },
  },
  dependants: {
    kind: 'waits',
    cause: { kind: 'removal' },
    wait: { kind: 'dependants', nodeRole: 'store/n1/proxy', others: 0 },
  },
  rival: {
    kind: 'waits',
    cause: { kind: 'new' },
    wait: { kind: 'rival', nodeRole: 'web/n1/apache' },
  },
  rinse: {
    kind: 'waits',
    cause: { kind: 'rinse', rinse: 'rinse-1', by: 'alice', why: 'a clean start' },
    wait: { kind: 'rinse', rinse: 'rinse-1', nodeRole: 'store/n2/etcd', others: 1 },
  },
  approval: {
    kind: 'waits',
    cause: { kind: 'inputsChanged', inputs: ['disk'] },
    wait: { kind: 'approval', why: 'partition is destructive (once) and has run already' },
  },
  stopped: {
    kind: 'waits',
    cause: { kind: 'lost', run: 'run-6' },
    wait: { kind: 'stopped', by: 'alice' },
  },
  held: {
    kind: 'waits',
    cause: { kind: 'inputsChanged', inputs: ['members'] },
    wait: { kind: 'held', what: { kind: 'node', node: 'n1' }, by: 'alice', why: 'new disk', since: SINCE },
  },
  notChosen: {
    kind: 'waits',
    cause: { kind: 'roleChanged' },
    wait: { kind: 'notChosen', only: ['store/n2/etcd'], by: 'alice' },
  },
  step: {
    kind: 'waits',
    cause: { kind: 'roleChanged' },
    wait: {
      kind: 'step',
      rollout: 'rollout-3',
      role: 'etcd',
      variant: 'os.version=12',
      step: 2,
      of: 3,
      hold: { kind: 'failed', nodeRole: 'store/n2/etcd', silent: false, others: 0, tolerated: 0 },
    },
  },
  failures: {
    kind: 'waits',
    cause: { kind: 'new' },
    wait: {
      kind: 'failures',
      failed: ['store/n2/etcd', 'store/n3/etcd'],
      trying: [],
      most: 2,
      variant: 'os.version=12',
    },
  },
  window: {
    kind: 'waits',
    cause: { kind: 'roleChanged' },
    wait: { kind: 'window', until: NOW + 7_200_000 },
  },
}

/** A table in Markdown: state, what is said, and what to do next. */
export function reasonsTable(): string {
  const waits = Object.values(WAITS).map((reason) => ({ state: 'todo' as State, reason: reason as Reason }))
  const all = [...Object.values(REASONS), ...waits].filter(({ reason }) => isSaid(reason))
  const rows = all.map(({ state, reason }) => {
    const { says, next } = reasonWords(NODE_ROLE, reason, NOW)
    return `| \`${state}\` | ${says} | ${next ?? ''} |`
  })
  return ['| state | what it says | and what to do |', '|---|---|---|', ...rows].join('\n')
}
