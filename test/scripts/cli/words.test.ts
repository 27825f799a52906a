// Every reason, cause, wait, unbound input, origin, fault and refusal in words, once each: a kind that is missing does not
// compile, a sentence that changes shows as a difference.
import { expect, test } from 'vitest'
import type { Origin, Unbound } from '../../../src/model/binding.ts'
import type { Cause, Reason, StepHold, Wait } from '../../../src/model/reason.ts'
import type { Refusal } from '../../../src/model/refusal.ts'
import { NODE_FAULTS, type NodeFaultCode } from '../../../src/model/run.ts'
import { type RevisionCause, revisionCauseWords } from '../../../src/model/revision-cause.ts'
import type { ShortPlacement } from '../../../src/model/view.ts'
import {
  causeWords,
  faultWords,
  originWords,
  reasonWords,
  refusalWords,
  shortWords,
  unboundWords,
  type Words,
} from '../../../src/model/words.ts'
import { stepHoldWords, waitWords } from '../../../src/model/wait-words.ts'
import { NOW } from './stage.ts'

type OneOfEach<T, K extends keyof T> = { [Kind in T[K] & string]: Extract<T, Record<K, Kind>> }

const ID = 'store/etcd-2/etcd'
const SINCE = NOW - 95_000

const UNBOUND: OneOfEach<Unbound, 'kind'> = {
  noValue: { kind: 'noValue' },
  factAbsent: { kind: 'factAbsent', node: 'etcd-2', path: ['network', 'primary', 'address'] },
  outputUnknown: { kind: 'outputUnknown', nodeRole: 'store/-/ca-sign', output: 'certificates' },
  outputsUnknown: {
    kind: 'outputsUnknown',
    missing: ['store/etcd-2/etcd', 'store/etcd-3/etcd'],
    missingCount: 7,
    output: 'version',
    needed: 9,
    known: 2,
  },
  nobodyProvides: { kind: 'nobodyProvides', role: 'ca', output: 'certificate' },
  ambiguous: { kind: 'ambiguous', role: 'ca', output: 'certificate', candidates: ['a/-/ca', 'b/-/ca'] },
  expressionFailed: {
    kind: 'expressionFailed',
    expression: 'value[node.name]',
    message: 'no such key: etcd-2',
  },
  inputUnbound: { kind: 'inputUnbound', input: 'address' },
  breaksSchema: {
    kind: 'breaksSchema',
    message: 'expected an integer, found "many"',
    from: { kind: 'fact', node: 'etcd-2', path: ['cpu', 'count'] },
  },
}

const ORIGIN: OneOfEach<Origin, 'kind'> = {
  level: { kind: 'level', level: 'node hint', where: 'etcd-2' },
  fact: { kind: 'fact', node: 'etcd-2', path: ['network', 'primary', 'address'] },
  output: { kind: 'output', nodeRole: 'store/-/ca-sign', output: 'certificates', run: 'run-3' },
  outputs: { kind: 'outputs', deployment: 'store', role: 'etcd', output: 'member', members: 3, known: 2 },
  expression: { kind: 'expression', expression: "inputs.address + ':2380'", reads: ['address'] },
  none: { kind: 'none' },
}

