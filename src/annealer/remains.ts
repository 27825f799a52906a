// What remains: whether a site at rest is done, waits for the word of a person, or has problems, by the roots of all reasons.
import type { Reason } from '../model/reason.ts'
import type { Remains } from '../model/view.ts'
import { behind } from './behind.ts'
import { isChosen } from './holds.ts'
import { judge } from './judge.ts'
import { waitingProposals } from './timeline.ts'
import type { NodeRole, World } from './world.ts'

/** Of a session that is for some alone, what became of those. */
export function remainsOf(world: World): Remains {
  if (world.counts.active === world.nodeRoles.size)
    return waitingProposals(world).length > 0 ? 'word' : 'nothing'
  const known = new Map<NodeRole, boolean>()
  let waits = false
  for (const nodeRole of world.nodeRoles.values()) {
    if (nodeRole.state === 'active' || !isChosen(world, nodeRole)) continue
    if (!waitsForWord(world, nodeRole, known)) return 'problems'
    waits = true
  }
  return waits ? 'word' : 'notChosen'
}

/** In the end it waits for an approval or a release, and for nothing else. */
function waitsForWord(world: World, nodeRole: NodeRole, known: Map<NodeRole, boolean>): boolean {
  const path: NodeRole[] = []
  let answer: boolean | undefined
  for (let here: NodeRole | undefined = nodeRole; answer === undefined && here; ) {
    answer = known.get(here)
    if (answer !== undefined) break
    // A circle has no end that anybody could give a word for.
    known.set(here, false)
    path.push(here)
    const { reason } = judge(world, here)
    if (isWord(reason)) answer = true
    const next = behind(here, reason)
    here = next === undefined ? undefined : world.nodeRoles.get(next)
  }
  for (const each of path) known.set(each, answer ?? false)
  return answer ?? false
}

function isWord(reason: Reason): boolean {
  if (reason.kind !== 'waits') return false
  const { wait } = reason
  return (
    ['approval', 'held', 'window'].includes(wait.kind) ||
    (wait.kind === 'step' && wait.hold.kind === 'approval')
  )
}
