// Cycles as lines: a table with the newest first and whether they get shorter; one by itself, with its critical path.
import { formatDuration } from '../base/duration.ts'
import { CYCLE_RESULT_WORDS, cycleCauseWords, pathWaitWords, speedUpWords } from '../model/cycle-words.ts'
import type { CriticalPath, CyclesView, CycleTrend, CycleView } from '../model/cycle.ts'
import { localTime } from './local-time.ts'
import { formatTemperature } from './status-text.ts'
import { cut, type Line, type Span, type Style, styled } from './text.ts'
import { table } from './table.ts'

export function cyclesLines({ cycles, trend }: CyclesView, limit: number, width: number | undefined): Line[] {
  const newest = cycles.slice(-limit).reverse()
  const lines = table(COLUMNS, newest.map(row), width)
  const ended = cycles.filter(({ result }) => result !== undefined)
  if (ended.length < 2) return lines
  const bars = sparkline(ended.slice(-SPARKS).map(({ wallMs }) => wallMs))
  const drawn = cut([styled('accent', bars)], width ?? SPARKS)
  return [...lines, [], drawn, ...(trend ? [trendLine(trend)] : [])]
}

const COLUMNS = [
  { title: 'CYCLE', align: 'right' as const },
  { title: 'BEGAN' },
  { title: 'TOOK', align: 'right' as const },
  { title: 'RUNS', align: 'right' as const },
  { title: 'AGAIN', align: 'right' as const },
  { title: 'FAILED', align: 'right' as const },
  { title: 'TOUCHES', align: 'right' as const },
  { title: 'FACTS', align: 'right' as const },
  { title: 'RESULT' },
  { title: 'CAUSE', shrinksTo: 10 },
]

function row(cycle: CycleView): Span[] {
  const { reruns, retries, failed } = cycle
  return [
    String(cycle.cycle),
    localTime(cycle.beganAt),
    formatDuration(cycle.wallMs),
    String(cycle.runs),
    String(reruns + retries),
    failed > 0 ? styled('bad', String(failed)) : '0',
    String(cycle.touches),
    String(cycle.facts),
    resultSpan(cycle),
    cycleCauseWords(cycle.cause),
  ]
}

const RESULT_STYLE: Record<NonNullable<CycleView['result']>, Style> = {
  ready: 'good',
  problems: 'bad',
  waits: 'warn',
  stopped: 'warn',
}

function resultSpan({ result }: CycleView): Span {
  return result ? styled(RESULT_STYLE[result], CYCLE_RESULT_WORDS[result]) : styled('busy', 'goes on')
}

/** As many of the last cycles as a glance takes in. */
const SPARKS = 40
const BLOCKS = '▁▂▃▄▅▆▇█'

/** Each as high as its share of the longest. */
function sparkline(values: readonly number[]): string {
  const most = Math.max(1, ...values)
  return values.map((value) => BLOCKS[Math.round((value / most) * (BLOCKS.length - 1))]).join('')
}

function trendLine({ cycles, medianMs, beforeMs }: CycleTrend): Line {
  const [last, before] =
    cycles === 1
      ? ['the last cycle', 'the one before']
      : [`the last ${cycles} cycles`, `the ${cycles} before`]
  const median = cycles === 1 ? '' : ' at the median'
  const told = `${last} took ${formatDuration(medianMs)}${median}, ${before} ${formatDuration(beforeMs)}: `
  const share = beforeMs === 0 ? 0 : Math.round((100 * (medianMs - beforeMs)) / beforeMs)
  if (share === 0) return [told, 'as long as before']
  return [told, share < 0 ? styled('good', `${-share}% shorter`) : styled('warn', `${share}% longer`)]
}

export function cycleLines(cycle: CycleView): Line[] {
  const { runs, reruns, retries, failed, nodes, touches, facts } = cycle
  const took = formatDuration(cycle.wallMs)
  const warmest = Math.max(...cycle.temperatures.map(([, temperature]) => temperature))
  const troubles = failed > 0 ? [`, `, styled('bad', `${failed} failed`)] : []
  return [
    [
      styled('strong', `cycle ${cycle.cycle}`),
      '  ',
      resultSpan(cycle),
      `  ${took}  ${localTime(cycle.beganAt)}`,
    ],
    [`  it began with: ${cycleCauseWords(cycle.cause)}, at revision ${cycle.revision}`],
    [
      `  ${counted(runs, 'run')} on ${counted(nodes, 'node')}`,
      ...troubles,
      `, ${counted(reruns, 'rerun')}, ${counted(retries, 'retry', 'retries')}`,
    ],
    [`  ${counted(touches, 'touch', 'touches')} by people, ${counted(facts, 'fact')} learnt`],
    ['  temperature ', styled('accent', curve(cycle)), ` from ${formatTemperature(warmest)}`],
  ]
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** The temperature at so many moments, evenly spread over the cycle. */
const MOMENTS = 40

function curve({ temperatures, wallMs }: CycleView): string {
  const levels = Array.from({ length: MOMENTS }, (_, i) => {
    const at = (wallMs * (i + 1)) / MOMENTS
    return temperatures.findLast(([ms]) => ms <= at)?.[1] ?? 0
  })
  return levels.map((level) => BLOCKS[Math.round(level * (BLOCKS.length - 1))]).join('')
}

export function pathLines(path: CriticalPath, width: number | undefined): Line[] {
  const { cycle, steps, endMs, forgotten } = path
  if (cycle.runs === 0) return [['nothing ran in it']]
  const rows = steps.map((step): Span[] => [
    step.run,
    step.nodeRole,
    formatDuration(step.waitedMs),
    formatDuration(step.tookMs),
    share(step.waitedMs + step.tookMs, cycle.wallMs),
    pathWaitWords(step.waitedFor),
  ])
  if (endMs > 0)
    rows.push(['', '', formatDuration(endMs), '', share(endMs, cycle.wallMs), 'until rest was called'])
  const lines = table(PATH_COLUMNS, rows, width)
  if (forgotten > 0)
    lines.push([styled('warn', `${forgotten} of its ${cycle.runs} runs are not kept any more`)])
  return path.most ? [...lines, [], [speedUpWords(path.most, cycle.wallMs)]] : lines
}

const PATH_COLUMNS = [
  { title: 'RUN' },
  { title: 'NODE-ROLE', shrinksTo: 16 },
  { title: 'WAITED', align: 'right' as const },
  { title: 'TOOK', align: 'right' as const },
  { title: 'SHARE', align: 'right' as const },
  { title: 'COULD START AFTER', shrinksTo: 12 },
]

export function share(ms: number, of: number): string {
  return of === 0 ? '0%' : `${Math.round((100 * ms) / of)}%`
}
