// Revisions as lines: one at a time, and a proposal with what committing it would do.
import type { Proposal } from '../model/operations.ts'
import type { RevisionView } from '../model/view.ts'
import { diffLines } from './diff-text.ts'
import type { Door } from './door.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { localTime } from './local-time.ts'
import { diffWithoutSecrets } from './secrets.ts'
import { type Line, type Style, styled } from './text.ts'

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

export function revisionLines({ revision, onto, status, author, at, message }: RevisionView): Line[] {
  const head: Line = [
    styled('strong', `revision ${revision}`),
    ` onto ${onto}  `,
    styled(statusStyle(status), status),
    `  ${localTime(at)}  ${author}`,
  ]
  return message === '' ? [head] : [head, [`  ${message}`]]
}

/** Undefined: the files say what is committed, so there was nothing to propose. */
export function printProposal(
  door: Door,
  flags: { json: boolean; all: boolean },
  proposal: Proposal | undefined,
): ExitCode {
  if (proposal === undefined) {
    if (flags.json) door.json('nothingToPropose', {})
    else door.print([[styled('good', 'nothing to propose'), ': the files say what is committed']])
    return EXIT.ok
  }
  const diff = diffWithoutSecrets(proposal.diff)
  const { revision } = proposal.revision
  if (flags.json) {
    const { changes, ...head } = diff
    const lines = door.json('proposal', { ...proposal.revision, ...head })
    for (const change of changes) lines.line('change', change)
    return EXIT.pending
  }
  door.print(diffLines(diff, flags.all))
  door.talk([
    [styled('good', `revision ${revision} is proposed`), ': nothing has changed yet'],
    [styled('faint', '  next: '), `anneal commit ${revision}, or anneal discard ${revision}`],
  ])
  return EXIT.pending
}
