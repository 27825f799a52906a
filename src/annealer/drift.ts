// Drift as the heart sees it: what is said of a role about it, and whether what was found asks for a run.
import type { Difference, DriftPolicy } from '../model/drift.ts'
import type { Reason } from '../model/reason.ts'
import type { Role } from '../model/role.ts'
import type { PlacementTarget, Target } from '../model/site.ts'
import { differenceWords } from '../model/drift-words.ts'
import type { NodeRole } from './world.ts'

export interface DriftRule {
  policy: DriftPolicy
  everyMs: number
  allow: readonly string[]
}

const EVERY_MS = 30 * 60_000

/** `chain`: the deployment and its ancestors, nearest first. The nearest that says something is obeyed, word by word. */
export function driftRule(
  target: Target,
  chain: readonly string[],
  placement: PlacementTarget,
  role: Role,
): DriftRule {
  const said = [placement.drift, ...chain.map((name) => target.deployments[name]?.drift), role.drift]
  const policy = said.find((spec) => spec?.policy)?.policy ?? 'repair'
  return {
    // What is destructive is never repaired by itself.
    policy: role.once && policy === 'repair' ? 'report' : policy,
    everyMs: said.find((spec) => spec?.everyMs !== undefined)?.everyMs ?? EVERY_MS,
    allow: said.find((spec) => spec?.allow)?.allow ?? [],
  }
}

export function hasSomethingToCheck({ node, group: { role } }: NodeRole): boolean {
  return (
    node !== undefined &&
    role.apply !== undefined &&
    (role.check !== undefined || Object.keys(role.files).length > 0)
  )
}

/** Whether a check would see what the last success left, and nothing newer: then what it finds is drift. */
export function isAsLeft(nodeRole: NodeRole): boolean {
  const { success, asked, lost, cancelled, attempts, flight, leaving, rinse, group, digest } = nodeRole
  if (!success || asked || lost || cancelled || attempts || flight || leaving || rinse) return false
  return success.roleDigest === group.role.digest && (digest === undefined || digest === success.digest)
}

/** What drifts again after each of so many repairs is changed by somebody else, or by nothing that `apply` does. */
const REPAIRS_MOST = 3

/** Drift was found that is to be mended by itself. */
export function asksRepair({ drift, group, repairs }: NodeRole): boolean {
  return drift !== undefined && group.drift.policy === 'repair' && repairs < REPAIRS_MOST
}

export function driftReason({ drift, group, repairs }: NodeRole): Reason | undefined {
  if (!drift) return undefined
  const { check, since, differences } = drift
  return {
    kind: 'drifted',
    check,
    since,
    what: whatDiffers(differences),
    policy: group.drift.policy,
    repairs,
  }
}

const NAMED_MOST = 5

/** In words, few of them: reasons and causes are kept with each run. */
export function whatDiffers(differences: readonly Difference[]): string[] {
  const more = differences.length - NAMED_MOST
  const named = differences.slice(0, NAMED_MOST).map(differenceWords)
  return more > 0 ? [...named, `${more} more`] : named
}
