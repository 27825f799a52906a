// Candidates: all that could give an input its value, lowest first, which one won, and what made each what it is.
import type { Json } from '../base/json.ts'
import type { Candidate } from '../model/binding.ts'
import { fromSource, isSecret } from './bind.ts'
import type { InputPlan } from './graph.ts'
import { candidatesFor } from './levels.ts'
import { sinceRevision, sinceRun } from './since.ts'
import type { NodeRole, World } from './world.ts'

export function candidatesOf(world: World, nodeRole: NodeRole, input: InputPlan): Candidate[] {
  const found = input.spec.source ? besideSource(world, nodeRole, input) : givenTo(world, nodeRole, input)
  const isBound = nodeRole.inputs[input.index] !== undefined
  if (isBound && !found.some(({ wins }) => wins))
    found.push({ origin: { kind: 'none' }, value: null, wins: true })
  return isSecret(nodeRole, input) ? found.map(withoutValue) : found
}

function givenTo(world: World, nodeRole: NodeRole, { name }: InputPlan): Candidate[] {
  const { target } = world
  if (!target) return []
  return candidatesFor(target, nodeRole.group, name, nodeRole.nodeName).map((given): Candidate => {
    const since = sinceRevision(world, nodeRole, name, given)
    return since ? { ...given, since } : given
  })
}

/** The source, and the default that stands behind it. */
function besideSource(world: World, nodeRole: NodeRole, input: InputPlan): Candidate[] {
  const resolved = fromSource(nodeRole, input)
  const isBound = nodeRole.inputs[input.index] !== undefined
  const wins = isBound && 'unbound' in resolved
  const [fallback] = givenTo(world, nodeRole, input)
  const found: Candidate[] = fallback ? [{ ...fallback, wins }] : []
  if ('unbound' in resolved) return [...found, { unbound: resolved.unbound, wins: false }]
  const { origin, value } = resolved.bound
  const candidate: Candidate = { origin, value: value.json, wins: isBound }
  if (origin.kind === 'output' && origin.run !== 'early') candidate.since = sinceRun(world, origin.run)
  return [...found, candidate]
}

function withoutValue({ value, ...rest }: Candidate): Candidate {
  return value === undefined ? rest : { ...rest, value: HIDDEN }
}

const HIDDEN: Json = '(sensitive)'
