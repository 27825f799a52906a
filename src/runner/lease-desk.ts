// A desk of leases: hands work to runners elsewhere, each under a lease, and takes what they tell once; a Runner to the engine.
import { digestOfBytes } from '../base/digest.ts'
import type { CheckOrder } from '../model/drift.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { NodeAddress, NodeFault, RunId, RunOrder } from '../model/run.ts'
import type {
  BeatAsked,
  ClaimAsked,
  Claimed,
  LogTaken,
  ReportAsked,
  ReportTaken,
  Word,
  Work,
} from '../model/runner-talk.ts'
import type { Desk, Newcomer } from './desk.ts'
import { hearLogs, hearOutcomes, logOf } from './hear-report.ts'
import { type Held, type Item, type Lease, newLease, noteOver } from './lease.ts'
import { type DeskClock, watchLeases } from './lease-watch.ts'
import { Lines } from './lines.ts'
import type { LogKeeper } from './log-keeper.ts'
import { piecesIn } from './log-lines.ts'
import type { Report, Runner } from './runner.ts'
import { inPlaceOf, type Schema } from './told.ts'
import { contentOf } from './work-content.ts'

export interface LeaseDeskOptions {
  leaseMs: number
  clock: DeskClock
  report(report: Report): void
  schema: Schema
  /** Secrets that it refers to are brought here: a runner gets what it needs and follows nothing by itself. */
  prepare(work: Work): Promise<{ ok: true; work: Work } | { ok: false; fault: NodeFault }>
  keepLog(run: RunId): LogKeeper
}

export class LeaseDesk implements Runner, Desk {
  readonly #options: LeaseDeskOptions
  readonly #leases = new Map<string, Lease>()
  readonly #lines = new Lines(this.#leases)
  readonly #byKey = new Map<string, Lease>()
  /** Keys of leases that are over: late words are told apart from those of strangers. */
  readonly #over = new Set<string>()
  readonly #keepLog = (run: RunId): LogKeeper => this.#options.keepLog(run)
  #hands = 0
  #watching: (() => void) | undefined
  #closed = true

  constructor(options: LeaseDeskOptions) {
    this.#options = options
  }

  start(order: RunOrder): void {
    if (order.node) this.#put({ kind: 'run', order }, order.node)
  }

  cancel(run: RunId): void {
    const is = ({ work }: Item): boolean => work.kind === 'run' && work.order.run === run
    for (const lease of this.#leases.values()) {
      const waiting = lease.queue.findIndex(is)
      const [item] = waiting < 0 ? [] : lease.queue.splice(waiting, 1)
      if (item) this.#options.report(inPlaceOf(item.work, 'cancelled', 'the run was cancelled'))
      for (const held of lease.held.values()) if (is(held.item)) this.#end(lease, held.hand)
    }
  }

  check(order: CheckOrder): void {
    this.#put({ kind: 'check', order }, order.node)
  }

  contact(node: NodeAddress): void {
    this.#put({ kind: 'contact', node }, node)
  }

  /** From now on there is an engine behind it. */
  open(): void {
    this.#closed = false
  }

  leads(): boolean {
    return !this.#closed
  }

  /** Nobody is told of what is in flight: whoever starts next settles it. */
  async close(): Promise<void> {
    this.#closed = true
    this.#watching?.()
    this.#watching = undefined
    const logs: LogKeeper[] = []
    for (const lease of this.#leases.values()) {
      lease.parked?.answer(over())
      for (const { log } of lease.held.values()) if (log) logs.push(log)
    }
    this.#leases.clear()
    this.#byKey.clear()
    await Promise.all(logs.map((log) => log.close()))
  }

