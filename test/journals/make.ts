// Makes the sample journal of a release, to be committed and never changed after it.
// usage: node test/journals/make.ts 0.1.0
import { mkdtempSync, mkdirSync, copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestOfBytes } from '../../src/base/digest.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Event } from '../../src/model/event.ts'
import type { Target } from '../../src/model/site.ts'

const release = process.argv[2]
if (release === undefined) throw new Error('which release?')
const work = mkdtempSync(join(tmpdir(), 'anneal-sample-'))
const sample = join(dirname(fileURLToPath(import.meta.url)), release)

const opened = await sqliteJournal(work, { site: 'sample', toolVersion: release }).openWriter({
  pid: process.pid,
  host: 'sample',
  what: 'test/journals/make.ts',
})
if (!opened.ok) throw new Error(opened.refusal.message)
const writer = opened.value
const blob = new TextEncoder().encode('#!/bin/sh\necho done\n'.repeat(100))
await writer.putBlobs(new Map([[digestOfBytes(blob), blob]]))
const turns = [...Object.values(samples()).map((event) => [event]), manyFacts(1_200)]
for (const [i, events] of turns.entries()) await writer.append(1_790_000_000_000 + i, events)
const state = {
  release,
  nodes: Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`n${i}`, { i }])),
}
await writer.putSnapshot({ seq: await writer.head(), version: 1, state })
await writer.append(1_790_000_001_000, [{ kind: 'nodeReached', node: 'last' }])
await writer.close()

mkdirSync(sample, { recursive: true })
copyFileSync(join(work, 'journal.db'), join(sample, 'journal.db'))
const told = [
  { snapshot: { seq: turns.flat().length, state }, blob: digestOfBytes(blob) },
  ...turns.flat(),
  { kind: 'nodeReached', node: 'last' },
]
writeFileSync(join(sample, 'told.ndjson'), told.map((line) => `${JSON.stringify(line)}\n`).join(''))
rmSync(work, { recursive: true })

function manyFacts(count: number): Event[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'factsChanged',
    node: `n${i}`,
    facts: JSON.parse(`{"i":${i},"text":"caf\\u00e9 \\ud83d\\udd25","__proto__":{"kept":true}}`),
  }))
}

