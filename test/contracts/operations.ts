// What every way to operations on a site must keep: the same stories, told to the one in this process and to a server.
import { afterEach, describe, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { Control, Controlled } from '../../src/model/control.ts'
import type {
  AnnealRequest,
  CommitRequest,
  DriftRequest,
  ExecRequest,
  Feed,
  Operations,
  RinseRequest,
  SiteNow,
  UpRequest,
  UpResult,
} from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Diff } from '../../src/model/view.ts'
import { instantRunner, type Instant } from '../support/instant-runner.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

export interface OperationsAt {
  operations: Operations
  close(): Promise<void>
}

/** `now`: what the files of the site say when it begins. */
export type OpenOperations = (parts: SiteParts, now: SiteNow) => Promise<OperationsAt>

export const SHORT = `
nodes: { n1: { tier: data }, n2: {} }
roles:
  dns: { check: true, remove: true, inputs: { zone: lab, key: { default: s3cret, sensitive: true } }, outputs: { name: { value: node.name } } }
  web: { requires: [dns], inputs: { names: { from: dns.name, take: map } } }
deployments:
  d: { nodes: "true", roles: [dns, web] }
  e: { nodes: "node.name == 'n1'", roles: [dns] }
`

export function operationsContract(open: OpenOperations): void {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  /** All is committed and active, unless `instant` has it otherwise. */
  async function begun(instant: Instant = {}, text = SHORT): Promise<Caller> {
    const now = siteNow(text)
    const at = await open(partsFor(instant), now)
    closers.push(() => at.close())
    const caller = new Caller(at.operations, now)
    await caller.up()
    return caller
  }

  describe('questions', () => {
    test('status, node-roles with their reasons, nodes, facts', async () => {
      const { operations } = await begun()
      expect(await operations.status()).toMatchObject({
        value: {
          site: 'site',
          ready: true,
          atRest: true,
          remains: 'nothing',
          counts: { active: 5, todo: 0 },
          nodeRoles: [
            { id: 'd/n1/dns', deployment: 'd', node: 'n1', role: 'dns', state: 'active', leaving: false },
            { id: 'd/n1/web', reason: { kind: 'current' } },
            { id: 'd/n2/dns' },
            { id: 'd/n2/web' },
            { id: 'e/n1/dns' },
          ],
        },
      })
      expect(await operations.nodes()).toMatchObject({
        value: [{ name: 'n1', alive: 'yes', labels: { tier: 'data' }, nodeRoles: 3 }, { name: 'n2' }],
      })
      expect(await operations.facts('n1')).toEqual({ ok: true, value: { os: 'debian' } })
      expect(await operations.facts('n3')).toMatchObject({ refusal: { code: 'unknownNode', nearest: 'n1' } })
    })

    test('why, by a short name where that is one only, down one input, without secrets being told', async () => {
      const { operations } = await begun()
      expect(await operations.why('n2/dns', 'zone')).toMatchObject({
        value: {
          nodeRole: { id: 'd/n2/dns' },
          inputs: [
            { input: 'zone', value: 'lab', origin: { kind: 'level' } },
            { input: 'key', sensitive: true },
          ],
        },
      })
      expect(await operations.why('n1/dns')).toMatchObject({
        refusal: { code: 'unknownNodeRole', message: expect.stringMatching(/d\/n1\/dns/) as string },
      })
      expect(await operations.why('n2/dsn')).toMatchObject({
        refusal: { code: 'unknownNodeRole', nearest: expect.stringMatching(/n2\/dns/) as string },
      })
      expect(await operations.trace(['d/n1/dns.name'], false)).toMatchObject({
        ok: true,
        value: { roots: [{ to: [{}, {}] }] },
      })
      expect(await operations.trace(['nothing'], false)).toMatchObject({ refusal: { code: 'unknownValue' } })
    })

    test('runs: all, of a part, the last few, one; cycles', async () => {
      const { operations } = await begun()
      const runs = await operations.runs({})
      expect(runs).toMatchObject({
        value: ['run-1', 'run-2', 'run-3', 'run-4', 'run-5'].map((run) => ({ run, result: 'ok' })),
      })
      expect(await operations.runs({ limit: 2 })).toMatchObject({
        value: [{ run: 'run-4' }, { run: 'run-5' }],
      })
      expect(await operations.runs({ target: 'e' })).toMatchObject({ value: [{ nodeRole: 'e/n1/dns' }] })
      expect(await operations.runs({ run: 'run-3' })).toMatchObject({ value: [{ run: 'run-3' }] })
      expect(await operations.runs({ run: 'run-9' })).toMatchObject({ refusal: { code: 'unknownRun' } })
      expect(await operations.runs({ target: 'nowhere' })).toMatchObject({
        refusal: { code: 'unknownTarget' },
      })
      expect(await operations.cycles()).toMatchObject({ value: { cycles: [{ cycle: 1 }] } })
      expect(await operations.cycle()).toMatchObject({ value: { cycle: { cycle: 1 } } })
      expect(await operations.cycle(9)).toMatchObject({ refusal: { code: 'unknownCycle' } })
    })

    test('a rehearsal', async () => {
      const { operations } = await begun()
      const asked = { what: { kind: 'committed' }, afresh: true, times: 2, seed: 3, dead: 0 } as const
      expect(await operations.rehearse(asked)).toMatchObject({
        value: { seed: 3, times: 2, nodeRoles: 5, ends: { ready: 2 } },
      })
    })
  })

  describe('up', () => {
    test('shows what it would do, does it, tells it as it happens, and what came of it', async () => {
      const caller = await begun()
      const changed = siteNow(SHORT.replace('zone: lab', 'zone: prod'))
      const seen: Diff[] = []
      const feed: Feed[] = []
      const done = await caller.up({
        ...changed,
        message: 'to production',
        confirm: async (diff) => seen.push(diff) > 0,
        onFeed: (one) => feed.push(one),
      })
      expect(seen).toMatchObject([
        {
          changes: [
            {
              nodeRole: 'd/n1/dns',
              what: 'change',
              inputs: [{ input: 'zone', before: 'lab', after: 'prod' }],
            },
            { nodeRole: 'd/n2/dns' },
            { nodeRole: 'e/n1/dns' },
          ],
        },
      ])
      expect(done).toMatchObject({
        value: { outcome: 'ready', runs: [{ result: 'ok' }, {}, {}], status: { ready: true } },
      })
      expect(feed.some((one) => one.kind === 'run' && one.run.result === 'running')).toBe(true)
      expect(feed.filter((one) => one.kind === 'run' && one.run.result === 'ok')).toHaveLength(3)
      const timeline = await caller.operations.timeline()
      expect(timeline.ok && timeline.value.at(-1)).toMatchObject({
        status: 'committed',
        message: 'to production',
        author: 'ann',
      })
      expect(await caller.up(changed)).toMatchObject({ value: { outcome: 'ready', runs: [] } })
    })

    test('declined changes nothing; of a secret only that it changes is shown', async () => {
      const caller = await begun()
      const before = await caller.operations.timeline()
      let seen = ''
      const confirm = async (diff: Diff): Promise<boolean> => {
        seen = JSON.stringify(diff.changes[0]?.inputs.map(({ input, sensitive }) => [input, sensitive]))
        return false
      }
      const changed = siteNow(SHORT.replace('s3cret', 'an0ther'))
      expect(await caller.up({ ...changed, confirm })).toMatchObject({
        value: { outcome: 'declined', runs: [], status: { ready: true } },
      })
      expect(seen).toBe('[["key",true]]')
      expect(await caller.operations.timeline()).toEqual(before)
    })

    test('what fails is told, and is asked for again by the next one', async () => {
      let fails = false
      const caller = await begun({ outcome: () => (fails ? FAILED : OK) })
      fails = true
      const changed = siteNow(SHORT.replace('zone: lab', 'zone: prod'))
      const failed = await caller.up(changed)
      expect(failed).toMatchObject({ value: { outcome: 'atRestWithProblems' } })
      expect(failed.ok && failed.value.runs[0]).toMatchObject({ result: 'failed', message: 'no' })
      fails = false
      const seen: string[] = []
      const confirm = async (diff: Diff): Promise<boolean> =>
        seen.push(...diff.changes.map(({ what }) => what)) > 0
      expect(await caller.up({ ...changed, confirm })).toMatchObject({ value: { outcome: 'ready' } })
      expect(new Set(seen)).toEqual(new Set(['retry']))
    })

    test('what the first look at nodes moves is done before it ends, as a revision by Anneal', async () => {
      const text = SHORT.replace("node.name == 'n1'", 'node.facts.ssd == true')
      const caller = await begun({ facts: (node) => ({ ssd: node === 'n2' }) }, text)
      const status = await caller.operations.status()
      expect(status.ok && status.value.nodeRoles.map(({ id, state }) => `${id} ${state}`)).toContain(
        'e/n2/dns active',
      )
      const timeline = await caller.operations.timeline()
      expect(timeline.ok && timeline.value.at(-1)).toMatchObject({ author: 'anneal', status: 'committed' })
    })

    test('a site that cannot be is refused with all that is wrong', async () => {
      const caller = await begun()
      const broken = siteNow(SHORT)
      broken.site.deployments['d']?.placements.push({ role: 'nothing', values: {} })
      const refused = { ok: false, refusal: { message: expect.stringMatching(/nothing/) as string } }
      expect(await caller.up(broken)).toMatchObject(refused)
      expect(await caller.operations.diff(broken.site)).toMatchObject(refused)
    })
  })

  describe('the timeline', () => {
    test('propose, look, commit; what is proposed again after is refused with what moved', async () => {
      const caller = await begun()
      const { operations } = caller
      const changed = siteNow(SHORT.replace('zone: lab', 'zone: prod'))
      expect(await operations.diff(changed.site)).toMatchObject({ value: { changes: [{}, {}, {}] } })
      const first = await operations.propose({ ...changed, by: 'ann', message: 'one' })
      const other = siteNow(SHORT.replace('zone: lab', 'zone: test'))
      const second = await operations.propose({ ...other, by: 'ann', message: 'two' })
      expect([first, second]).toMatchObject([
        { value: { revision: { status: 'proposed', message: 'one' }, diff: { changes: [{}, {}, {}] } } },
        { value: { revision: { message: 'two' } } },
      ])
      const [one = 0, two = 0] = [first, second].map((one) => (one.ok ? one.value?.revision.revision : 0))
      expect(await operations.show(one)).toMatchObject({
        value: {
          revision: { revision: one },
          differences: [{}],
          content: [{ role: 'dns' }, { role: 'web' }],
        },
      })
      let seen: Diff | undefined
      const confirm = async (diff: Diff): Promise<boolean> => {
        seen = diff
        return true
      }
      expect(await caller.commit({ revision: one, confirm })).toMatchObject({
        value: { names: [`revision ${one}`], result: { outcome: 'ready', runs: [{}, {}, {}] } },
      })
      expect(seen).toMatchObject({ revision: one, changes: [{}, {}, {}] })
      expect(await caller.commit({ revision: two })).toMatchObject({
        refusal: { code: 'timelineMoved', head: one, moved: { committed: [{ revision: one }] } },
      })
      expect(await operations.discard(two, 'ann')).toMatchObject({
        value: { revision: { status: 'discarded' } },
      })
      expect(await operations.discard(two, 'ann')).toMatchObject({ refusal: { code: 'unknownRevision' } })
      expect(await operations.show(99)).toMatchObject({ refusal: { code: 'unknownRevision' } })
      expect(await operations.propose({ ...changed, by: 'ann', message: '' })).toEqual({
        ok: true,
        value: undefined,
      })
    })

    test('rollback proposes what was; commit takes the newest proposal where none is named', async () => {
      const caller = await begun()
      const { operations } = caller
      const head = await operations.status()
      const was = head.ok ? head.value.revision : 0
      await caller.up(siteNow(SHORT.replace('zone: lab', 'zone: prod')))
      const back = await operations.rollback(was, 'ann', 'back again')
      expect(back).toMatchObject({ value: { revision: { message: 'back again', status: 'proposed' } } })
      expect(await caller.commit({})).toMatchObject({ value: { result: { runs: [{}, {}, {}] } } })
      expect(await operations.rollback(99, 'ann', '')).toMatchObject({ refusal: { code: 'unknownRevision' } })
    })
  })

  describe('controls', () => {
    test('hold and release, run, and what is wrong with them', async () => {
      const caller = await begun()
      expect(await caller.control({ kind: 'hold', targets: ['n1'], why: 'a disk' })).toMatchObject({
        value: { names: ['n1'], leftOut: [] },
      })
      expect(await caller.operations.status()).toMatchObject({
        value: { holds: [{ scope: { kind: 'node', node: 'n1' }, by: 'ann', why: 'a disk' }] },
      })
      expect(await caller.control({ kind: 'run', targets: ['n1'], only: false })).toMatchObject({
        value: { result: { outcome: 'waitsForApproval', runs: [] } },
      })
      expect(await caller.control({ kind: 'release', targets: ['n1'] })).toMatchObject({
        value: { names: ['n1'], result: { outcome: 'ready', runs: [{}, {}, {}] } },
      })
      expect(await caller.control({ kind: 'release', targets: ['n1'] })).toMatchObject({
        refusal: { code: 'notHeld' },
      })
      expect(await caller.control({ kind: 'hold', targets: ['n9'] })).toMatchObject({
        refusal: { code: 'unknownTarget' },
      })
      expect(await caller.control({ kind: 'cancel', targets: ['run-1'] })).toMatchObject({
        refusal: { code: 'notInFlight' },
      })
      expect(await caller.control({ kind: 'approve', targets: ['d'] })).toMatchObject({
        refusal: { code: 'nothingToApprove' },
      })
    })

    test('retry, of what does not go', async () => {
      const caller = await begun()
      expect(await caller.control({ kind: 'retry', targets: ['n2/web'] })).toMatchObject({
        value: { names: ['d/n2/web'], result: { outcome: 'ready', runs: [{ nodeRole: 'd/n2/web' }] } },
      })
    })
  })

  describe('on nodes', () => {
    test('drift', async () => {
      const caller = await begun()
      expect(await caller.drift({ targets: ['n1'] })).toMatchObject({
        value: {
          nodeRoles: [
            { nodeRole: 'd/n1/dns', found: 'asAsked' },
            { nodeRole: 'd/n1/web', found: 'unchecked' },
            { nodeRole: 'e/n1/dns', found: 'asAsked' },
          ],
          runs: [],
          interrupted: false,
        },
      })
      expect(await caller.drift({ targets: ['n9'] })).toMatchObject({ refusal: { code: 'unknownTarget' } })
    })

    test('a dry run, and what is said of its nodes meanwhile', async () => {
      const { operations } = await begun({ notice: (node) => `${node} has another key` })
      const notices: string[] = []
      const asked = {
        ...siteNow(SHORT.replace('zone: lab', 'zone: prod')),
        signal: never(),
        onNotice: (node: string, message: string) => void notices.push(`${node}: ${message}`),
      }
      expect(await operations.dryRun(asked)).toMatchObject({
        value: { diff: { changes: [{}, {}, {}] }, findings: [{ found: 'asAsked' }, {}, {}], unlooked: [] },
      })
      expect(notices.sort()).toEqual(['n1: n1 has another key', 'n2: n2 has another key'])
    })

    test('exec: what is printed, byte for byte, and how it ended', async () => {
      const caller = await begun()
      const told: unknown[] = []
      const printed: Buffer[] = []
      const done = await caller.exec({
        onStart: (exec, nodes) => told.push(exec, nodes),
        onOutput: (_node, _stream, bytes) => printed.push(Buffer.from(bytes)),
        onEnd: (node) => told.push(node),
      })
      expect(done).toMatchObject({
        value: {
          exec: 'exec-1',
          by: 'ann',
          argv: ['uname'],
          nodes: [{ node: 'n1', outcome: { result: 'done', exit: 0 } }],
        },
      })
      expect(told).toEqual(['exec-1', ['n1'], 'n1'])
      expect(Buffer.concat(printed)).toEqual(PRINTED)
      expect(await caller.operations.execs(5)).toMatchObject({ value: [{ exec: 'exec-1' }] })
      expect(await caller.exec({ selection: { text: 'n9' } })).toMatchObject({
        refusal: { code: 'unknownTarget' },
      })
    })

    test('rinse shows what it removes and applies; declined, nothing is', async () => {
      const caller = await begun()
      const seen: unknown[] = []
      const declined = await caller.rinse({ targets: ['e'], confirm: async () => false })
      expect(declined).toMatchObject({ value: { outcome: 'declined', runs: [] } })
      const done = await caller.rinse({
        targets: ['e'],
        confirm: async (preview) => seen.push(preview) > 0,
      })
      expect(seen).toMatchObject([
        { removes: [{ role: 'dns', nodeRoles: ['e/n1/dns'] }], applies: [{ role: 'dns' }] },
      ])
      expect(done).toMatchObject({
        value: { outcome: 'ready', runs: [{ action: 'remove' }, { action: 'apply' }] },
      })
      expect(await caller.rinse({ targets: ['nowhere'] })).toMatchObject({
        refusal: { code: 'unknownTarget' },
      })
    })

    test('forget: a node that is still wanted is not, an unknown one neither', async () => {
      const { operations } = await begun()
      expect(await operations.forget('n1', request())).toMatchObject({ refusal: { code: 'conflict' } })
      expect(await operations.forget('n9', request())).toMatchObject({ refusal: { code: 'unknownNode' } })
    })
  })
}

