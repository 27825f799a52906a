// Tellers: whose runs, and which first contacts, will tell a value that is not known yet, however far back they stand.
import type { NodeRoleId } from '../model/names.ts'
import type { KnownAfter } from '../model/view.ts'
import { oneSource, unboundOf } from './bind.ts'
import type { InputPlan } from './graph.ts'
import type { NodeRole, World } from './world.ts'

/** Every input without a value, in reading order. */
export function unknownInputs(world: World, nodeRole: NodeRole): KnownAfter[] {
  return nodeRole.group.inputs.flatMap((input): KnownAfter[] => {
    const unbound = unboundOf(nodeRole, input)
    if (!unbound) return []
    const told: Told = { runs: new Set(), contacts: new Set(), more: 0, seen: new Set() }
    ask(world, told, nodeRole, input)
    const { more } = told
    return [{ input: input.name, unbound, runs: [...told.runs], contacts: [...told.contacts], more }]
  })
}

interface Told {
  runs: Set<NodeRoleId>
  contacts: Set<string>
  more: number
  seen: Set<string>
}

function ask(world: World, told: Told, nodeRole: NodeRole, input: InputPlan): void {
  const place = `${nodeRole.id} ${input.name}`
  const unbound = told.seen.has(place) ? undefined : unboundOf(nodeRole, input)
  told.seen.add(place)
  switch (unbound?.kind) {
    case 'outputUnknown':
      return askOutput(world, told, world.nodeRoles.get(unbound.nodeRole), unbound.output)
    case 'outputsUnknown':
      told.more += unbound.missingCount - unbound.missing.length
      for (const id of unbound.missing) askOutput(world, told, world.nodeRoles.get(id), unbound.output)
      return
    case 'inputUnbound': {
      const read = nodeRole.group.inputs.find(({ name }) => name === unbound.input)
      return read && ask(world, told, nodeRole, read)
    }
    case 'expressionFailed': {
      // A `select` that finds nothing waits for its source to say more.
      const one = oneSource(nodeRole, input.sources)
      const { source } = input.spec
      if (!one || Array.isArray(one) || source?.kind !== 'output') return
      if (one.group.lateOutputs.includes(source.output)) told.runs.add(one.id)
      return
    }
    case 'factAbsent':
      if (nodeRole.node && !nodeRole.node.facts) told.contacts.add(nodeRole.node.name)
      return
    default:
      return
  }
}

function askOutput(world: World, told: Told, source: NodeRole | undefined, output: string): void {
  if (!source) return
  const early = source.group.early.find(({ name }) => name === output)
  if (!early) return void told.runs.add(source.id)
  for (const index of early.reads) {
    const input = source.group.inputs[index]
    if (input && !source.inputs[index]) ask(world, told, source, input)
  }
}