  /** An earlier lease of the same runner is over: it has begun anew. */
  begin(newcomer: Newcomer): void {
    this.lose(newcomer.runner, 'it began anew')
    const lease = newLease(newcomer, this.#options.clock.now())
    const { version } = newcomer
    this.#leases.set(lease.runner, lease)
    this.#byKey.set(lease.key, lease)
    this.#options.report({ kind: 'reportRunnerHere', runner: lease.runner, slots: lease.slots, version })
    this.#watching ??= watchLeases(
      this.#leases,
      this.#options,
      (runner, why) => this.lose(runner, why),
      () => (this.#watching = undefined),
    )
  }

  /** Whose token that is. A word of it is a sign of life. */
  whoShows(token: string): { runner: string } | 'over' | undefined {
    const key = digestOfBytes(token)
    const lease = this.#byKey.get(key)
    if (!lease) return this.#over.has(key) ? 'over' : undefined
    lease.heardAt = this.#options.clock.now()
    return { runner: lease.runner }
  }

  /** Waits for work until there is some, or until the signal. */
  async claim(runner: string, { claim, free }: ClaimAsked, signal: AbortSignal): Promise<Answer<Claimed>> {
    const lease = this.#leases.get(runner)
    if (!lease) return over()
    // The answer to an earlier one was lost on the way, or that one waits in vain.
    lease.parked?.answer(answer({ handed: [], end: [] }))
    lease.parked = undefined
    if (claim === lease.claim && lease.claimed.length > 0) {
      const handed = lease.claimed.filter(({ hand }) => lease.held.has(hand))
      return answer({ handed, end: [...lease.ends] })
    }
    lease.claim = claim
    lease.claimed = []
    const now = this.#lines.take(lease, free)
    if (now.length > 0 || lease.ends.size > 0 || signal.aborted) return this.#handOver(lease, now)
    return new Promise((resolve) => {
      const parked = {
        free,
        answer(claimed: Answer<Claimed>): void {
          signal.removeEventListener('abort', gone)
          if (lease.parked === parked) lease.parked = undefined
          resolve(claimed)
        },
      }
      const gone = (): void => parked.answer(answer({ handed: [], end: [] }))
      signal.addEventListener('abort', gone, { once: true })
      lease.parked = parked
    })
  }

  /** What it thinks it holds and does not is to end over there. */
  beat(runner: string, { holds, leaving }: BeatAsked): Answer<Word> {
    const lease = this.#leases.get(runner)
    if (!lease) return over()
    if (leaving && !lease.leaving) this.#leave(lease)
    const strange = holds.filter((hand) => !lease.held.has(hand) && !lease.taken.has(hand))
    return answer({ end: [...lease.ends, ...strange] })
  }

  async report(runner: string, asked: ReportAsked): Promise<Answer<ReportTaken>> {
    const lease = this.#leases.get(runner)
    if (!lease) return over()
    const { logs = [] } = asked
    const unlogged = logs.length > 0 ? await hearLogs(lease, logs, this.#keepLog) : []
    if (this.#leases.get(runner) !== lease) return over()
    const heard = hearOutcomes(lease, asked, {
      schema: this.#options.schema,
      report: (report) => this.#options.report(report),
      lastOn: (node) => this.#lines.lastOn(node),
    })
    return answer({ ...heard, unlogged })
  }

  async log(runner: string, hand: number, from: number, lines: string): Promise<Answer<LogTaken>> {
    const lease = this.#leases.get(runner)
    const log = lease && logOf(lease, hand, this.#keepLog)
    if (!log) return refuse({ code: 'notInFlight', message: 'this run is not held by this runner' })
    const pieces = piecesIn(lines)
    return pieces
      ? log.take(from, pieces)
      : refuse({ code: 'invalidRequest', message: 'this is no log of a run', places: [] })
  }

  /** Only what something that it holds refers to. */
  mayRead(runner: string, digest: string): boolean {
    const held = this.#leases.get(runner)?.held.values() ?? []
    return [...held].some(({ item }) => contentOf(item.work).has(digest))
  }

  /** By an operator's word: it takes nothing new from now on, or does again. */
  setDraining(runner: string, draining: boolean): void {
    const lease = this.#leases.get(runner)
    if (!lease) return
    lease.draining = draining
    if (draining) this.#placeAnew(lease)
  }

  /** Its lease is over: what it held is not known, what waited for it goes elsewhere. */
  lose(runner: string, why: string): void {
    const lease = this.#leases.get(runner)
    if (!lease) return
    this.#leases.delete(runner)
    this.#byKey.delete(lease.key)
    noteOver(this.#over, lease.key)
    this.#lines.forget(runner)
    const now = this.#options.clock.now()
    if (!lease.leaving) this.#options.report({ kind: 'reportRunnerGone', runner, why })
    for (const { item, log, since } of lease.held.values()) {
      void log?.close()
      this.#options.report(
        inPlaceOf(item.work, 'runnerLost', `the runner ${runner} had it, and ${why}`, now - since),
      )
    }
    lease.held.clear()
    this.#placeAnew(lease)
    lease.parked?.answer(over())
  }

  #put(work: Work, node: NodeAddress): void {
    this.#place({ work, needs: node.runner ?? {}, node: node.name })
  }

  #place(item: Item): void {
    const lease = this.#lines.place(item)
    if (lease) {
      if (lease.queue.length === 1) queueMicrotask(() => this.#serve(lease))
      return
    }
    // The engine has not called us yet to the end.
    queueMicrotask(() => {
      const message = `no runner that would do for ${item.node} is here`
      if (!this.#closed) this.#options.report(inPlaceOf(item.work, 'notHandedOut', message))
    })
  }

  #serve(lease: Lease): void {
    const { parked } = lease
    if (!parked) return
    // What it told since it asked has made room as well.
    const items = this.#lines.take(lease, Math.max(parked.free, lease.slots - lease.held.size))
    if (items.length === 0 && lease.ends.size === 0) return
    lease.parked = undefined
    void this.#handOver(lease, items).then((claimed) => parked.answer(claimed))
  }

  /** Held from here on, so that a lease that ends meanwhile loses it. */
  async #handOver(lease: Lease, items: readonly Item[]): Promise<Answer<Claimed>> {
    const holding = items.map((item): Held => {
      const held = { item, hand: ++this.#hands, since: this.#options.clock.now() }
      lease.held.set(held.hand, held)
      return held
    })
    const { claim } = lease
    const handed = await Promise.all(holding.map(async (held) => this.#prepare(lease, held)))
    if (this.#leases.get(lease.runner) !== lease) return over()
    const now = handed.flatMap((one) => one ?? [])
    if (lease.claim === claim) lease.claimed = now
    return answer({ handed: now, end: [...lease.ends] })
  }

  async #prepare(lease: Lease, { item, hand }: Held): Promise<Claimed['handed'][number] | undefined> {
    const prepared = await this.#options.prepare(item.work)
    if (!lease.held.has(hand)) return undefined
    if (prepared.ok) return { hand, work: prepared.work }
    lease.held.delete(hand)
    const { code, message } = prepared.fault
    this.#options.report(inPlaceOf(item.work, code, message))
    return undefined
  }

  #end(lease: Lease, hand: number): void {
    if (lease.ends.has(hand)) return
    lease.ends.add(hand)
    this.#serve(lease)
  }

  /** On its way out: to the engine it is gone, and what it holds it may still tell. */
  #leave(lease: Lease): void {
    lease.leaving = true
    this.#options.report({ kind: 'reportRunnerGone', runner: lease.runner, why: 'it is ending' })
    this.#placeAnew(lease)
    lease.parked?.answer(answer({ handed: [], end: [...lease.ends] }))
  }

  #placeAnew(lease: Lease): void {
    for (const item of lease.queue.splice(0)) this.#place(item)
  }
}

function over<T>(): Answer<T> {
  return refuse({ code: 'leaseOver', message: 'the lease of this runner is over' })
}
