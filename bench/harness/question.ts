// What a bench is made of: questions, each put to contestants in turn, and answered in figures.

/**
 * Yields one question after the other; each is measured and printed before the next one is asked for. What is made before
 * the first `yield` and undone in a `finally` lasts for the whole bench.
 */
export type Bench = (surroundings: Surroundings) => AsyncGenerator<Question, void, void>

export interface Surroundings {
  /** What stood after the name of the bench, without the harness's own. */
  options: readonly string[]
  /** Whether a question of this name will be measured: `--only` leaves others out, and what they need can be spared. */
  isWanted: (question: string) => boolean
  /** For the head of the report: what is compared, e.g. `version('ansible', '2.14.18')`. */
  version: (of: string, text: string) => void
  /** On stderr, while it runs. */
  say: (message: string) => void
}

export interface Question {
  /** The table's title, e.g. `50 hosts, no change`. */
  name: string
  /** Columns in their order; contestants are compared by the first one. */
  figures: Readonly<Record<string, Figure>>
  contestants: readonly Contestant[]
  /** Rounds A B C A B C ...; `--rounds` overrides it. */
  rounds?: number
  goals?: readonly Goal[]
}

export interface Figure {
  /** Shown beside the name, e.g. `s`, `MiB`, `node-roles/s`; figures come in it. */
  unit: string
  /** `less` when nothing is said. */
  better?: 'less' | 'more'
}

export interface Contestant {
  name: string
  /** The limit is what physics, or a bare program without our duties, needs for the same. */
  is: 'ours' | 'peer' | 'limit'
  /** Takes part in so many rounds only, where one takes minutes. */
  rounds?: number
  /** Makes ready what is not to be timed, does the work, verifies its result, answers with figures. Throws where it is wrong. */
  measure(round: number): Sample | Promise<Sample>
}

/** A figure that a contestant does not have is left out. */
export type Sample = Readonly<Record<string, number>>

/** About the median of a figure of `of`; of the first of ours when left out. */
export type Goal = { figure: string; of?: string } & (
  | { atMost: number }
  | { atLeast: number }
  | { times: number; betterThan: string }
  | { times: number; within: string }
)
