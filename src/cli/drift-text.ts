// Drift as lines: per node-role what differs, files as differences of lines; and what could not be looked at.
import { formatDuration } from '../base/duration.ts'
import type { Difference, DriftView, Unchecked } from '../model/drift.ts'
import { aspectWords, uncheckedWords, untoldWords } from '../model/drift-words.ts'
import type { DriftReport } from '../model/operations.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { indent, type Line, type Style, styled, wholeText } from './text.ts'

export function driftLines(report: DriftReport, now: number): Line[] {
  const { nodeRoles } = report
  const lines: Line[] = []
  for (const view of nodeRoles) {
    if (view.found === 'drifted') lines.push(...driftedLines(view, report), [])
    if (view.found === 'unknown') lines.push(...troubleLines(view.nodeRole, view.message), [])
    if (view.found === 'unchecked' && isTrouble(view.unchecked)) {
      const { says, next } = uncheckedWords(view.nodeRole, view.unchecked, now)
      lines.push(...troubleLines(view.nodeRole, says, next), [])
    }
  }
  return [...lines, closingLine(report)]
}

/** What is still otherwise than it was left counts first, then what nobody knows. */
export function driftEnd(report: DriftReport): ExitCode {
  if (report.nodeRoles.some((view) => view.found === 'drifted' && !isRepaired(view.nodeRole, report)))
    return report.runs.length > 0 ? EXIT.problems : EXIT.pending
  return report.nodeRoles.some(isUntold) ? EXIT.problems : EXIT.ok
}

function driftedLines(view: Extract<DriftView, { found: 'drifted' }>, report: DriftReport): Line[] {
  const repaired = isRepaired(view.nodeRole, report)
  const head: Line = [
    styled(repaired ? 'good' : 'warn', '~ '),
    styled('strong', view.nodeRole),
    styled('faint', repaired ? '  applied again' : POLICY[view.policy]),
  ]
  return [head, ...indent(2, view.differences.flatMap(differenceLines))]
}

const POLICY: Record<DriftView['policy'], string> = {
  repair: '  anneal up applies it again (drift: repair)',
  report: '  it is left so (drift: report)',
  off: '',
}

export function differenceLines(difference: Difference): Line[] {
  switch (difference.kind) {
    case 'check': {
      const shown = difference.tail === '' ? [] : difference.tail.split('\n')
      return [[difference.message], ...shown.map((line): Line => [styled('faint', '| '), line])]
    }
    case 'file': {
      const { path, differs, rights, diff, untold } = difference
      const lines: Line[] = [[styled('strong', path), ` ${aspectWords(differs)}`]]
      if (rights) lines.push([`  it should be ${rights.wanted}, and is ${rights.found}`])
      if (untold) lines.push([`  ${untoldWords(untold)}`])
      if (diff !== undefined) lines.push(...indent(2, diff.split('\n').map(diffLine)))
      return lines
    }
  }
}

export function diffLine(line: string): Line {
  return [styled(LINE_STYLE[line.slice(0, 1)] ?? 'plain', line)]
}

const LINE_STYLE: Record<string, Style> = { '-': 'bad', '+': 'good', '@': 'faint', '\\': 'faint' }

function troubleLines(nodeRole: string, says: string, next?: string): Line[] {
  const [first, further] = wholeText(says)
  const lines: Line[] = [
    [styled('bad', '? '), styled('strong', nodeRole), `  ${first}`],
    ...indent(2, further),
  ]
  return next === undefined ? lines : [...lines, [styled('faint', `  next: ${next}`)]]
}

function closingLine(report: DriftReport): Line {
  const { nodeRoles, wallMs } = report
  const drifted = nodeRoles.filter(({ found }) => found === 'drifted').length
  const looked = nodeRoles.filter(({ found }) => found === 'asAsked' || found === 'drifted').length
  const untold = nodeRoles.filter(isUntold).length
  const left = nodeRoles.length - looked - untold
  const line: Line = [
    drifted > 0 ? styled('warn', `${drifted} drifted`) : styled('good', 'no drift'),
    ` of ${looked} looked at in ${formatDuration(wallMs)}`,
  ]
  const more: Line[] = []
  if (untold > 0) more.push(['; ', styled('bad', `${untold} could not be looked at`)])
  if (left > 0) more.push([styled('faint', `; left out: ${left} with nothing to look at, or drift: off`)])
  return [...line, ...more.flat()]
}

function isRepaired(nodeRole: string, { runs }: DriftReport): boolean {
  return runs.findLast((run) => run.nodeRole === nodeRole)?.result === 'ok'
}

function isUntold(view: DriftView): boolean {
  return view.found === 'unknown' || (view.found === 'unchecked' && isTrouble(view.unchecked))
}

function isTrouble({ kind }: Unchecked): boolean {
  return kind !== 'nothingToCheck' && kind !== 'off'
}
