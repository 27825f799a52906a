// Committing a proposal: who wants it is asked first, with the world at hand; what follows is a control like any other.
import { diffTarget } from '../annealer/diff.ts'
import type { World } from '../annealer/world.ts'
import type { Control, Controlled } from '../model/control.ts'
import type { CommitRequest, UpResult } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Diff } from '../model/view.ts'

export interface CommitParts {
  /** Here or by another process; the timeline may have moved on while the question was asked. */
  carryOut(control: Control): Promise<Answer<Controlled>>
  undone(outcome: 'declined' | 'interrupted'): UpResult
}

export async function commitProposal(
  world: World,
  wanted: CommitRequest,
  parts: CommitParts,
): Promise<Answer<Controlled>> {
  const meant = proposalMeant(world, wanted)
  if (!meant.ok) return meant
  const { control, diff } = meant.value
  if (diff && !(await wanted.confirm(diff))) return ended(parts.undone('declined'))
  if (wanted.signal.aborted) return ended(parts.undone('interrupted'))
  return parts.carryOut(control)
}

/** The newest where none is named; without a diff where committing it will be refused. */
function proposalMeant(
  world: World,
  { revision, message }: CommitRequest,
): Answer<{ control: Control; diff?: Diff }> {
  const proposed = [...world.revisions.values()].filter(({ status }) => status === 'proposed')
  const meant = revision ?? proposed.at(-1)?.revision
  if (meant === undefined) {
    return refuse({ code: 'unknownRevision', message: 'nothing is proposed; anneal propose would do that' })
  }
  const { status, onto = world.head, target } = world.revisions.get(meant) ?? {}
  const why = message === undefined ? {} : { why: message }
  const control: Control = { kind: 'commit', revision: meant, onto, ...why }
  if (!target || status !== 'proposed' || onto !== world.head) return answer({ control })
  return answer({ control, diff: diffTarget(world, target, meant) })
}

function ended(result: UpResult): Answer<Controlled> {
  return answer({ names: [], leftOut: [], result })
}
