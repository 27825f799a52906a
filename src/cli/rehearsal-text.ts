// A rehearsal as lines: whether it settles and when, what runs at once, what is left, the critical path, and what was assumed.
import { formatDuration } from '../base/duration.ts'
import type { CriticalPath, PathStep } from '../model/cycle.ts'
import { pathWaitWords, speedUpWords } from '../model/cycle-words.ts'
import { nodeRoleName } from '../model/names.ts'
import { assumptionWords, REHEARSAL_END_WORDS } from '../model/rehearsal-words.ts'
import type { LeftOver, RehearsalEnd, RehearsalReport, Spread } from '../model/rehearsal.ts'
import { reasonWords } from '../model/words.ts'
import { share } from './cycle-text.ts'
import { indent, type Line, type Span, type Style, styled } from './text.ts'
import { table } from './table.ts'

/** Lines of a list unless all are asked for. */
const SHOWN = 10

export function rehearsalLines(report: RehearsalReport, all: boolean, width: number | undefined): Line[] {
  return [
    ...headLines(report),
    [],
    ...endLines(report),
    ...numberLines(report),
    ...leftLines(report, all),
    ...groupLines(report, all, width),
    ...(report.path ? pathLines(report.path, all, width) : []),
    ...titled(
      'Assumed',
      report.assumptions.map((one): Line => [styled('faint', assumptionWords(one))]),
    ),
  ]
}

function headLines({ revision, onto, afresh, seed, times, nodes, nodeRoles }: RehearsalReport): Line[] {
  const what = `revision ${revision}${revision === onto ? ', as committed' : onto > 0 ? ` onto ${onto}` : ''}`
  const often = times === 1 ? 'rehearsed once' : `rehearsed ${times} times`
  const size = `${counted(nodes, 'node')} with ${counted(nodeRoles, 'node-role')}`
  const head: Line = [styled('strong', what), `  ${often} on ${size}`, styled('faint', `  seed ${seed}`)]
  if (afresh === 'no') return [head]
  const why = afresh === 'asked' ? '' : 'nothing is left to do, so '
  return [head, [styled('faint', `${why}all of it is rehearsed as though no machine had been touched`)]]
}

const END_STYLE: Record<RehearsalEnd, Style> = {
  ready: 'good',
  word: 'warn',
  problems: 'bad',
  endless: 'bad',
}

function endLines({ ends, times }: RehearsalReport): Line[] {
  const found = (Object.keys(END_STYLE) as RehearsalEnd[]).filter((end) => ends[end] > 0)
  return found.map((end) => [
    styled(END_STYLE[end], REHEARSAL_END_WORDS[end]),
    ...(ends[end] < times ? [`  ${ends[end]} of ${times} times`] : []),
  ])
}

function numberLines({ toRestMs, runs, failed, atOnce, times }: RehearsalReport): Line[] {
  const numbers: [string, Spread, (value: number) => string][] = [
    ['time to rest', toRestMs, formatDuration],
    ['runs', runs, String],
    ['failed runs', failed, String],
    ['runs at once, at most', atOnce, String],
  ]
  if (times === 1) {
    const rows = numbers.map(([name, { p50 }, show]): Span[] => [name, styled('strong', show(p50))])
    return table([{ title: '' }, { title: '', align: 'right' }], rows).slice(1)
  }
  const rows = numbers.map(([name, { least, p50, p95, most }, show]): Span[] => [
    name,
    styled('strong', show(p50)),
    show(p95),
    show(least),
    show(most),
  ])
  const right = (title: string) => ({ title, align: 'right' as const })
  return [[], ...table([{ title: '' }, right('P50'), right('P95'), right('LEAST'), right('MOST')], rows)]
}

function leftLines({ left, times }: RehearsalReport, all: boolean): Line[] {
  const shown = all ? left : left.slice(0, SHOWN)
  const lines = shown.flatMap((one) => leftOver(one, times))
  if (left.length > shown.length)
    lines.push([styled('faint', `and ${left.length - shown.length} more kinds; --all`)])
  return titled('Not active in the end', lines)
}

