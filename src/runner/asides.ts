// The asides of a runner: looks and commands beside its work, over connections of their own, until told or given up.
import type { AsideWork, Told } from '../model/runner-talk.ts'
import type { OutputStream } from '../model/work.ts'
import type { Executor } from './executor.ts'
import type { Runner, RunnerEvents } from './runner.ts'

export interface AsidesParts {
  /** Both beside whatever else is under way on the same nodes; `of` tells them from each other. */
  makeLooker(of: string, events: RunnerEvents): Promise<Runner>
  makeExecutor(of: string, notice: RunnerEvents['notice']): Promise<Executor>
  tell(told: Told): void
  /** Resolves when there is room for more. */
  print(hand: number, stream: OutputStream, bytes: Uint8Array): Promise<void>
  notice: RunnerEvents['notice']
}

/** What was asked together shares connections, and lives as long as something of it is held. */
interface Together {
  holds: Map<number, AbortController>
  close(): Promise<void>
}

type LookGroup = Together & { kind: 'look'; looker: Promise<Runner>; hands: Map<string, number> }
type ExecGroup = Together & { kind: 'exec'; executor: Promise<Executor> }

export class Asides {
  readonly #parts: AsidesParts
  readonly #groups = new Map<string, LookGroup | ExecGroup>()
  #numbers = 0

  constructor(parts: AsidesParts) {
    this.#parts = parts
  }

  begin(hand: number, work: AsideWork): void {
    const group = this.#groupOf(work)
    const ending = new AbortController()
    group.holds.set(hand, ending)
    if (group.kind === 'look' && work.kind === 'look') {
      group.hands.set(work.order.check, hand)
      void group.looker.then((looker) => looker.check(work.order))
    }
    if (group.kind === 'exec' && work.kind === 'exec')
      void group.executor
        .then((executor) =>
          executor.carryOut(
            { ...work.order, onOutput: (stream, bytes) => this.#parts.print(hand, stream, bytes) },
            ending.signal,
          ),
        )
        .then((outcome) => this.#ended(group, { kind: 'exec', hand, outcome }))
  }

  /** Looks that were asked together are given up together. */
  end(hand: number): void {
    for (const group of this.#groups.values()) {
      if (!group.holds.has(hand)) continue
      group.holds.get(hand)?.abort()
      if (group.kind === 'look') void group.close()
    }
  }

  /** All that is under way is ended over there first. */
  async close(): Promise<void> {
    const groups = [...this.#groups.values()]
    for (const { holds } of groups) for (const ending of holds.values()) ending.abort()
    await Promise.all(groups.map((group) => group.close()))
  }

  #groupOf(work: AsideWork): LookGroup | ExecGroup {
    const key = `${work.kind} ${work.of}`
    const known = this.#groups.get(key)
    if (known) return known
    const group = work.kind === 'look' ? this.#looks(work.of) : this.#execs(work.of)
    this.#groups.set(key, group)
    return group
  }

  #looks(of: string): LookGroup {
    const hands = new Map<string, number>()
    const looker = this.#parts.makeLooker(this.#named(of), {
      notice: this.#parts.notice,
      report: (report) => {
        const hand = report.kind === 'reportCheck' ? hands.get(report.check) : undefined
        if (report.kind === 'reportCheck' && hand !== undefined)
          this.#ended(group, { kind: 'look', hand, outcome: report.outcome })
      },
    })
    const close = async (): Promise<void> => (await looker).close()
    const group: LookGroup = { kind: 'look', holds: new Map(), hands, looker, close }
    return group
  }

  #execs(of: string): ExecGroup {
    const executor = this.#parts.makeExecutor(this.#named(of), this.#parts.notice)
    return { kind: 'exec', holds: new Map(), executor, close: async () => (await executor).close() }
  }

  /** One that is asked for again after it was over is another one to the nodes. */
  #named(of: string): string {
    return `${of} ${++this.#numbers}`
  }

  #ended(group: LookGroup | ExecGroup, told: Told): void {
    this.#parts.tell(told)
    group.holds.delete(told.hand)
    if (group.holds.size > 0) return
    for (const [key, one] of this.#groups) if (one === group) this.#groups.delete(key)
    void group.close()
  }
}
