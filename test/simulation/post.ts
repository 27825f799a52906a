// The post between runner and engine: brings reports late, twice or in another order, and checks each answer.
import type { Answer } from '../../src/model/refusal.ts'
import type { Event } from '../../src/model/event.ts'
import type { Report } from '../../src/runner/runner.ts'
import { type Dice, dice } from './dice.ts'
import type { Model } from './model.ts'
import type { Stage } from './stage.ts'
import { Violation } from './violation.ts'

export interface PostHabits {
  /** Share of reports that come twice. */
  doubled: number
  /** Share of reports that come late, others before them. */
  late: number
}

export class Post {
  readonly habits: PostHabits = { doubled: 0, late: 0 }
  readonly #stage: Stage
  readonly #model: Model
  readonly #dice: Dice

  constructor(stage: Stage, model: Model) {
    this.#stage = stage
    this.#model = model
    this.#dice = dice(stage.seed, 'post')
  }

  /** A first copy at once where nothing delays it: what a closing runner says must be heard. */
  bring(report: Report, deliver: (report: Report) => Promise<Answer<Event[]> | undefined>): void {
    const hand = (): void => void deliver(report).then((given) => given && this.#check(report, given))
    if (this.#dice.chance(this.habits.late)) this.#stage.time.after(this.#dice.between(1, 5_000), hand)
    else hand()
    if (this.#dice.chance(this.habits.doubled)) this.#stage.time.after(this.#dice.between(1, 20_000), hand)
  }

  #check(report: Report, given: Answer<Event[]>): void {
    if (report.kind !== 'reportRun') return
    const run = this.#model.runs.get(report.run)
    const isRight = run?.token === report.token
    if (given.ok && !isRight) this.#broken('a stale token is refused', report)
    if (!given.ok && given.refusal.code === 'notInFlight' && isRight && run?.inFlight)
      this.#broken('the result of the run in flight is taken', report)
  }

  #broken(invariant: string, { kind, ...report }: Report): void {
    this.#stage.broken(new Violation(invariant, `${kind} ${JSON.stringify(report)}`))
  }
}
