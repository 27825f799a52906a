// The one loop: takes the inbox as a batch, makes one turn, appends its events, and only then acts and answers.
import { addressOf, checkOrderOf, isAtRest, orderOf, whatIsDue } from '../annealer/due.ts'
import { holdsSecrets } from '../annealer/sensitive.ts'
import { SNAPSHOT_VERSION } from '../annealer/snapshot-shape.ts'
import { beginSnapshot } from '../annealer/taking.ts'
import { turn, type Turn } from '../annealer/turn.ts'
import type { RunRecord, World } from '../annealer/world.ts'
import { JournalFault, type JournalWriter } from '../journal/journal.ts'
import type { CheckId } from '../model/drift.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { type Answer, type Refusal, refuse } from '../model/refusal.ts'
import type { RunId } from '../model/run.ts'
import type { Runner } from '../runner/runner.ts'
import type { Clock } from './clock.ts'

export interface EngineParts {
  world: World
  journal: JournalWriter
  clock: Clock
  /** Sequence number of the last event that the world contains. */
  seq: number
  /** Events that the journal holds beyond its newest snapshot. */
  sinceSnapshot: number
  /** After the events of a turn are durable; `head` is the sequence number of the last of all. */
  onTurn(turn: Turn, head: number): void
  /** Whether runs may be started; always, where nobody says. */
  mayClaim?(): boolean
  /** A restart replays at most about so many events; where nobody says, about as many as there are node-roles. */
  snapshotEvery?: number
  /** So many things of a snapshot are told at a stretch; as `beginSnapshot` has it, where nobody says. */
  snapshotAtOnce?: number
}

const SNAPSHOT_EVERY = 2_000

/**
 * A snapshot costs what exists, so it is due when about as much has happened: each event pays for one node-role of it, however
 * large the fleet. "a large fleet is not written anew every few turns" in engine.test.ts fails without.
 */
function snapshotAfter(world: World): number {
  return Math.max(SNAPSHOT_EVERY, world.nodeRoles.size)
}

export class Engine {
  readonly #parts: EngineParts
  #runner: Runner | undefined
  #inbox: { command: Command; answer: (answer: Answer<Event[]>) => void }[] = []
  #pumping = false
  #fault: Refusal | undefined
  #tellFailed: () => void = () => {}
  /** Resolves when the journal has failed; nothing moves any more from then on. */
  readonly failed = new Promise<void>((resolve) => {
    this.#tellFailed = resolve
  })
  #cancelWake: (() => void) | undefined
  #head: number
  /** The world contains what is not durable yet. */
  #isAhead = false
  /** Asked meanwhile. */
  #questions: (() => void)[] = []
  #sinceSnapshot: number
  /** Is being written beside the turns. */
  #snapshot: Promise<void> | undefined
  /** How far the site's time is ahead of a clock that was set back. */
  #aheadMs = 0
  /** Runs and contacts that the runner has been told of and has not answered. */
  readonly #handedOver = new Set<RunId>()
  readonly #cancelling = new Set<RunId>()
  readonly #contacting = new Set<string>()
  /** The runner has not been told of what is in flight. */
  #isNew = true
  readonly #checking = new Set<CheckId>()
  readonly #restWaiters: (() => void)[] = []