const CAUSE: OneOfEach<Cause, 'kind'> = {
  new: { kind: 'new' },
  inputsChanged: { kind: 'inputsChanged', inputs: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
  roleChanged: { kind: 'roleChanged' },
  asked: { kind: 'asked', by: 'alice@desk', why: 'after the disk was changed' },
  retry: { kind: 'retry', after: 'run-4' },
  lost: { kind: 'lost', run: 'run-4' },
  removal: { kind: 'removal' },
  drift: {
    kind: 'drift',
    check: 'check-3',
    what: ['/etc/motd differs in content', 'check.sh ended with exit code 1'],
  },
  rinse: { kind: 'rinse', rinse: 'rinse-2', by: 'alice@desk', why: 'a clean start' },
}

const STEP = {
  kind: 'step',
  rollout: 'rollout-3',
  role: 'etcd',
  variant: 'os.version=12',
  step: 2,
  of: 3,
  hold: { kind: 'underWay', nodeRole: 'store/etcd-1/etcd' },
} as const

const HOLD: OneOfEach<StepHold, 'kind'> = {
  underWay: STEP.hold,
  failed: { kind: 'failed', nodeRole: 'store/etcd-1/etcd', silent: false, others: 1, tolerated: 1 },
  gate: {
    kind: 'gate',
    nodeRole: 'store/etcd-1/etcd',
    gate: 'outputs.p99_ms < 20',
    found: 'p99_ms is 31',
  },
  dependant: {
    kind: 'dependant',
    nodeRole: 'store/etcd-1/etcd',
    dependant: 'watchers/etcd-1/dashboard',
    state: 'error',
  },
  soaking: { kind: 'soaking', until: NOW + 90_000 },
  approval: { kind: 'approval' },
  absent: { kind: 'absent', nodeRole: 'store/etcd-1/etcd', others: 1 },
}

const WAIT: OneOfEach<Wait, 'kind'> = {
  turn: { kind: 'turn' },
  upstream: { kind: 'upstream', nodeRole: 'store/etcd-1/etcd' },
  lock: { kind: 'lock', lock: 'apt on etcd-2', capacity: 1, holders: ['base/etcd-2/ready'] },
  contact: { kind: 'contact', node: 'etcd-2' },
  checking: { kind: 'checking', node: 'etcd-2', check: 'check-3' },
  backoff: { kind: 'backoff', until: NOW + 4_000, attempt: 2, attempts: 3, message: 'exit 1' },
  dependants: { kind: 'dependants', nodeRole: 'watchers/etcd-2/dashboard', others: 2 },
  rival: { kind: 'rival', nodeRole: 'web/etcd-2/apache' },
  rinse: { kind: 'rinse', rinse: 'rinse-2', nodeRole: 'store/etcd-3/etcd', others: 1 },
  approval: { kind: 'approval', why: 'format-disk is marked once and has run before' },
  stopped: { kind: 'stopped', by: 'alice@desk' },
  held: {
    kind: 'held',
    what: { kind: 'node', node: 'etcd-2' },
    by: 'alice@desk',
    why: 'new power supply',
    since: SINCE,
  },
  notChosen: { kind: 'notChosen', only: ['etcd-1', 'store/etcd'], by: 'alice@desk' },
  step: STEP,
  failures: {
    kind: 'failures',
    failed: ['store/etcd-1/etcd', 'store/etcd-2/etcd'],
    trying: [],
    most: 2,
    variant: 'os.version=12',
  },
  window: { kind: 'window', until: NOW + 7_200_000 },
}

const REASON: OneOfEach<Reason, 'kind'> = {
  running: { kind: 'running', run: 'run-4', action: 'apply', since: SINCE, cause: { kind: 'new' } },
  neverReached: { kind: 'neverReached', node: 'etcd-2' },
  notAlive: {
    kind: 'notAlive',
    node: 'etcd-2',
    fault: { code: 'unreachable', message: 'connect to 10.77.0.12 port 22: No route to host' },
    since: SINCE,
  },
  notAvailable: { kind: 'notAvailable', node: 'etcd-2', by: 'alice@desk', why: 'new power supply' },
  noRunner: {
    kind: 'noRunner',
    node: 'etcd-2',
    needs: { segment: 'dmz', site: 'berlin' },
    absent: [
      { runner: 'dmz-1', is: 'away' },
      { runner: 'dmz-2', is: 'draining' },
    ],
  },
  inputUnbound: { kind: 'inputUnbound', input: 'address', unbound: UNBOUND.factAbsent },
  requirement: { kind: 'requirement', nodeRole: 'base/etcd-2/ready', state: 'error', others: 2 },
  requirementMissing: { kind: 'requirementMissing', role: 'ca' },
  failed: { kind: 'failed', run: 'run-4', attempts: 3, message: 'exit 1', tail: 'member already exists' },
  cancelled: { kind: 'cancelled', run: 'run-4', by: 'alice@desk', why: 'the wrong disk' },
  unknownResult: { kind: 'unknownResult', run: 'run-4' },
  oscillates: {
    kind: 'oscillates',
    nodeRole: 'store/etcd-1/etcd',
    input: 'leader',
    values: ['a', 'b', 'a'],
    circle: ['store/etcd-1/etcd', 'store/etcd-2/etcd'],
  },
  notRepeatable: {
    kind: 'notRepeatable',
    output: 'token',
    runs: ['run-4', 'run-6'],
    values: ['"a"', '"b"'],
    at: NOW,
    alike: 2,
  },
  current: { kind: 'current' },
  milestone: { kind: 'milestone' },
  stale: { kind: 'stale', input: 'certificate', unbound: UNBOUND.outputUnknown },
  restsOnFailed: { kind: 'restsOnFailed', nodeRole: 'base/etcd-2/ready', state: 'error' },
  drifted: {
    kind: 'drifted',
    check: 'check-3',
    since: SINCE,
    what: ['/etc/motd differs in content'],
    policy: 'report',
    repairs: 0,
  },
  waits: { kind: 'waits', wait: WAIT.turn, cause: CAUSE.roleChanged },
}

const message = 'what the room that refused says'
const REFUSAL: OneOfEach<Refusal, 'code'> = {
  timelineMoved: {
    code: 'timelineMoved',
    message,
    head: 4,
    moved: { committed: [], differences: [], differing: 0, nodeRoles: [], nodeRolesDiffering: 0 },
  },
  unknownRevision: { code: 'unknownRevision', message },
  unknownNodeRole: { code: 'unknownNodeRole', message, nearest: 'store/etcd-1/etcd' },
  unknownNode: { code: 'unknownNode', message },
  unknownTarget: { code: 'unknownTarget', message, nearest: 'store/etcd' },
  ambiguousTarget: { code: 'ambiguousTarget', message, candidates: ['node:store', 'deployment:store'] },
  invalidControl: { code: 'invalidControl', message },
  notHeld: { code: 'notHeld', message },
  unknownRun: { code: 'unknownRun', message },
  unknownCycle: { code: 'unknownCycle', message: 'there is no cycle 9' },
  unknownEvent: { code: 'unknownEvent', message: 'there is no event 413 yet: the last one is 412' },
  unknownInput: { code: 'unknownInput', message, nearest: 'address' },
  unknownValue: { code: 'unknownValue', message },
  notInFlight: { code: 'notInFlight', message },
  invalidSite: { code: 'invalidSite', message, faults: [] },
  waitsForItself: { code: 'waitsForItself', message, path: ['a/-/x.one', 'a/-/y.two', 'a/-/x.one'] },
  conflict: { code: 'conflict', message, nodeRoles: ['a/n1/nginx', 'a/n1/apache'] },
  nothingToApprove: { code: 'nothingToApprove', message },
  busy: { code: 'busy', message, holder: 'anneal up, pid 4711 on desk' },
  damagedJournal: { code: 'damagedJournal', message },
  newerJournal: { code: 'newerJournal', message },
  journalFault: { code: 'journalFault', message },
  keyMissing: { code: 'keyMissing', message, next: 'what the key needs' },
  keyUnusable: { code: 'keyUnusable', message, next: 'what the key needs' },
  keyWrong: { code: 'keyWrong', message, next: 'what the key needs' },
  noNodes: { code: 'noNodes', message },
  nothingUnderWay: { code: 'nothingUnderWay', message },
  nothingThere: { code: 'nothingThere', message },
  fourEyes: { code: 'fourEyes', message, deployments: ['store'], revision: 4 },
  damagedExport: { code: 'damagedExport', message },
  unknownToken: { code: 'unknownToken', message, nearest: 'ci' },
  invalidDatabase: {
    code: 'invalidDatabase',
    message: 'it says no database: say postgres://USER@HOST/DATABASE',
  },
  notEmpty: { code: 'notEmpty', message: 'there is a journal in postgres://db/anneal already' },
  invalidToken: { code: 'invalidToken', message },
  unknownRunner: { code: 'unknownRunner', message, nearest: 'dmz-1' },
  invalidRunner: { code: 'invalidRunner', message },
  leaseOver: { code: 'leaseOver', message },
  outOfOrder: { code: 'outOfOrder', message, expected: 4 },
  otherProtocol: { code: 'otherProtocol', message, speaks: 1 },
  unauthenticated: { code: 'unauthenticated', message },
  notAllowed: { code: 'notAllowed', message },
  crossSite: { code: 'crossSite', message },
  replayed: { code: 'replayed', message },
  tooMany: { code: 'tooMany', message, retryAfterMs: 1_000 },
  invalidRequest: {
    code: 'invalidRequest',
    message,
    places: [{ in: 'query', place: 'stat', message: 'unknown', nearest: 'state' }],
  },
  unknownPath: { code: 'unknownPath', message, nearest: '/api/v1/status' },
  wrongMethod: { code: 'wrongMethod', message, allowed: ['GET', 'HEAD'] },
  wrongContentType: { code: 'wrongContentType', message, expected: ['application/json'] },
  tooLarge: { code: 'tooLarge', message, mostBytes: 1_048_576 },
  tookTooLong: { code: 'tookTooLong', message, limitMs: 60_000 },
  movedOn: { code: 'movedOn', message, etag: '"5"' },
  mustMatch: { code: 'mustMatch', message, etag: '"5"' },
  keyReused: { code: 'keyReused', message },
  askedBefore: { code: 'askedBefore', message, isDone: false },
  notServing: { code: 'notServing', message },
  internal: { code: 'internal', message },
  draining: { code: 'draining', message },
  notServed: { code: 'notServed', message },
  notAsConfirmed: { code: 'notAsConfirmed', message },
  noServer: { code: 'noServer', message },
  cannotListen: { code: 'cannotListen', message },
}

const SHORT: Record<string, ShortPlacement> = {
  role: { deployment: 'store', role: 'etcd', placed: 2, count: 3 },
  members: { deployment: 'store', placed: 0, count: 3 },
  awaits: { deployment: 'store', role: 'etcd', placed: 0, count: 3, awaits: 4 },
  'awaits one': { deployment: 'store', role: 'etcd', placed: 2, count: 3, awaits: 1 },
}

const MOVES = [
  { deployment: 'store', role: 'etcd', joined: ['etcd-4'], left: ['etcd-2'] },
  { deployment: 'base', role: 'ready', joined: ['a', 'b', 'c', 'd', 'e', 'f'], left: [] },
  { deployment: 'watchers', role: 'dashboard', joined: [], left: ['etcd-2'] },
]
const MOVED: OneOfEach<RevisionCause, 'kind'> = {
  nodesAdded: { kind: 'nodesAdded', nodes: ['etcd-4'], moves: MOVES.slice(1, 2) },
  nodeLost: { kind: 'nodeLost', nodes: ['etcd-2'], moves: MOVES.slice(0, 1) },
  nodeUnavailable: { kind: 'nodeUnavailable', nodes: ['etcd-2', 'etcd-3'], moves: MOVES.slice(0, 1) },
  factsChanged: { kind: 'factsChanged', nodes: ['etcd-2'], moves: MOVES },
  filesChanged: { kind: 'filesChanged', nodes: [], moves: [] },
}

const FAULTS = Object.keys(NODE_FAULTS).map((code) => ({ code: code as NodeFaultCode, message: `(${code})` }))

function chapters(): [string, Record<string, Words>][] {
  return [
    ['reason', mapped(REASON, (each) => reasonWords(ID, each, NOW))],
    ['because', mapped(CAUSE, (each) => ({ says: causeWords(each) }))],
    ['wait', mapped(WAIT, (each) => waitWords(ID, each, NOW))],
    ['hold', mapped(HOLD, (each) => stepHoldWords(ID, each, NOW))],
    ['unbound', mapped(UNBOUND, unboundWords)],
    ['from', mapped(ORIGIN, (each) => ({ says: originWords(each) }))],
    ['fault', Object.fromEntries(FAULTS.map((fault) => [fault.code, faultWords(fault)]))],
    ['refusal', mapped(REFUSAL, refusalWords)],
    ['short', mapped(SHORT, shortWords)],
    ['moved', mapped(MOVED, (each) => ({ says: revisionCauseWords(each) }))],
  ]
}

test('each has its sentence', async () => {
  const told = chapters().map(([title, words]) =>
    Object.entries(words)
      .map(
        ([kind, { says, next }]) =>
          `${title} ${kind}\n  ${says}\n${next === undefined ? '' : `  next: ${next}\n`}`,
      )
      .join(''),
  )
  await expect(told.join('\n')).toMatchFileSnapshot('golden/words.txt')
})

test('a sentence is whole: no hole, no full stop, no word of the code', () => {
  for (const [title, words] of chapters()) {
    for (const [kind, { says, next = 'x' }] of Object.entries(words)) {
      for (const text of [says, next]) {
        expect(text.trim(), `${title} ${kind}`).not.toBe('')
        expect(text, `${title} ${kind}`).not.toMatch(/undefined|null|\[object|\.$| {2}/)
      }
    }
  }
})

test('where the world stood in the way of a run, its advice comes with it', () => {
  const fault = { code: 'noSudo', message: 'no sudo', advice: 'Let the login use sudo.' } as const
  const advised = reasonWords(ID, { ...REASON.failed, fault } as Reason, NOW)
  expect(advised.next).toBe(`Let the login use sudo, then anneal retry ${ID}`)
  const full = { code: 'diskFull', message: 'no room' } as const
  const general = reasonWords(ID, { ...REASON.failed, fault: full } as Reason, NOW)
  expect(general.next).toBe(`make room on the machine, then anneal retry ${ID}`)
})

test('whoever is blocked or in error is told what to do', () => {
  const held: Reason['kind'][] = [
    'neverReached',
    'notAlive',
    'notAvailable',
    'inputUnbound',
    'requirement',
    'requirementMissing',
    'failed',
    'unknownResult',
    'oscillates',
  ]
  for (const kind of held) expect(reasonWords(ID, REASON[kind], NOW).next, kind).toBeDefined()
})

function mapped<T>(table: Record<string, T>, words: (each: T) => Words): Record<string, Words> {
  return Object.fromEntries(Object.entries(table).map(([kind, each]) => [kind, words(each)]))
}