// --- Who asks ---------------------------------------------------------------------------------------------------------

export class Caller {
  readonly operations: Operations
  readonly #now: SiteNow

  constructor(operations: Operations, now: SiteNow) {
    this.operations = operations
    this.#now = now
  }

  up(more: Partial<UpRequest> = {}): Promise<Answer<UpResult>> {
    return this.operations.up({ ...request(), ...this.#now, message: '', confirm: yes, ...more })
  }

  commit(more: Partial<CommitRequest>): Promise<Answer<Controlled>> {
    return this.operations.commit({ ...request(), confirm: yes, ...more })
  }

  control(control: Control): Promise<Answer<Controlled>> {
    return this.operations.control(control, request())
  }

  drift(more: Partial<DriftRequest>): ReturnType<Operations['drift']> {
    return this.operations.drift({ ...request(), targets: [], repair: false, ...more })
  }

  rinse(more: Partial<RinseRequest>): Promise<Answer<UpResult>> {
    return this.operations.rinse({ ...request(), targets: 'all', once: false, confirm: yes, ...more })
  }

  exec(more: Partial<ExecRequest>): ReturnType<Operations['exec']> {
    return this.operations.exec({
      selection: { text: 'n1' },
      argv: ['uname'],
      become: false,
      deadlineMs: 10_000,
      parallel: 2,
      by: 'ann',
      signal: never(),
      onStart() {},
      onOutput() {},
      onEnd() {},
      onNotice() {},
      ...more,
    })
  }
}

const yes = (): Promise<boolean> => Promise.resolve(true)

function request(): AnnealRequest {
  return { by: 'ann', onFeed() {}, signal: never(), stay: false }
}

function never(): AbortSignal {
  return new AbortController().signal
}

// --- The site ---------------------------------------------------------------------------------------------------------

const OK: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: 3 }
const FAILED: RunOutcome = { result: 'failed', message: 'no', tail: '', retry: false, durationMs: 1 }
/** With half a letter at its end. */
const PRINTED = Buffer.from([...Buffer.from('Grüße\n'), 0xe2, 0x82])

export function partsFor(instant: Instant): SiteParts {
  return {
    store: memoryJournal(),
    language: makeLanguage(),
    clock: systemClock,
    makeRunner: async (_, events) =>
      instantRunner(
        (report) => events.report(report),
        instant,
        (node, message) => events.notice(node, message),
      ),
    makeExecutor: async () => ({
      async carryOut(order) {
        void order.onOutput('stdout', PRINTED)
        return { result: 'done', exit: 0, durationMs: 1 }
      },
      close: async () => {},
    }),
    holder: { pid: 1, host: 'here', what: 'anneal' },
  }
}

/** With scripts that are bytes. */
export function siteNow(text: string, script = ''): SiteNow {
  const site = shortSite(readShortSite(text))
  const content = new Map<string, Uint8Array>()
  for (const role of Object.values(site.roles)) {
    for (const action of ['apply', 'check', 'remove'] as const) {
      if (!role[action]) continue
      const bytes = Buffer.from(`#!/bin/sh\n# ${role.name} ${action} ${script}\n`)
      role[action] = { path: `${action}.sh`, digest: digestOfBytes(bytes) }
      content.set(digestOfBytes(bytes), bytes)
    }
  }
  return { site, content }
}