  constructor(parts: EngineParts) {
    this.#parts = parts
    this.#head = parts.seq
    this.#sinceSnapshot = parts.sinceSnapshot
    void parts.journal.lost?.then((refusal) => this.#failMeanwhile(new JournalFault(refusal)))
  }

  /**
   * Without one the engine decides and records, and nothing outside happens. When a runner has died: none, then
   * `startSession`, which settles what it left, then another.
   */
  useRunner(runner: Runner | undefined): void {
    this.#runner = runner
    this.#isNew = true
    this.#handedOver.clear()
    this.#cancelling.clear()
    this.#contacting.clear()
    this.#checking.clear()
  }

  /** Resolves when the command's events are durable, or with the refusal; never rejects. */
  ask(command: Command): Promise<Answer<Event[]>> {
    if (this.#fault) return Promise.resolve(refuse(this.#fault))
    return new Promise((resolve) => {
      this.#inbox.push({ command, answer: resolve })
      if (this.#pumping) return
      this.#pumping = true
      // Who asks several things in one go, as a runner that reports many runs, is one turn.
      queueMicrotask(() => void this.#pump())
    })
  }

  /** Of the world as far as it is durable. Rejects with `JournalFault` once the journal has failed. */
  look<T>(question: (world: World) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const put = (): void => {
        if (this.#fault) return reject(new JournalFault(this.#fault))
        try {
          resolve(question(this.#parts.world))
        } catch (error) {
          reject(error)
        }
      }
      if (this.#isAhead && !this.#fault) this.#questions.push(put)
      else put()
    })
  }

  /** Sequence number of the last durable event. */
  get head(): number {
    return this.#head
  }

  /** Resolves when nothing moves any more, or when the journal has failed: then `fault` says how. */
  async rest(): Promise<void> {
    while (!this.#fault && (this.#pumping || !isAtRest(this.#parts.world))) {
      await new Promise<void>((resolve) => this.#restWaiters.push(resolve))
    }
  }

  get fault(): Refusal | undefined {
    return this.#fault
  }

  /**
   * Nothing new is claimed, what is in flight is cancelled, connections end, and what a restart will be glad of is written.
   * The journal stays open: it is the caller's.
   */
  async close(): Promise<void> {
    const { world } = this.#parts
    const runner = this.#runner
    if (runner && !isAtRest(world)) await this.ask({ kind: 'stopClaiming', by: world.sessionBy })
    this.#runner = undefined
    await runner?.close()
    // Somebody may ask for something all the while.
    while ((this.#pumping || this.#snapshot) && !this.#fault) {
      if (this.#pumping) await new Promise<void>((resolve) => this.#restWaiters.push(resolve))
      await this.#snapshot
    }
    this.#cancelWake?.()
    if (!this.#fault) this.#keepSnapshot(1)
    await this.#snapshot
  }

  async #pump(): Promise<void> {
    while (this.#inbox.length > 0 && !this.#fault) await this.#takeTurn(this.#inbox.splice(0))
    this.#pumping = false
    for (const waiter of this.#restWaiters.splice(0)) waiter()
  }

  async #takeTurn(batch: { command: Command; answer: (answer: Answer<Event[]>) => void }[]): Promise<void> {
    const { world, journal } = this.#parts
    const now = this.#now()
    this.#isAhead = true
    const made = turn(
      world,
      batch.map(({ command }) => command),
      now,
      this.#parts.mayClaim?.() ?? true,
    )
    try {
      if (made.events.length > 0) this.#head = (await journal.append(now, made.events)).head
    } catch (error) {
      this.#fail(error)
      for (const { answer } of batch) answer(refuse(this.#fault as Refusal))
      return
    }
    this.#isAhead = false
    this.#sinceSnapshot += made.events.length
    this.#parts.onTurn(made, this.#head)
    for (const put of this.#questions.splice(0)) put()
    batch.forEach(({ answer }, index) => answer(made.answers[index] as Answer<Event[]>))
    for (const { command } of batch) this.#hear(command)
    this.#act(made.events)
    this.#keepSnapshot(this.#parts.snapshotEvery ?? snapshotAfter(world))
  }

  /** The clock's time, except that it never goes back: what waits would wait as long as the clock was set back. */
  #now(): number {
    const { world, clock } = this.#parts
    const now = clock.now()
    this.#aheadMs = now >= world.now ? 0 : Math.max(this.#aheadMs, world.now - now)
    return now + this.#aheadMs
  }

  /** A report that was refused, a forged one or a late one, says nothing of the run in flight. */
  #hear(command: Command): void {
    const { runs, nodes } = this.#parts.world
    if (command.kind === 'reportRun' && runs.get(command.run)?.result !== 'running')
      this.#handedOver.delete(command.run)
    if (command.kind === 'reportCheck' && nodes.get(command.node)?.check?.check !== command.check)
      this.#checking.delete(command.check)
    if (command.kind === 'reportContact') this.#contacting.delete(command.node)
  }

  /** Asks the world what is owed and does what is not yet under way: a lost message cannot lose a run. */
  #act(events: readonly Event[]): void {
    const { world, clock } = this.#parts
    const due = whatIsDue(world, this.#contacting)
    if (this.#runner) {
      for (const record of this.#mayBeOwed(due.runs, events)) {
        if (record.result !== 'running') continue
        if (record.cancelAsked) this.#cancelling.add(record.run)
        if (record.session !== world.session || this.#handedOver.has(record.run)) continue
        this.#handedOver.add(record.run)
        this.#runner.start(orderOf(world, record))
      }
      this.#isNew = false
      // Said again with each turn until the run is over: a lost word loses nothing.
      for (const run of this.#cancelling) {
        if (world.runs.get(run)?.result === 'running') this.#runner.cancel(run)
        else this.#cancelling.delete(run)
      }
      for (const node of due.checks) {
        const order = checkOrderOf(world, node)
        if (!order || node.check?.session !== world.session || this.#checking.has(order.check)) continue
        this.#checking.add(order.check)
        this.#runner.check(order)
      }
      for (const node of due.contacts) {
        if (this.#contacting.has(node.name)) continue
        this.#contacting.add(node.name)
        this.#runner.contact(addressOf(node))
      }
    }
    this.#cancelWake?.()
    this.#cancelWake =
      due.wakeAt === undefined
        ? undefined
        : clock.wakeAt(due.wakeAt - this.#aheadMs, () => void this.ask({ kind: 'tick' }))
  }

  /**
   * All in flight where the runner is another one, else those that the turn was about: a hundred thousand that were handed over
   * need not be asked with each report. "a report costs what it is about" in engine.test.ts fails without.
   */
  #mayBeOwed(all: Iterable<RunRecord>, events: readonly Event[]): Iterable<RunRecord> {
    if (this.#isNew) return all
    const { runs } = this.#parts.world
    return events.flatMap((event) =>
      event.kind === 'runStarted' || event.kind === 'runCancelAsked' ? (runs.get(event.run) ?? []) : [],
    )
  }

  /** Begins one, between turns: the world is then that of the head. It is written slice by slice, while turns go on. */
  #keepSnapshot(after: number): void {
    if (this.#sinceSnapshot < after || this.#snapshot) return
    const { world, journal, snapshotAtOnce } = this.#parts
    const seq = this.#head
    const events = this.#sinceSnapshot
    const secret = holdsSecrets(world) ? { secret: true as const } : {}
    const state = beginSnapshot(world, snapshotAtOnce)
    this.#snapshot = journal.putSnapshot({ seq, version: SNAPSHOT_VERSION, state, ...secret }).then(
      () => {
        this.#sinceSnapshot -= events
        this.#snapshot = undefined
      },
      (error) => this.#failMeanwhile(error),
    )
  }

  /** Between turns, or while one is written: who waits for rest does not hear of it otherwise. */
  #failMeanwhile(error: unknown): void {
    this.#fail(error)
    for (const waiter of this.#restWaiters.splice(0)) waiter()
  }

  #fail(error: unknown): void {
    if (!(error instanceof JournalFault)) throw error
    this.#fault = error.refusal
    this.#tellFailed()
    for (const { answer } of this.#inbox.splice(0)) answer(refuse(this.#fault))
    for (const put of this.#questions.splice(0)) put()
  }
}
