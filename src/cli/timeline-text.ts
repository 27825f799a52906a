// A proposal as lines: what committing it would do, and how to go on.
import type { Proposal } from '../model/operations.ts'
import { diffLines } from './diff-text.ts'
import type { Door } from './door.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { diffWithoutSecrets } from '../model/without-secrets.ts'
import { styled } from './text.ts'

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
