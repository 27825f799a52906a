// A role's node-roles as a bar and as counts: done, running, waiting, failed.
import type { State } from '../model/reason.ts'
import { type Span, type Style, styled } from './text.ts'

export interface Tally {
  done: number
  running: number
  waiting: number
  failed: number
}

export const PART_OF_STATE: Record<State, keyof Tally> = {
  active: 'done',
  transition: 'running',
  proposed: 'waiting',
  blocked: 'waiting',
  todo: 'waiting',
  error: 'failed',
}

export function tallyOf(counts: Record<State, number>): Tally {
  const tally: Tally = { done: 0, running: 0, waiting: 0, failed: 0 }
  for (const [state, part] of Object.entries(PART_OF_STATE)) tally[part] += counts[state as State]
  return tally
}

const PARTS: readonly (readonly [keyof Tally, string, Style])[] = [
  ['done', '█', 'good'],
  ['failed', '!', 'bad'],
  ['running', '▒', 'busy'],
  ['waiting', '░', 'faint'],
]

/** Every part that is not empty gets a column at least, so that one failure in a thousand is seen. */
export function barSpans(tally: Tally, columns: number): Span[] {
  const total = tally.done + tally.running + tally.waiting + tally.failed
  if (total === 0) return [styled('faint', '░'.repeat(columns))]
  const widths = PARTS.map(([part]) =>
    tally[part] === 0 ? 0 : Math.max(1, Math.floor((tally[part] * columns) / total)),
  )
  spread(widths, columns)
  return PARTS.map(([, block, style], i) => styled(style, block.repeat(widths[i] as number)))
}

export function countSpans(tally: Tally): Span[] {
  const spans: Span[] = [styled(tally.done > 0 ? 'good' : 'faint', `${tally.done} done`)]
  if (tally.running > 0) spans.push('  ', styled('busy', `${tally.running} running`))
  if (tally.waiting > 0) spans.push('  ', `${tally.waiting} waiting`)
  if (tally.failed > 0) spans.push('  ', styled('bad', `${tally.failed} failed`))
  return spans
}

/** Rounding is made up for at the widest part. */
function spread(widths: number[], columns: number): void {
  const excess = widths.reduce((sum, each) => sum + each, 0) - columns
  const widest = widths.indexOf(Math.max(...widths))
  widths[widest] = (widths[widest] as number) - excess
}
