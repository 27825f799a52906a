// A shift: one lease of a runner, from the server's word to its end: takes work, has it carried out, tells each outcome until heard.
import { basename } from 'node:path'
import type { Answer, Refusal } from '../model/refusal.ts'
import type { AsideWork, LeaseGiven, Told, Word, Work } from '../model/runner-talk.ts'
import { Asides } from './asides.ts'
import type { Executor } from './executor.ts'
import type { ShownLink } from './link.ts'
import { piecesOf, printedPieces } from './log-pieces.ts'
import { Outbox } from './outbox.ts'
import type { Report, Runner, RunnerEvents } from './runner.ts'
import type { TranscriptFile } from './transcript.ts'

export interface ShiftParts {
  link: ShownLink
  lease: LeaseGiven
  /** Whether another server anneals by now. */
  isLedElsewhere(): Promise<boolean>
  slots: number
  makeRunner(tools: ShiftTools): Promise<Runner>
  makeExecutor(tools: ExecTools): Promise<Executor>
  clock: RunnerClock
  say(message: string): void
}

export interface RunnerClock {
  /** Milliseconds that go on while the process is stopped, and never back. */
  now(): number
  /** Resolves early when aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface ExecTools {
  /** Whose leftovers on a node it may end. */
  owner: string
  notice: RunnerEvents['notice']
  /** Whether anything may still be sent to a node. */
  holds: () => boolean
}

/** What the runner of a shift works with. */
export interface ShiftTools extends Omit<ExecTools, 'notice'> {
  events: RunnerEvents
  openTranscript: (path: string) => Promise<TranscriptFile>
  content: (digest: string) => Promise<Uint8Array | undefined>
}

/** `left`: nothing was held any more; `over`: the lease is, with whatever was held. */
export type ShiftEnd = 'left' | 'over'

const AGAIN_MS = 250

export class Shift {
  readonly #parts: ShiftParts
  readonly #holding = new Map<number, Work>()
  readonly #hands = new Map<string, number>()
  readonly #outbox = new Outbox(() => this.#ring())
  readonly #over = new AbortController()
  readonly #asides: Asides
  #until: number
  #rings: (() => void)[] = []

