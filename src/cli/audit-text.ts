// The trail as text: one line for each thing that somebody did or tried, and what verifying it found.
import type { Via } from '../model/access.ts'
import type { AuditEntry, TrailReport } from '../model/audit.ts'
import { localTime } from './local-time.ts'
import { type Column, table } from './table.ts'
import { type Line, type Span, styled } from './text.ts'

export function auditTable(entries: readonly AuditEntry[], width: number | undefined): Line[] {
  return table(COLUMNS, entries.map(row), width)
}

export function reportLines(what: string, report: TrailReport): Line[] {
  const { id, site, events, entries, from, to, anchor } = report
  const span = from === undefined || to === undefined ? '' : `, ${localTime(from)} to ${localTime(to)}`
  return [
    [styled('good', 'sound  '), `${what} of ${site} (${id})`],
    [`       ${events} events from the first on${span}; ${entries} of them say who did something`],
    [`       anchor ${anchor}`],
  ]
}

const COLUMNS: readonly Column[] = [
  { title: 'WHEN' },
  { title: 'WHO', shrinksTo: 8 },
  { title: 'WHAT', shrinksTo: 12 },
  { title: 'ON', shrinksTo: 8 },
  { title: 'CAME IN BY', shrinksTo: 8 },
  { title: 'OUTCOME' },
  { title: 'WHY', shrinksTo: 8 },
]

function row({ at, by, what, target, via, address, outcome, times, why }: AuditEntry): Span[] {
  const came = outcome ?? ''
  return [
    localTime(at),
    by,
    what,
    target ?? '',
    [via && viaText(via), address].filter((one) => one !== undefined).join(', '),
    styled(
      came === '' || came === 'taken' ? 'faint' : 'bad',
      times === undefined ? came : `${came}, ${times} more`,
    ),
    why ?? '',
  ]
}

function viaText(via: Via): string {
  switch (via.kind) {
    case 'key':
      return 'key'
    case 'runner':
      return `runner ${via.runner}`
    case 'token':
      return `token ${via.token}`
    case 'session':
      return `${via.session} (${via.by})`
    case 'identity':
      return `token of ${via.issuer}`
  }
}
