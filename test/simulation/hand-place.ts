// A place for operations: a journal in memory, nodes that answer at once, runs that are finished by hand.
import { siteOperations } from '../../src/engine/site-operations.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import type { JournalFaults } from '../../src/journal/journal.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { Control, Controlled } from '../../src/model/control.ts'
import type { Language } from '../../src/model/language.ts'
import type { CheckOrder, Difference, Finding } from '../../src/model/drift.ts'
import type { ExecView } from '../../src/model/exec.ts'
import type {
  DriftReport,
  DriftRequest,
  Feed,
  Operations,
  UpRequest,
  UpResult,
} from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { NodeAddress, RunOrder, RunOutcome } from '../../src/model/run.ts'
import type { Site } from '../../src/model/site.ts'
import type { NodeRoleView } from '../../src/model/view.ts'
import type { Runner, RunnerEvents } from '../../src/runner/runner.ts'
import { roleOf } from './hand-bench.ts'

export const OK: RunOutcome = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }
export const FAILED: RunOutcome = { result: 'failed', message: 'no', tail: '', retry: false, durationMs: 1 }

const language: Language = {
  edition: 'of the bench',
  expression: () => ({ reads: [], evaluate: () => ({ ok: true, value: true }) }),
  schema: () => () => undefined,
}

export const DIFFERENCE: Difference = { kind: 'file', path: '/etc/motd', differs: ['content'] }

/** All is active, and has something to look at. */
export async function settled(roles: string[]): Promise<Place> {
  const place = newPlace({ roles })
  for (const role of Object.values(place.site.roles)) role.check = { path: 'check.sh', digest: 'a' }
  place.finishAll = true
  await place.up()
  return place
}

export class Place {
  readonly site: Site
  readonly runners: HandRunner[] = []
  now = 1_000_000
  /** Whether runs succeed by themselves. */
  finishAll = false
  /** What a check finds. */
  readonly drifted = new Set<string>()
  readonly #store
  readonly #waiting: { is(): boolean; resolve(): void }[] = []
  #isReady = false

  constructor(faults: JournalFaults | undefined, roles: string[]) {
    this.#store = memoryJournal(faults === undefined ? {} : { faults })
    this.site = siteOf(roles)
  }

  operations(): Operations {
    return siteOperations(this.parts('anneal up'))
  }

  /** As `what` works here. */
  parts(what: string): SiteParts {
    return {
      store: this.#store,
      language,
      clock: { now: () => this.now, wakeAt: () => () => {} },
      makeRunner: async (_, events) => {
        const runner = new HandRunner(events, this)
        this.runners.push(runner)
        return runner
      },
      makeExecutor: async () => ({
        carryOut: async () => ({ result: 'done', exit: 0, durationMs: 1 }),
        close: async () => {},
      }),
      holder: { pid: 1, host: 'here', what },
    }
  }

  async up(more: Partial<UpRequest> = {}): Promise<Answer<UpResult>> {
    const operations = this.operations()
    const done = await operations.up({
      site: this.site,
      content: new Map([['a', new Uint8Array([1])]]),
      by: 'ann',
      message: '',
      confirm: async () => true,
      onFeed: (feed) => this.#hear(feed),
      signal: new AbortController().signal,
      stay: false,
      ...more,
    })
    await operations.close()
    return done
  }

  async drift(more: Partial<DriftRequest> = {}): Promise<Answer<DriftReport>> {
    const operations = this.operations()
    const done = await operations.drift({
      targets: [],
      repair: false,
      by: 'ann',
      onFeed: () => {},
      signal: new AbortController().signal,
      stay: false,
      ...more,
    })
    await operations.close()
    return done
  }

  async control(control: Control): Promise<Answer<Controlled>> {
    const operations = this.operations()
    const signal = new AbortController().signal
    const done = await operations.control(control, { by: 'ann', onFeed: () => {}, signal, stay: false })
    await operations.close()
    return done
  }

  async exec(): Promise<Answer<ExecView>> {
    const operations = this.operations()
    const done = await operations.exec({
      selection: 'all',
      argv: ['true'],
      become: false,
      deadlineMs: 1_000,
      parallel: 1,
      by: 'ann',
      signal: new AbortController().signal,
      onStart() {},
      onOutput() {},
      onEnd() {},
      onNotice() {},
    })
    await operations.close()
    return done
  }

