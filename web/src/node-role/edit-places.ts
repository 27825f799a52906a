// Where another value of an input would be put so that it wins: for the whole deployment, and on this node alone.
import type { Candidate } from '../../../src/model/binding.ts'
import { nodeRoleName } from '../../../src/model/names.ts'

export interface EditPlace {
  /** Whom it would be for. */
  says: string
  /** From the root of the target. */
  path: readonly string[]
}

/** None where no person's word decides: what is read from a fact, an output or an expression is so by itself. */
export function editPlaces(id: string, input: string, candidates: readonly Candidate[]): EditPlace[] {
  const { deployment, node, role } = nodeRoleName(id)
  if (candidates.some(isRead)) return []
  const origin = candidates.find(({ wins }) => wins)?.origin
  const level = origin?.kind === 'level' ? origin.level : undefined
  const isOfNode = level === 'label group' || level === 'node hint' || level === 'override'
  const placed = level === 'placement' ? ['placements', role, 'values'] : ['values', role]
  const everywhere = { says: `for all of ${deployment}`, path: ['deployments', deployment, ...placed, input] }
  if (node === '-') return [everywhere]
  const key = `${node}/${role}`
  const here = { says: `for ${node} alone`, path: ['deployments', deployment, 'overrides', key, input] }
  return isOfNode ? [here] : [everywhere, here]
}

function isRead({ origin, unbound }: Candidate): boolean {
  return unbound !== undefined || (origin !== undefined && origin.kind !== 'level' && origin.kind !== 'none')
}
