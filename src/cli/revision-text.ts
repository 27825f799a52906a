// Revisions as lines: one at a time, what one says otherwise, and what moved while somebody looked away.
import type { Moved, RevisionView, TargetDifference } from '../model/view.ts'
import { shownValue } from './diff-text.ts'
import { localTime } from './local-time.ts'
import { indent, type Line, type Style, styled } from './text.ts'

const STYLES: Record<RevisionView['status'], Style> = {
  proposed: 'warn',
  overtaken: 'faint',
  committed: 'good',
  superseded: 'plain',
  discarded: 'faint',
}

export function statusStyle(status: RevisionView['status']): Style {
  return STYLES[status]
}

/** Who committed it, and who proposed it where that was somebody else. */
export function whoOf({ author, proposer }: Pick<RevisionView, 'author' | 'proposer'>): string {
  return proposer === undefined ? author : `${author}, proposed by ${proposer}`
}

export function revisionLines(view: RevisionView): Line[] {
  const { revision, onto, status, at, message } = view
  const head: Line = [
    styled('strong', `revision ${revision}`),
    ` onto ${onto}  `,
    styled(statusStyle(status), status),
    `  ${localTime(at)}  ${whoOf(view)}`,
  ]
  return message === '' ? [head] : [head, [`  ${message}`]]
}

export function differenceLine({ path, before, after }: TargetDifference): Line {
  const where = path.join(' ')
  if (before === undefined)
    return [styled('good', '  + '), `${where}  `, styled('good', shownValue(after ?? null))]
  if (after === undefined) return [styled('bad', '  - '), `${where}  `, styled('bad', shownValue(before))]
  return [
    styled('warn', '  ~ '),
    `${where}  `,
    styled('bad', shownValue(before)),
    ' -> ',
    styled('good', shownValue(after)),
  ]
}

/** For whoever is refused: who committed what meanwhile, and what that changed. */
export function movedLines({
  committed,
  differences,
  differing,
  nodeRoles,
  nodeRolesDiffering,
}: Moved): Line[] {
  const lines = committed.flatMap((revision) => indent(2, revisionLines(revision)))
  lines.push(...indent(2, differences.map(differenceLine)))
  if (differing > differences.length)
    lines.push([`    and ${differing - differences.length} more differences`])
  if (nodeRoles.length > 0) {
    const more = nodeRolesDiffering - nodeRoles.length
    lines.push([`  node-roles that differ: ${nodeRoles.join(', ')}${more > 0 ? ` and ${more} more` : ''}`])
  }
  return lines
}
