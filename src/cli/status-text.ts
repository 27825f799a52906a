// A status as lines: one for the site, one per role with a bar, then each node-role that is not as it should be, with why.
import { formatDuration } from '../base/duration.ts'
import type { Then } from '../model/moment.ts'
import type { State } from '../model/reason.ts'
import type {
  HoldView,
  NodeRoleView,
  RevisionView,
  RoleSummary,
  ShortPlacement,
  StatusView,
} from '../model/view.ts'
import { byUrgency, isNotable } from '../model/notable.ts'
import { scopeName } from '../model/scope.ts'
import { reasonWords, shortWords } from '../model/words.ts'
import { barSpans, countSpans, tallyOf } from './bar.ts'
import { isStopped } from './exit-codes.ts'
import { localTime } from './local-time.ts'
import { rolloutLines } from './rollout-text.ts'
import { cut, firstLine, indent, type Line, type Span, type Style, styled } from './text.ts'
import { type Column, table } from './table.ts'

export interface StatusTextOptions {
  now: number
  width: number | undefined
  /** Every node-role, the quiet ones too. */
  all: boolean
}

/** Quiet ones are left out; so many of the others are shown before the rest is counted. */
export const SHOWN = 30

export function statusLines(status: StatusView, options: StatusTextOptions): Line[] {
  const { past } = status
  // Of the past spans are told as of then, and nothing is said to be done about it.
  const now = past?.at ?? options.now
  const lines: Line[] = [headline(status)]
  if (past) lines.push(pastLine(past, options.now))
  lines.push(...status.holds.map((hold) => holdLine(hold, now, past !== undefined)))
  if (status.roles.length > 0) lines.push([], ...roleLines(sortedRoles(status.roles)))
  lines.push(...shortLines(status.short), ...waitingLines(status.waiting, past !== undefined))
  if (status.rollouts.length > 0) lines.push([], ...rolloutLines(status.rollouts, now, options.width))
  const telling = status.nodeRoles.filter((each) => options.all || isNotable(each.state, each.reason.kind))
  if (telling.length > 0)
    lines.push([], ...nodeRoleLines(telling, status.hidden ?? 0, { ...options, now }, past))
  return options.width === undefined ? lines : lines.map((line) => cut(line, options.width as number))
}

/** `demo  revision 3  ready` and alike; a site has its name from its first commit. */
function headline(status: StatusView): Line {
  if (status.revision > 0)
    return [styled('strong', status.site), '  ', `revision ${status.revision}`, '  ', standing(status)]
  const nothing = styled('strong', 'nothing committed yet')
  return status.waiting ? [nothing, '  ', styled('warn', 'a proposal waits for your word')] : [nothing]
}

function pastLine({ seq, at }: Then, now: number): Line {
  if (at === undefined) return [styled('faint', '  as it was before the first event')]
  const ago = formatDuration(Math.max(0, now - at))
  return [styled('faint', `  as it was after event ${seq}, ${localTime(at)}, ${ago} ago`)]
}

/** What is held, by whom, for how long, and the way out. */
function holdLine({ scope, by, why, since }: HoldView, now: number, isPast: boolean): Line {
  const [what, release] =
    scope.kind === 'site'
      ? ['paused', 'anneal resume']
      : [`held: ${scopeName(scope)}`, `anneal release ${scopeName(scope)}`]
  const because = why === undefined || why === '' ? '' : `: ${why}`
  const span = formatDuration(Math.max(0, now - since))
  const told: Line = ['  ', styled('warn', what), `  by ${by} for ${span}${because}`]
  return isPast ? told : [...told, styled('faint', `  (${release})`)]
}

function standing(status: StatusView): Span {
  if (status.ready && status.waiting) return styled('warn', 'ready, and a proposal waits for your word')
  if (status.ready) return styled('good', 'ready')
  if (isStopped(status))
    return styled('warn', status.past ? 'interrupted' : 'interrupted: anneal up goes on from here')
  if (status.atRest && status.remains === 'word') return styled('warn', 'at rest, waits for your word')
  if (status.atRest) return styled('bad', 'at rest, with problems')
  return styled('busy', `annealing, temperature ${formatTemperature(status.temperature)}`)
}

export function formatTemperature(share: number): string {
  return share > 0 && share < 0.01 ? '<0.01' : share.toFixed(2)
}

function sortedRoles(roles: readonly RoleSummary[]): RoleSummary[] {
  const key = (role: RoleSummary): string => `${role.deployment}/${role.role}`
  return [...roles].sort((a, b) => compare(key(a), key(b)))
}

/** Proposals that nobody made and somebody has to answer. */
export function waitingLines(waiting: readonly RevisionView[] = [], isPast = false): Line[] {
  return waiting.flatMap(({ revision, message }): Line[] => {
    const says: Line = [
      styled('warn', '  ! '),
      `revision ${revision} waits for somebody to commit it: ${message}`,
    ]
    const next = `anneal show ${revision}, then anneal commit ${revision} or anneal discard ${revision}`
    return isPast ? [says] : [says, [styled('faint', '    next: '), next]]
  })
}

export function shortLines(short: readonly ShortPlacement[] = []): Line[] {
  return short.map((one): Line => [styled('warn', '  ! '), shortWords(one).says])
}

function roleLines(roles: readonly RoleSummary[]): Line[] {
  const names = roles.map((role) => `${role.deployment}/${role.role}`)
  const widest = Math.max(...names.map((name) => name.length))
  return roles.map((role, i) => {
    const tally = tallyOf(role.counts)
    return [
      '  ',
      (names[i] as string).padEnd(widest),
      '  ',
      ...barSpans(tally, 20),
      '  ',
      ...countSpans(tally),
    ]
  })
}

function nodeRoleLines(
  nodeRoles: readonly NodeRoleView[],
  more: number,
  options: StatusTextOptions,
  past: Then | undefined,
): Line[] {
  const sorted = [...nodeRoles].sort(byUrgency)
  const shown = options.all ? sorted : sorted.slice(0, SHOWN)
  const columns: Column[] = [
    { title: 'NODE-ROLE', shrinksTo: 24 },
    { title: 'STATE' },
    { title: 'WHY', shrinksTo: 20 },
  ]
  const rows = shown.map((each): Span[] => [
    each.id,
    stateSpan(each.state),
    firstLine(reasonWords(each.id, each.reason, options.now).says),
  ])
  const width = options.width === undefined ? undefined : options.width - 2
  const lines = indent(2, table(columns, rows, width))
  const hidden = sorted.length - shown.length + more
  return hidden === 0
    ? lines
    : [
        ...lines,
        [styled('faint', `  and ${hidden} more: anneal status --all${past ? ` --at ${past.seq}` : ''}`)],
      ]
}

export function stateSpan(state: State): Span {
  return styled(STATE_STYLE[state], state)
}

const STATE_STYLE: Record<State, Style> = {
  proposed: 'accent',
  transition: 'busy',
  blocked: 'warn',
  error: 'bad',
  active: 'good',
  todo: 'plain',
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
