// What came of predictions, as a table: by kind of change how far they were off, and how often they held.
import type { Seen } from './ground.ts'

const WITHIN = 0.25

export function told(seen: readonly Seen[]): string[] {
  const rows = [HEAD, HEAD.map((_, index) => (index < 2 ? '---' : '---:'))]
  for (const [known, label] of [
    [true, 'all of a kind that had happened before'],
    [false, 'all of a kind that had not'],
  ] as const) {
    const some = seen.filter((one) => one.known === known)
    if (some.length === 0) continue
    const kinds = Map.groupBy(some, ({ site, kind }) => `${kind}|${site}`)
    for (const [key, group] of kinds) rows.push(row(key.split('|') as [string, string], group))
    rows.push(row([`**${label}**`, ''], some))
  }
  return rows.map((cells) => `| ${cells.join(' | ')} |`)
}

const HEAD = [
  'change',
  'site',
  'changes',
  'took',
  'P50 off by, middle',
  'least to most',
  'within 25%',
  'real within least..P95',
  'real at most P95',
]

function row(first: [string, string], group: readonly Seen[]): string[] {
  const off = group.map(offOf).sort((a, b) => a - b)
  const took = group.map(({ realMs }) => realMs).sort((a, b) => a - b)
  const count = (holds: (seen: Seen) => boolean): string => `${group.filter(holds).length} of ${group.length}`
  return [
    ...first,
    String(group.length),
    `${seconds(took[0])} to ${seconds(took.at(-1))}`,
    percent(off[off.length >> 1]),
    `${percent(off[0])} to ${percent(off.at(-1))}`,
    count((seen) => Math.abs(offOf(seen)) <= WITHIN),
    count(({ realMs, foreseen }) => realMs >= foreseen.least && realMs <= foreseen.p95),
    count(({ realMs, foreseen }) => realMs <= foreseen.p95),
  ]
}

/** As a share of what really was. */
export function offOf({ foreseen, realMs }: Seen): number {
  return (foreseen.p50 - realMs) / realMs
}

export function lineOf(seen: Seen): string {
  const { number, site, kind, known, foreseen, realMs, upMs, runs, foreseenRuns, outcome, load } = seen
  const { p50, least, p95 } = foreseen
  const ran = runs === foreseenRuns ? `${runs} runs` : `${runs} runs (foreseen ${foreseenRuns})`
  return [
    String(number).padStart(3),
    site.padEnd(4),
    `${kind}${known ? '' : ' (first)'}`.padEnd(36),
    `${seconds(p50)} (${seconds(least)} to ${seconds(p95)})`.padEnd(26),
    `took ${seconds(realMs)}, up ${seconds(upMs)}`.padEnd(26),
    percent(offOf(seen)).padStart(6),
    ` ${ran}  load ${load.toFixed(1)}${outcome === 'ready' ? '' : `  ${outcome}`}`,
  ].join(' ')
}

function seconds(ms = 0): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

function percent(share = 0): string {
  return `${share < 0 ? '-' : '+'}${Math.abs(Math.round(100 * share))}%`
}
