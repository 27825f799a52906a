// A bench for the engine: a clock, a runner and a disk that are moved by hand.
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { JournalFaults, JournalStore, JournalWriter } from '../../src/journal/journal.ts'
import type { Language } from '../../src/model/language.ts'
import type { CheckOrder } from '../../src/model/drift.ts'
import type { Role } from '../../src/model/role.ts'
import type { NodeAddress, RunOrder, RunOutcome } from '../../src/model/run.ts'
import type { Site } from '../../src/model/site.ts'
import type { Report, Runner } from '../../src/runner/runner.ts'
import type { Clock } from '../../src/engine/clock.ts'
import { Engine } from '../../src/engine/engine.ts'
import { remember } from '../../src/engine/memory.ts'

export const OK: RunOutcome = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }
export const FAILED: RunOutcome = { result: 'failed', message: 'no', tail: '', retry: true, durationMs: 1 }
export const CANCELLED = { code: 'cancelled', message: 'the run was cancelled' } as const

export const language: Language = {
  edition: 'of the bench',
  expression: () => ({ reads: [], evaluate: () => ({ ok: true, value: true }) }),
  schema: () => () => undefined,
}

export interface BenchOptions {
  faults?: JournalFaults
  roles?: string[]
  snapshotEvery?: number
  store?: JournalStore
}

export async function newBench({ faults, roles = ['one'], snapshotEvery, store: kept }: BenchOptions = {}) {
  const store = kept ?? memoryJournal(faults === undefined ? {} : { faults })
  const opened = await store.openWriter({ pid: 1, host: 'here', what: 'a test' })
  if (!opened.ok) throw new Error(opened.refusal.message)
  const journal: JournalWriter = opened.value
  const { world, seq, sinceSnapshot } = await remember(journal, language)
  const clock = new HandClock()
  const engine = new Engine({
    world,
    journal,
    clock,
    seq,
    sinceSnapshot,
    onTurn: () => {},
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
  })
  const runner = new HandRunner((report) => void engine.ask(report))
  const who = { author: 'ann', message: '' }
  const bench = {
    store,
    engine,
    world,
    journal,
    runner,
    clock,
    async begin() {
      const begun = await engine.ask({ kind: 'startSession', by: 'ann' })
      engine.useRunner(runner)
      await engine.ask({ kind: 'tick' })
      return begun
    },
    propose: (...nodes: string[]) =>
      engine.ask({ kind: 'proposeRevision', site: siteOf(nodes, roles), ...who }),
    commitHead() {
      const revision = Math.max(...world.revisions.keys())
      return engine.ask({ kind: 'commitRevision', revision, onto: world.head, ...who })
    },
    async commit(...nodes: string[]) {
      await bench.propose(...nodes)
      return bench.commitHead()
    },
    reach: (node: string) =>
      engine.ask({ kind: 'reportContact', node, outcome: { result: 'reached', facts: {} } }),
    finish(run: string, outcome: RunOutcome) {
      runner.open.delete(run)
      return engine.ask({ kind: 'reportRun', run, token: world.runs.get(run)?.token ?? 0, outcome })
    },
    /** One node, reached; its first run is in flight. */
    async busy() {
      await bench.begin()
      await bench.commit('n1')
      await bench.reach('n1')
    },
    async pass(ms: number) {
      clock.pass(ms)
      await turns()
    },
    async times() {
      const times: number[] = []
      for await (const batch of journal.events(0)) times.push(...batch.map(({ at }) => at))
      return times
    },
  }
  return bench
}

/** Lets all promises that can be kept be kept. */
export async function turns(): Promise<void> {
  await new Promise(setImmediate)
}

export class Gate {
  #waiting: Promise<void> | undefined
  #let: () => void = () => {}

  shut(): void {
    this.#waiting = new Promise((resolve) => {
      this.#let = resolve
    })
  }

  open(): void {
    this.#waiting = undefined
    this.#let()
  }

  pass(): Promise<void> | undefined {
    return this.#waiting
  }
}

export class HandClock implements Clock {
  time = 1_000_000
  readonly timers = new Set<{ left: number; wake(): void }>()

  now(): number {
    return this.time
  }

  wakeAt(at: number, wake: () => void): () => void {
    const timer = { left: at - this.time, wake }
    this.timers.add(timer)
    return () => void this.timers.delete(timer)
  }

  pass(ms: number): void {
    this.time += ms
    for (const timer of this.timers) {
      timer.left -= ms
      if (timer.left <= 0 && this.timers.delete(timer)) timer.wake()
    }
  }
}

/** Does nothing by itself; what it was told of is reported by hand, and cancelled when it is closed. */
export class HandRunner implements Runner {
  readonly started: string[] = []
  readonly checks: string[] = []
  readonly contacted: string[] = []
  readonly open = new Map<string, RunOrder>()
  readonly #contacts = new Set<string>()
  closed = false
  readonly #report: (report: Report) => void

  constructor(report: (report: Report) => void) {
    this.#report = report
  }

  check(order: CheckOrder): void {
    this.checks.push(order.check)
  }

  start(order: RunOrder): void {
    this.started.push(order.run)
    this.open.set(order.run, order)
  }

  cancel(run: string): void {
    const order = this.open.get(run)
    if (!order) return
    this.open.delete(run)
    const outcome: RunOutcome = { result: 'fault', fault: CANCELLED, durationMs: 1 }
    this.#report({ kind: 'reportRun', run, token: order.token, outcome })
  }

  contact(node: NodeAddress): void {
    this.contacted.push(node.name)
    this.#contacts.add(node.name)
  }

  async close(): Promise<void> {
    this.closed = true
    for (const run of this.open.keys()) this.cancel(run)
    for (const node of this.#contacts)
      this.#report({ kind: 'reportContact', node, outcome: { result: 'fault', fault: CANCELLED } })
  }
}

export function siteOf(nodes: string[], roles: string[]): Site {
  const transport = { kind: 'local' } as const
  const spec = { transport, labels: {}, hints: {}, available: true }
  return {
    name: 'site',
    nodes: Object.fromEntries(nodes.map((name) => [name, spec])),
    roles: Object.fromEntries(roles.map((name) => [name, roleOf(name)])),
    defaults: {},
    deployments: {
      d: {
        nodes: { names: nodes },
        values: {},
        groups: [],
        overrides: {},
        adopt: false,
        placements: roles.map((role) => ({ role, values: {} })),
      },
    },
  }
}

export function roleOf(name: string, attempts = 3): Role {
  return {
    name,
    package: 'test@1',
    summary: '',
    per: 'node',
    driver: 'script',
    requires: [],
    after: [],
    provides: [],
    conflicts: [],
    once: false,
    parallel: false,
    become: false,
    inputs: {},
    outputs: {},
    files: {},
    apply: { path: 'apply.sh', digest: 'a' },
    locks: [],
    retry: { attempts, backoffMs: 2_000 },
    deadlineMs: 60_000,
    digest: name,
  }
}
