// A desk of leases: hands work to runners elsewhere, each under a lease, and takes what they tell once; a Runner to the engine.
import { assert } from '../base/assert.ts'
import { digestOfBytes } from '../base/digest.ts'
import type { CheckOrder } from '../model/drift.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { NodeAddress, RunId, RunOrder } from '../model/run.ts'
import type {
  AsideWork,
  BeatAsked,
  ClaimAsked,
  Claimed,
  ReportAsked,
  ReportTaken,
  Word,
  Work,
} from '../model/runner-talk.ts'
import type { Aside, Ended } from './aside.ts'
import type { Desk, Newcomer } from './desk.ts'
import { HandingOver, leaseOver } from './handing-over.ts'
import { hearLogs, hearOutcomes } from './hear-report.ts'
import type { PieceKeeper } from './in-order.ts'
import { type Held, type Item, type Lease, newLease, noteOver } from './lease.ts'
import { type DeskClock, watchLeases } from './lease-watch.ts'
import { Lines } from './lines.ts'
import type { Prepared } from './prepare-work.ts'
import type { Report, Runner } from './runner.ts'
import { inPlaceOf, type Schema } from './told.ts'
import { contentOf } from './work-content.ts'

export interface LeaseDeskOptions {
  leaseMs: number
  clock: DeskClock
  report(report: Report): void
  schema: Schema
  /** Secrets that it refers to are brought here: a runner gets what it needs and follows nothing by itself. */
  prepare(work: Work): Promise<Prepared>
  keepLog(run: RunId): PieceKeeper
}

export class LeaseDesk implements Runner, Desk {
  readonly #options: LeaseDeskOptions
  readonly #leases = new Map<string, Lease>()
  readonly #lines = new Lines(this.#leases)
  readonly #byKey = new Map<string, Lease>()
  /** Keys of leases that are over: late words are told apart from those of strangers. */
  readonly #over = new Set<string>()
  readonly #keepLog = (run: RunId): PieceKeeper => this.#options.keepLog(run)
  readonly #handing: HandingOver
  #watching: (() => void) | undefined
  #closed = true