/** One of each kind; the compiler notices a missing one. */
function samples(): { [K in Event['kind']]: Extract<Event, { kind: K }> } {
  const nodeRole = 'store/etcd-1/etcd'
  const target: Target = { site: 'sample', nodes: {}, deployments: {}, roles: {}, defaults: {} }
  return {
    sessionStarted: { kind: 'sessionStarted', session: 1, by: 'ada' },
    revisionProposed: {
      kind: 'revisionProposed',
      revision: 1,
      onto: 0,
      target,
      author: 'ada',
      message: 'first',
    },
    revisionCommitted: { kind: 'revisionCommitted', revision: 1, author: 'ada', message: 'first' },
    revisionDiscarded: { kind: 'revisionDiscarded', revision: 2, author: 'ada' },
    factsChanged: { kind: 'factsChanged', node: 'etcd-1', facts: { os: { name: 'debian' } } },
    nodeReached: { kind: 'nodeReached', node: 'etcd-1' },
    nodeLost: {
      kind: 'nodeLost',
      node: 'etcd-1',
      fault: { code: 'unreachable', message: 'No route.' },
      tries: 3,
    },
    connectionLost: { kind: 'connectionLost', node: 'etcd-1' },
    runStarted: {
      kind: 'runStarted',
      run: 'run-1',
      token: 1,
      nodeRole,
      action: 'apply',
      digest: digestOfBytes('binding'),
      inputs: { cluster_name: 'main', ports: [2_379, 2_380] },
      origins: { cluster_name: { kind: 'level', level: 'deployment', where: 'anneal.yaml:12' } },
      cause: { kind: 'new' },
      attempt: 1,
    },
    runFinished: {
      kind: 'runFinished',
      run: 'run-1',
      nodeRole,
      outcome: {
        result: 'ok',
        changed: true,
        outputs: { version: '3.5.9' },
        filesChanged: [],
        durationMs: 12.5,
      },
    },
    runLost: { kind: 'runLost', run: 'run-2', nodeRole, why: 'the process that carried it is gone' },
    nodeRoleRemoved: { kind: 'nodeRoleRemoved', nodeRole },
    rerunAsked: { kind: 'rerunAsked', nodeRole, by: 'ada', why: 'to be sure' },
    rinseAsked: {
      kind: 'rinseAsked',
      rinse: 'rinse-1',
      nodeRoles: [nodeRole],
      once: false,
      by: 'ada',
      why: 'a clean start',
    },
    rinseCancelled: { kind: 'rinseCancelled', rinse: 'rinse-1', by: 'ada', why: 'not today' },
    nodeRoleRinsed: { kind: 'nodeRoleRinsed', nodeRole },
    checkAsked: { kind: 'checkAsked', by: 'ada', nodeRoles: [nodeRole] },
    checkStarted: { kind: 'checkStarted', check: 'check-1', token: 1, node: 'etcd-1', nodeRoles: [nodeRole] },
    checkFinished: {
      kind: 'checkFinished',
      check: 'check-1',
      node: 'etcd-1',
      findings: [
        {
          nodeRole,
          found: 'drifted',
          differences: [{ kind: 'file', path: '/etc/etcd.conf', differs: ['content'], diff: '-a\n+b' }],
        },
      ],
      durationMs: 3,
    },
    checkLost: {
      kind: 'checkLost',
      check: 'check-2',
      node: 'etcd-1',
      why: 'the process that carried it ended',
    },
    availabilityChanged: { kind: 'availabilityChanged', node: 'etcd-1', available: false, by: 'ada' },
    nodeForgotten: { kind: 'nodeForgotten', node: 'etcd-1', by: 'ada' },
    held: { kind: 'held', scope: { kind: 'node', node: 'etcd-1' }, by: 'ada', why: 'new disk' },
    released: { kind: 'released', scope: { kind: 'site' }, by: 'ada' },
    onlyChosen: {
      kind: 'onlyChosen',
      only: [{ kind: 'group', deployment: 'store', role: 'etcd' }],
      by: 'ada',
    },
    runCancelAsked: { kind: 'runCancelAsked', run: 'run-1', nodeRole, by: 'ada' },
    execStarted: {
      kind: 'execStarted',
      exec: 'exec-1',
      argv: ['uptime'],
      become: false,
      selection: 'all',
      nodes: ['etcd-1'],
      by: 'ada',
    },
    execFinished: {
      kind: 'execFinished',
      exec: 'exec-1',
      node: 'etcd-1',
      outcome: { result: 'done', exit: 0, durationMs: 7 },
    },
    claimingStopped: { kind: 'claimingStopped', by: 'ada' },
    cycleBegan: {
      kind: 'cycleBegan',
      cycle: 1,
      cause: { kind: 'commit', revision: 1, by: 'ada' },
      touches: 1,
      facts: 0,
      temperature: 1,
    },
    temperatureChanged: { kind: 'temperatureChanged', temperature: 0.5 },
    cycleEnded: { kind: 'cycleEnded', cycle: 1, result: 'ready', temperature: 0 },
    rolloutPlanned: {
      kind: 'rolloutPlanned',
      rollout: 'rollout-1',
      group: 'store/etcd',
      variants: [{ variant: 'os.version=12', nodes: ['etcd-1', 'etcd-2'] }],
    },
    stepOpened: {
      kind: 'stepOpened',
      rollout: 'rollout-1',
      group: 'store/etcd',
      variant: 'os.version=12',
      nodes: ['etcd-1'],
    },
    stepApproved: {
      kind: 'stepApproved',
      rollout: 'rollout-1',
      group: 'store/etcd',
      variant: 'os.version=12',
      by: 'ada',
      why: 'seen it',
    },
    failuresAllowed: {
      kind: 'failuresAllowed',
      group: 'store/etcd',
      roleDigest: digestOfBytes('role'),
      by: 'ada',
    },
    rolloutEnded: { kind: 'rolloutEnded', rollout: 'rollout-1', group: 'store/etcd' },
    tokenIssued: {
      kind: 'tokenIssued',
      token: 'ci',
      hash: digestOfBytes('secret'),
      grants: [{ role: 'operator', deployments: ['store'] }],
      expiresAt: 1_900_000_000_000,
      by: 'ada',
      why: 'for the build',
    },
    tokenUsed: { kind: 'tokenUsed', token: 'ci' },
    tokenRevoked: { kind: 'tokenRevoked', token: 'ci', by: 'ada' },
    runnerInvited: {
      kind: 'runnerInvited',
      runner: 'dmz-1',
      labels: { segment: 'dmz' },
      hash: digestOfBytes('once'),
      endsAt: 1_900_000_000_000,
      by: 'ada',
    },
    runnerEnrolled: { kind: 'runnerEnrolled', runner: 'dmz-1', key: 'MCowBQYDK2VwAyEA' },
    runnerArrived: { kind: 'runnerArrived', runner: 'dmz-1', slots: 4, version: '0.1.0' },
    runnerLeft: { kind: 'runnerLeft', runner: 'dmz-1', why: 'it was silent for 15 s' },
    runnerDrained: { kind: 'runnerDrained', runner: 'dmz-1', by: 'ada', why: 'new disk' },
    runnerResumed: { kind: 'runnerResumed', runner: 'dmz-1', by: 'ada' },
    runnerRevoked: { kind: 'runnerRevoked', runner: 'dmz-1', by: 'ada' },
    requestAudited: {
      kind: 'requestAudited',
      what: 'POST /api/v1/controls',
      target: 'hold store',
      by: 'token:ci',
      via: { kind: 'token', token: 'ci' },
      address: '127.0.0.1',
      outcome: 'taken',
    },
  }
}