  /** The process that works dies; its journal stays. */
  kill(): void {
    this.#store.kill()
  }

  async runs(): Promise<string[]> {
    const operations = this.operations()
    const told = await operations.runs({})
    await operations.close()
    return told.ok ? told.value.map(({ run }) => run) : []
  }

  finding(nodeRole: string): Finding {
    if (!this.drifted.has(nodeRole)) return { nodeRole, found: 'asAsked' }
    return { nodeRole, found: 'drifted', differences: [DIFFERENCE] }
  }

  async stateOf(nodeRole: string): Promise<NodeRoleView | undefined> {
    const operations = this.operations()
    const status = await operations.status()
    await operations.close()
    return status.ok ? status.value.nodeRoles.find(({ id }) => id === nodeRole) : undefined
  }

  async head(): Promise<number> {
    const operations = this.operations()
    const status = await operations.status()
    await operations.close()
    return status.ok ? status.value.revision : 0
  }

  finish(run: string, outcome = OK): void {
    this.runners.at(-1)?.finish(run, outcome)
  }

  untilStarted(run: string): Promise<void> {
    return this.#until(() => this.runners.at(-1)?.open.has(run) === true)
  }

  untilReady(): Promise<void> {
    return this.#until(() => this.#isReady)
  }

  look(): void {
    for (const waiting of this.#waiting) if (waiting.is()) waiting.resolve()
  }

  #until(is: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ is, resolve })
      this.look()
    })
  }

  #hear(feed: Feed): void {
    if (feed.kind === 'nodeRole') this.#isReady = feed.after.state === 'active'
    this.look()
  }
}

export function newPlace({
  faults,
  roles = ['one'],
}: {
  faults?: JournalFaults
  roles?: string[]
} = {}): Place {
  return new Place(faults, roles)
}

/** Lets all promises that can be kept be kept. */
export async function turns(): Promise<void> {
  await new Promise(setImmediate)
}

/** Reaches every node at once; runs are finished by hand, or all of them at once. */
class HandRunner implements Runner {
  readonly open = new Map<string, RunOrder>()
  readonly events: RunnerEvents
  readonly #place: Place
  closed = false

  constructor(events: RunnerEvents, place: Place) {
    this.events = events
    this.#place = place
  }

  start(order: RunOrder): void {
    this.open.set(order.run, order)
    if (this.#place.finishAll) this.finish(order.run, OK)
    this.#place.look()
  }

  finish(run: string, outcome: RunOutcome): void {
    const order = this.open.get(run)
    if (!order) return
    this.open.delete(run)
    this.events.report({ kind: 'reportRun', run, token: order.token, outcome })
  }

  cancel(run: string): void {
    const fault = { code: 'cancelled', message: 'the run was cancelled' } as const
    this.finish(run, { result: 'fault', fault, durationMs: 1 })
  }

  check({ check, token, node, parts }: CheckOrder): void {
    const findings = parts.map(({ nodeRole }) => this.#place.finding(nodeRole))
    const outcome = { result: 'done', findings, durationMs: 1 } as const
    this.events.report({ kind: 'reportCheck', check, token, node: node.name, outcome })
  }

  contact({ name: node }: NodeAddress): void {
    this.events.report({ kind: 'reportContact', node, outcome: { result: 'reached', facts: {} } })
  }

  async close(): Promise<void> {
    this.closed = true
    for (const run of this.open.keys()) this.cancel(run)
  }
}

function siteOf(roles: string[]): Site {
  const spec = { transport: { kind: 'local' }, labels: {}, hints: {}, available: true } as const
  return {
    name: 'site',
    nodes: { n1: spec },
    roles: Object.fromEntries(roles.map((name) => [name, roleOf(name, 1)])),
    defaults: {},
    deployments: {
      d: {
        nodes: { names: ['n1'] },
        values: {},
        groups: [],
        overrides: {},
        adopt: false,
        placements: roles.map((role) => ({ role, values: {} })),
      },
    },
  }
}