  constructor(options: LeaseDeskOptions) {
    this.#options = options
    this.#handing = new HandingOver({
      lines: this.#lines,
      now: () => options.clock.now(),
      prepare: (work) => options.prepare(work),
      tell: (item, ended) => this.#tell(item, ended),
      holds: (lease) => this.#leases.get(lease.runner) === lease,
    })
  }

  start(order: RunOrder): void {
    if (order.node) this.#put({ kind: 'run', order }, order.node)
  }

  cancel(run: RunId): void {
    this.#drop(({ work }) => work.kind === 'run' && work.order.run === run, 'the run was cancelled')
  }

  check(order: CheckOrder): void {
    this.#put({ kind: 'check', order }, order.node)
  }

  contact(node: NodeAddress): void {
    this.#put({ kind: 'contact', node }, node)
  }

  /** Told once of what came of it. The function that comes back gives it up, which is told as well. */
  aside(work: AsideWork, aside: Aside): () => void {
    const { node } = work.order
    const item: Item = { work, needs: node.runner ?? {}, node: node.name, aside }
    const lease = this.#place(item)
    if (lease && lease.held.size >= lease.slots)
      aside.notice(`waits for a slot of ${lease.runner}, which holds ${lease.held.size} of ${lease.slots}`)
    return () => this.#drop((one) => one === item, 'it was interrupted')
  }

  /** From now on there is an engine behind it. */
  open(): void {
    this.#closed = false
  }

  leads(): boolean {
    return !this.#closed
  }

  /** Nobody is told of what is in flight for the engine: whoever starts next settles it. */
  async close(): Promise<void> {
    this.#closed = true
    this.#watching?.()
    this.#watching = undefined
    const logs: PieceKeeper[] = []
    const leases = [...this.#leases.values()]
    this.#leases.clear()
    this.#byKey.clear()
    for (const lease of leases) {
      lease.parked?.answer(leaseOver())
      for (const { log } of lease.held.values()) if (log) logs.push(log)
      const items = [...lease.queue, ...[...lease.held.values()].map((held) => held.item)]
      lease.held.clear()
      for (const item of items)
        if (item.aside) this.#tell(item, inPlaceOf(item.work, 'cancelled', 'the server is ending'))
    }
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

  async claim(runner: string, asked: ClaimAsked, signal: AbortSignal): Promise<Answer<Claimed>> {
    const lease = this.#leases.get(runner)
    return lease ? this.#handing.claim(lease, asked, signal) : leaseOver()
  }

  /** What it thinks it holds and does not is to end over there. */
  beat(runner: string, { holds, leaving }: BeatAsked): Answer<Word> {
    const lease = this.#leases.get(runner)
    if (!lease) return leaseOver()
    if (leaving && !lease.leaving) this.#leave(lease)
    const strange = holds.filter((hand) => !lease.held.has(hand) && !lease.taken.has(hand))
    return answer({ end: [...lease.ends, ...strange] })
  }

  async report(runner: string, asked: ReportAsked): Promise<Answer<ReportTaken>> {
    const lease = this.#leases.get(runner)
    if (!lease) return leaseOver()
    const { logs = [] } = asked
    const unlogged = logs.length > 0 ? await hearLogs(lease, logs, this.#keepLog) : []
    if (this.#leases.get(runner) !== lease) return leaseOver()
    const heard = hearOutcomes(lease, asked, {
      schema: this.#options.schema,
      tell: (item, ended) => this.#tell(item, ended),
      lastOn: (node) => this.#lines.lastOn(node),
      lost: (node) => this.#options.report({ kind: 'reportConnectionLost', node }),
    })
    return answer({ ...heard, unlogged })
  }

  async content(
    runner: string,
    digest: string,
    kept: (digest: string) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    for (const { item } of this.#leases.get(runner)?.held.values() ?? []) {
      if (!contentOf(item.work).has(digest)) continue
      const found = await (item.aside?.content ? item.aside.content(digest) : kept(digest))
      if (found) return found
    }
    return undefined
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
    if (!lease.leaving) this.#options.report({ kind: 'reportRunnerGone', runner, why })
    const held = [...lease.held.values()]
    lease.held.clear()
    for (const one of held) this.#loseHeld(one, `the runner ${runner} had it, and ${why}`)
    this.#placeAnew(lease)
    lease.parked?.answer(leaseOver())
  }

  #loseHeld({ item, log, since }: Held, message: string): void {
    void log?.close()
    this.#tell(item, inPlaceOf(item.work, 'runnerLost', message, this.#options.clock.now() - since))
  }

  #put(work: Work, node: NodeAddress): void {
    this.#place({ work, needs: node.runner ?? {}, node: node.name })
  }

  #place(item: Item): Lease | undefined {
    const lease = this.#lines.place(item)
    if (lease) {
      if (lease.queue.length === 1) queueMicrotask(() => this.#handing.serve(lease))
      return lease
    }
    const message = this.#lines.whyNobody(item)
    // The engine has not called us yet to the end.
    queueMicrotask(() => {
      if (!this.#closed || item.aside) this.#tell(item, inPlaceOf(item.work, 'notHandedOut', message))
    })
    return undefined
  }

  #tell(item: Item, ended: Ended): void {
    if (item.aside) return item.aside.report(ended)
    assert(ended.kind !== 'execEnded', 'the engine orders no command')
    this.#options.report(ended)
  }

  /** What waits is over, and what is held is to be ended over there. */
  #drop(is: (item: Item) => boolean, message: string): void {
    for (const lease of this.#leases.values()) {
      const waiting = lease.queue.findIndex(is)
      const [item] = waiting < 0 ? [] : lease.queue.splice(waiting, 1)
      if (item) this.#tell(item, inPlaceOf(item.work, 'cancelled', message))
      for (const held of lease.held.values()) if (is(held.item)) this.#end(lease, held.hand)
    }
  }

  #end(lease: Lease, hand: number): void {
    if (lease.ends.has(hand)) return
    lease.ends.add(hand)
    this.#handing.serve(lease)
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
