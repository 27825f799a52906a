// Shapes of what the API answers and the model has no type for: lists, which come in pages.
import type { CycleTrend, CycleView } from '../../../src/model/cycle.ts'
import type { RunView } from '../../../src/model/view.ts'

export interface Page<T> {
  items: T[]
  next?: string
}

/** Newest first. */
export type CyclesPage = Page<CycleView> & { trend?: CycleTrend }

/** What ran in one cycle; `endedAt` absent while it does. */
export interface CycleRuns {
  cycle: CycleView
  runs: (RunView & { endedAt?: number })[]
  /** So many are not kept any more. */
  forgotten: number
}
