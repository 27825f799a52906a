// Goals beside what was measured: met or not, in a sentence.
import type { Answered } from './measure.ts'
import { figureText } from './figure-text.ts'
import type { Goal } from './question.ts'
import { timesWorse } from './ratio.ts'

export interface Judged {
  goal: string
  isMet: boolean
  measured: string
}

/** Goals about whom or what was not measured this time are left out. */
export function judgeGoals(goals: readonly Goal[], answered: Answered): Judged[] {
  return goals.flatMap((goal) => judge(goal, answered) ?? [])
}

function judge(goal: Goal, { rows, figures }: Answered): Judged | undefined {
  const of = goal.of ?? rows.find(({ is }) => is === 'ours')?.contestant
  const figure = figures[goal.figure]
  const medianOf = (contestant: string | undefined): number | undefined =>
    rows.find((row) => row.contestant === contestant)?.spreads[goal.figure]?.median
  const measured = medianOf(of)
  if (figure === undefined || measured === undefined) return undefined
  const about = `${goal.figure} of ${of}`
  const shown = `${figureText(measured)} ${figure.unit}`.trim()
  if ('atMost' in goal) {
    const wanted = `${about} at most ${figureText(goal.atMost)} ${figure.unit}`.trim()
    return { goal: wanted, isMet: measured <= goal.atMost, measured: shown }
  }
  if ('atLeast' in goal) {
    const wanted = `${about} at least ${figureText(goal.atLeast)} ${figure.unit}`.trim()
    return { goal: wanted, isMet: measured >= goal.atLeast, measured: shown }
  }
  const isBetter = 'betterThan' in goal
  const than = isBetter ? goal.betterThan : goal.within
  const other = medianOf(than)
  if (other === undefined) return undefined
  const worse = timesWorse(figure, measured, other)
  return isBetter
    ? {
        goal: `${about} ${goal.times}x better than ${than}`,
        isMet: 1 / worse >= goal.times,
        measured: `${figureText(1 / worse)}x`,
      }
    : {
        goal: `${about} within ${goal.times}x of ${than}`,
        isMet: worse <= goal.times,
        measured: `${figureText(worse)}x`,
      }
}