function leftOver(left: LeftOver, times: number): Line[] {
  const { deployment, role, state, nodeRole, reason, at } = left
  const often = left.times < times ? `, ${left.times} of ${times} times` : ''
  const many = left.nodeRoles === 1 ? nodeRole : `${left.nodeRoles} node-roles, such as ${nodeRole}`
  return [
    [
      styled('strong', `${deployment}/${role}`),
      '  ',
      styled(STATE_STYLE[state] ?? 'warn', state),
      `  ${many}${often}`,
    ],
    [`  ${reasonWords(nodeRole, reason, at).says}`],
  ]
}

const STATE_STYLE: Partial<Record<LeftOver['state'], Style>> = { error: 'bad', blocked: 'bad' }

function groupLines({ groups }: RehearsalReport, all: boolean, width: number | undefined): Line[] {
  const shown = all ? groups : groups.slice(0, SHOWN)
  const rows = shown.map(({ deployment, role, members, atOnce, disrupted }): Span[] => [
    `${deployment}/${role}`,
    `${atOnce} of ${members}`,
    disrupted === 0 ? '-' : styled('warn', `${disrupted} of ${members}`),
  ])
  if (rows.length === 0) return []
  const columns = [
    { title: 'ROLE', shrinksTo: 16 },
    { title: 'RUN', align: 'right' as const },
    { title: 'IN SERVICE BEFORE', align: 'right' as const },
  ]
  const lines = table(columns, rows, width)
  if (groups.length > shown.length)
    lines.push([styled('faint', `and ${groups.length - shown.length} more roles; --all`)])
  return titled('Members at once, at most', lines)
}

/** Steps of one role that follow each other are one row: what made the first of them wait is told. */
function pathLines(
  { steps, endMs, cycle, most }: CriticalPath,
  all: boolean,
  width: number | undefined,
): Line[] {
  const parts = partsOf(steps)
  const shown = all || parts.length <= PARTS_SHOWN ? parts : parts.toSorted(byTime).slice(0, PARTS_SHOWN)
  const rows = parts
    .filter((part) => shown.includes(part))
    .map(({ first, role, count, tookMs, waitedMs }): Span[] => [
      count === 1 ? first.nodeRole : `${role} ${count} times`,
      formatDuration(waitedMs),
      formatDuration(tookMs),
      share(waitedMs + tookMs, cycle.wallMs),
      pathWaitWords(first.waitedFor),
    ])
  if (endMs > 0)
    rows.push(['', formatDuration(endMs), '', share(endMs, cycle.wallMs), 'until rest was called'])
  const lines = table(PATH_COLUMNS, rows, width)
  const hidden = parts.length - shown.length
  if (hidden > 0) lines.push([styled('faint', `and ${hidden} shorter parts; --all`)])
  if (most) lines.push([], [speedUpWords(most, cycle.wallMs)])
  return titled('Critical path of one in the middle', lines)
}

const PARTS_SHOWN = 20

const PATH_COLUMNS = [
  { title: 'NODE-ROLE', shrinksTo: 16 },
  { title: 'WAITED', align: 'right' as const },
  { title: 'TOOK', align: 'right' as const },
  { title: 'SHARE', align: 'right' as const },
  { title: 'COULD START AFTER', shrinksTo: 12 },
]

interface Part {
  first: PathStep
  role: string
  count: number
  tookMs: number
  waitedMs: number
}

function partsOf(steps: readonly PathStep[]): Part[] {
  const parts: Part[] = []
  for (const step of steps) {
    const { deployment, role } = nodeRoleName(step.nodeRole)
    const name = `${deployment}/${role}`
    const last = parts.at(-1)
    if (last?.role === name) {
      last.count++
      last.tookMs += step.tookMs
      last.waitedMs += step.waitedMs
    } else parts.push({ first: step, role: name, count: 1, tookMs: step.tookMs, waitedMs: step.waitedMs })
  }
  return parts
}

function byTime(a: Part, b: Part): number {
  return b.tookMs + b.waitedMs - a.tookMs - a.waitedMs
}

function titled(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [[], [styled('strong', title)], ...indent(2, lines)]
}

function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one}s`
}
