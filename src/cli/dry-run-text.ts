// A dry run as lines: what would change on the nodes, and of what that cannot be said before it is committed.
import type { DryRunReport, Unlooked } from '../model/dry-run.ts'
import { noRunnerWords } from '../model/runner-words.ts'
import { faultWords, unboundWords } from '../model/words.ts'
import { differenceLines } from './drift-text.ts'
import { indent, type Line, styled } from './text.ts'

export function dryRunLines({ findings, unlooked }: DryRunReport): Line[] {
  const lines: Line[] = [[], [styled('strong', 'on the machines'), '  as they are now, nothing was written']]
  for (const finding of findings) {
    const { nodeRole } = finding
    if (finding.found === 'asAsked')
      lines.push([styled('faint', '= '), nodeRole, styled('faint', '  in place already')])
    if (finding.found === 'unknown') lines.push([styled('bad', '? '), nodeRole, `  ${finding.message}`])
    if (finding.found === 'drifted') {
      lines.push([styled('warn', '~ '), styled('strong', nodeRole)])
      lines.push(...indent(2, finding.differences.flatMap(differenceLines)))
    }
  }
  for (const one of unlooked)
    lines.push([styled('faint', '? '), one.nodeRole, styled('faint', `  ${whyWords(one)}`)])
  return lines
}

function whyWords(one: Unlooked): string {
  switch (one.why) {
    case 'leaves':
      return 'it is removed, which no check can try'
    case 'nothingToCheck':
      return 'not known: its role has neither check nor files'
    case 'notAvailable':
      return 'not known: its node is not available'
    case 'noRunner':
      return `not known: ${noRunnerWords(one.reason).says}`
    case 'inputUnbound':
      return `not known yet: its input ${one.input} has no value: ${unboundWords(one.unbound).says}`
    case 'fault':
      return `not known: ${faultWords(one.fault).says}`
  }
}
