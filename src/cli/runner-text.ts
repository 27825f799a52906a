// Runners elsewhere as text.
import type { RunnerState, RunnerView } from '../model/runner.ts'
import { labelWords } from '../model/runner-words.ts'
import { localTime } from './local-time.ts'
import { type Column, table } from './table.ts'
import { type Line, type Span, type Style, styled } from './text.ts'

export function runnerTable(runners: readonly RunnerView[], width: number | undefined): Line[] {
  return table(COLUMNS, runners.map(row), width)
}

const COLUMNS: readonly Column[] = [
  { title: 'RUNNER' },
  { title: 'STATE' },
  { title: 'LABELS', shrinksTo: 10 },
  { title: 'SLOTS' },
  { title: 'VERSION' },
  { title: 'SINCE' },
  { title: 'WHY', shrinksTo: 8 },
]

function row(view: RunnerView): Span[] {
  const { runner, state, labels, slots, version, since, enrolledAt, invitedAt } = view
  return [
    runner,
    styled(STYLES[state], state),
    labelWords(labels),
    slots === undefined ? '-' : String(slots),
    version ?? '-',
    localTime(view.revoked?.at ?? view.drained?.at ?? since ?? enrolledAt ?? invitedAt),
    whyOf(view),
  ]
}

function whyOf({ state, why, drained, revoked, inviteEndsAt }: RunnerView): string {
  if (state === 'revoked' && revoked)
    return `${revoked.by}${revoked.why === undefined ? '' : `: ${revoked.why}`}`
  if (drained) return `${drained.by}${drained.why === undefined ? '' : `: ${drained.why}`}`
  if (state === 'invited' && inviteEndsAt !== undefined)
    return `its token is good until ${localTime(inviteEndsAt)}`
  return state === 'away' ? (why ?? '') : ''
}

const STYLES: Record<RunnerState, Style> = {
  invited: 'faint',
  here: 'good',
  draining: 'warn',
  away: 'bad',
  revoked: 'faint',
}