  constructor(parts: ShiftParts) {
    this.#parts = parts
    this.#until = parts.clock.now() + parts.lease.leaseMs
    this.#asides = new Asides({
      makeLooker: (of, events) => parts.makeRunner(this.#tools(`${parts.lease.owner} aside ${of}`, events)),
      makeExecutor: (of, notice) =>
        parts.makeExecutor({
          owner: `${parts.lease.owner} aside ${of}`,
          notice,
          holds: () => this.#holds(),
        }),
      tell: (told) => this.#outbox.tell(told),
      print: (hand, stream, bytes) => this.#outbox.log(hand, printedPieces(stream, bytes)),
      notice: (node, said) => parts.say(`${node}: ${said}`),
    })
  }

  /** `leaving`: nothing new from then on, and the end once nothing is held. */
  async work(leaving: AbortSignal): Promise<ShiftEnd> {
    const { link, lease } = this.#parts
    const making = this.#parts.makeRunner(
      this.#tools(lease.owner, {
        report: (report) => this.#take(report),
        notice: (node, said) => this.#parts.say(`${node}: ${said}`),
      }),
    )
    const beating = this.#beat(making, leaving)
    const reporting = this.#report()
    const runner = await making
    await this.#claim(runner, leaving)
    const end: ShiftEnd = this.#isOver() ? 'over' : 'left'
    this.#over.abort()
    this.#outbox.close()
    this.#ring()
    await Promise.all([runner.close(), this.#asides.close()])
    await Promise.all([beating, reporting])
    if (end === 'left') await link.leave()
    return end
  }

  #tools(owner: string, events: RunnerEvents): ShiftTools {
    return {
      owner,
      events,
      holds: () => this.#holds(),
      openTranscript: async (path) => this.#log(basename(path, '.log')),
      content: async (digest) => {
        const found = await this.#again(() => this.#parts.link.content(digest))
        return found?.ok ? found.value : undefined
      },
    }
  }

  #holds(): boolean {
    return !this.#isOver() && this.#parts.clock.now() < this.#until
  }

  #isOver(): boolean {
    return this.#over.signal.aborted
  }

  /** Whoever wakes after the lease, or is told so, stops here and now. */
  async #beat(runner: Promise<Runner>, leaving: AbortSignal): Promise<void> {
    const { link, lease, clock } = this.#parts
    const everyMs = Math.floor(lease.leaseMs / 3)
    for (let told = false; !this.#isOver(); ) {
      const soon = told ? this.#over.signal : AbortSignal.any([leaving, this.#over.signal])
      await clock.sleep(everyMs, soon)
      if (this.#isOver()) return
      if (!this.#holds()) return this.#end('was not heard in time')
      told = leaving.aborted
      const word = await this.#heard(() =>
        link.beat({ holds: [...this.#holding.keys()], leaving: told }, everyMs),
      )
      if (word.ok) this.#obey(await runner, word.value)
      else await this.#lookElsewhere(word.refusal)
      this.#ring()
    }
  }

  /** What is to end after it leaves comes with the beats. */
  async #claim(runner: Runner, leaving: AbortSignal): Promise<void> {
    const { link, slots, clock } = this.#parts
    for (let claim = 1; !this.#isOver(); ) {
      if (leaving.aborted && this.#holding.size === 0) return
      const free = leaving.aborted ? 0 : slots - this.#holding.size
      if (free <= 0) {
        await this.#next()
        continue
      }
      const claimed = await this.#heard(() => link.claim({ claim, free }, this.#over.signal))
      if (!claimed.ok) {
        await clock.sleep(AGAIN_MS, this.#over.signal)
        await this.#lookElsewhere(claimed.refusal)
        continue
      }
      claim++
      for (const { hand, work } of claimed.value.handed) this.#begin(runner, hand, work)
      this.#obey(runner, claimed.value)
    }
  }

  /** One request at a time: while one is under way, what ends gathers for the next. */
  async #report(): Promise<void> {
    const { link } = this.#parts
    while (!this.#isOver()) {
      if (this.#outbox.isEmpty) {
        await this.#next()
        continue
      }
      // What ends in the same moment goes together.
      await new Promise((resolve) => setImmediate(resolve))
      const next = this.#outbox.next()
      const heard = await this.#again(() => link.report(next.asked))
      if (!heard) return
      if (heard.ok) {
        this.#outbox.heard(next, heard.value)
        for (const { hand } of next.asked.told) this.#forget(hand)
        this.#ring()
      } else this.#outbox.unfit(next, heard.refusal.message)
    }
  }

  #begin(runner: Runner, hand: number, work: Work): void {
    if (this.#holding.has(hand)) return
    this.#holding.set(hand, work)
    if (work.kind === 'look' || work.kind === 'exec') return this.#asides.begin(hand, work)
    this.#hands.set(keyOf(work), hand)
    if (work.kind === 'run') runner.start(work.order)
    else if (work.kind === 'check') runner.check(work.order)
    else if (work.kind === 'contact') runner.contact(work.node)
  }

  #forget(hand: number): void {
    const work = this.#holding.get(hand)
    this.#holding.delete(hand)
    if (!work || work.kind === 'look' || work.kind === 'exec') return
    if (this.#hands.get(keyOf(work)) === hand) this.#hands.delete(keyOf(work))
  }

  #obey(runner: Runner, { end }: Word): void {
    for (const hand of end) {
      const work = this.#holding.get(hand)
      if (work?.kind === 'run') runner.cancel(work.order.run)
      else this.#asides.end(hand)
    }
  }

  #take(report: Report): void {
    if (report.kind === 'reportConnectionLost') this.#outbox.lose(report.node)
    const told = this.#toldBy(report)
    if (told) this.#outbox.tell(told)
  }

  #toldBy(report: Report): Told | undefined {
    if (report.kind === 'reportRun') return this.#told('run', report.run, report.outcome)
    if (report.kind === 'reportCheck') return this.#told('check', report.check, report.outcome)
    if (report.kind === 'reportContact') return this.#told('contact', report.node, report.outcome)
    return undefined
  }

  #told(kind: Told['kind'], name: string, outcome: Told['outcome']): Told | undefined {
    const hand = this.#hands.get(`${kind} ${name}`)
    return hand === undefined ? undefined : ({ kind, hand, outcome } as Told)
  }

  #log(run: string): TranscriptFile {
    const hand = this.#hands.get(`run ${run}`) ?? 0
    return { writeFile: (bytes) => this.#outbox.log(hand, piecesOf(bytes)), close: async () => {} }
  }

  /** Until somebody answers, or the lease is over. */
  async #again<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T> | undefined> {
    while (!this.#isOver()) {
      const heard = await this.#heard(ask)
      if (heard.ok || !PASSING.has(heard.refusal.code)) return this.#isOver() ? undefined : heard
      await this.#parts.clock.sleep(AGAIN_MS, this.#over.signal)
    }
    return undefined
  }

  /** An answer is a sign of life at the time at which it was asked for. */
  async #heard<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const askedAt = this.#parts.clock.now()
    const heard = await ask()
    if (heard.ok) this.#until = Math.max(this.#until, askedAt + this.#parts.lease.leaseMs)
    else if (heard.refusal.code === 'unauthenticated') this.#end('is not known to the server')
    else if (heard.refusal.code === 'leaseOver') this.#end('is over')
    return heard
  }

  /** Where another server anneals, what is held here is settled there already. */
  async #lookElsewhere({ code }: Refusal): Promise<void> {
    if (this.#isOver() || (code !== 'noServer' && code !== 'notServing')) return
    if (await this.#parts.isLedElsewhere()) this.#end('is over, as another server anneals')
  }

  #end(how: string): void {
    if (this.#isOver()) return
    this.#parts.say(`the lease ${how}: what was held is given up`)
    this.#over.abort()
    this.#outbox.close()
    this.#ring()
  }

  /** Resolves when something was told, heard, or is over. */
  #next(): Promise<void> {
    return this.#isOver() ? Promise.resolve() : new Promise((resolve) => this.#rings.push(resolve))
  }

  #ring(): void {
    for (const ring of this.#rings.splice(0)) ring()
  }
}

const PASSING: ReadonlySet<string> = new Set([
  'noServer',
  'notServing',
  'tooMany',
  'tookTooLong',
  'draining',
  'internal',
])

function keyOf(work: Exclude<Work, AsideWork>): string {
  if (work.kind === 'run') return `run ${work.order.run}`
  return work.kind === 'check' ? `check ${work.order.check}` : `contact ${work.node.name}`
}
