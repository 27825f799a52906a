// How many times worse one figure is than another, whichever way is better.
import type { Figure } from './question.ts'

/** 2: twice the time, or half the rate. */
export function timesWorse(figure: Figure, one: number, than: number): number {
  return figure.better === 'more' ? than / one : one / than
}
