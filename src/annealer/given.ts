// Given values: each value that somebody wrote at a level, once, with the inputs that it was given to.
import { canonical } from '../base/canonical.ts'
import { boundOf } from './bind.ts'
import type { InputPlan } from './graph.ts'
import { candidatesFor, type Given } from './levels.ts'
import type { GivenTo, Root } from './trace.ts'
import type { NodeRole, World } from './world.ts'

export type GivenRoot = Extract<Root, { kind: 'given' }>

export interface Wanted {
  /** Given in this deployment, whatever reads it. */
  deployment?: string
  role?: string
  input?: string
}

export function givenValues(world: World, wanted: Wanted = {}): GivenRoot[] {
  const roots = new Map<string, GivenRoot>()
  for (const group of world.plan.groups.values()) {
    if (wanted.role !== undefined && group.role.name !== wanted.role) continue
    for (const input of group.inputs) {
      if (wanted.input !== undefined && input.name !== wanted.input) continue
      for (const nodeRole of group.members.values()) gather(world, roots, nodeRole, input, wanted.deployment)
    }
  }
  return [...roots.values()]
}

function gather(
  world: World,
  roots: Map<string, GivenRoot>,
  nodeRole: NodeRole,
  input: InputPlan,
  deployment: string | undefined,
): void {
  if (!world.target) return
  const candidates = candidatesFor(world.target, nodeRole.group, input.name, nodeRole.nodeName)
  const winner = input.spec.source ? undefined : candidates.at(-1)
  const standsIn = boundOf(nodeRole, input)?.origin.kind === 'level'
  for (const given of candidates) {
    if (deployment !== undefined && !isGivenIn(deployment, nodeRole, given)) continue
    const to: GivenTo = { nodeRole, input }
    if (winner && winner !== given) to.beatenBy = winner.origin.level
    // The default of a bound input stands behind its source.
    if (!winner && !standsIn) continue
    const root = rootOf(nodeRole, input, given)
    const key = `${canonical(Object.values(root.thing))} ${canonical(given.value)}`
    const known = roots.get(key)
    if (known) known.to.push(to)
    else roots.set(key, { ...root, to: [to] })
  }
}

function isGivenIn(deployment: string, nodeRole: NodeRole, { origin }: Given): boolean {
  switch (origin.level) {
    case 'parent deployment':
      return origin.where === deployment
    case 'deployment':
    case 'placement':
    case 'label group':
    case 'override':
      return nodeRole.deployment === deployment
    case 'role default':
    case 'package default':
    case 'node hint':
      return false
  }
}

/** What a child sees as its parent's is the same value as its parent's own. */
function rootOf({ group }: NodeRole, { name }: InputPlan, { origin, value }: Given): GivenRoot {
  const level = origin.level === 'parent deployment' ? 'deployment' : origin.level
  const { where } = origin
  return {
    kind: 'given',
    thing: { kind: 'given', level, where, role: group.role.name, input: name },
    value,
    to: [],
  }
}
