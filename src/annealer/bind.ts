// Binding: the inputs of one node-role resolved against what is known now, its early outputs, and its digest.
import { digestOfBytes } from '../base/digest.ts'
import { at, type Json, type JsonObject, objectFrom } from '../base/json.ts'
import type { Binding, Origin, Unbound } from '../model/binding.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Group, Hub, InputPlan } from './graph.ts'
import { NULL_VALUE, type Value, valueOf } from './value.ts'
import type { Bound, NodeRole } from './world.ts'

type Resolved = { bound: Bound } | { unbound: Unbound }

/** Binds anew and answers which early outputs changed by it. */
export function rebind(nodeRole: NodeRole): string[] {
  const { group } = nodeRole
  nodeRole.inputs = []
  nodeRole.unbound = undefined
  for (const input of group.inputs) {
    const resolved = checked(input, resolve(nodeRole, input))
    if ('bound' in resolved) nodeRole.inputs[input.index] = resolved.bound
    else {
      nodeRole.inputs[input.index] = undefined
      nodeRole.unbound ??= { input: input.index, why: resolved.unbound }
    }
  }
  nodeRole.digest = nodeRole.unbound ? undefined : digestOfBinding(nodeRole)
  return tellEarly(nodeRole)
}

/** The binding as a run records it; only for a node-role that has a digest. */
export function bindingOf(nodeRole: NodeRole): Binding {
  const inputs: [string, Json][] = []
  const origins: [string, Origin][] = []
  for (const input of nodeRole.group.inputs) {
    const bound = nodeRole.inputs[input.index]
    if (!bound) continue
    inputs.push([input.name, bound.value.json])
    origins.push([input.name, bound.origin])
  }
  return { digest: nodeRole.digest ?? '', inputs: objectFrom(inputs), origins: Object.fromEntries(origins) }
}

/** What a node-role says of one of its outputs now. */
export function knownOutput(nodeRole: NodeRole, output: string): { value: Value; run: string } | undefined {
  const early = nodeRole.early.get(output)
  if (early) return { value: early, run: 'early' }
  const { success } = nodeRole
  if (!success || nodeRole.group.role.outputs[output]?.value !== undefined) return undefined
  if (!Object.hasOwn(success.outputs, output)) return undefined
  return { value: valueOf(success.outputs[output] as Json), run: success.saidBy[output] ?? success.run }
}

/** A group's output as a whole, kept until a member says otherwise. */
export function hubOf(group: Group, output: string): Hub {
  const kept = group.hubs.get(output)
  if (kept) return kept
  const known: [string, Json][] = []
  const missing: NodeRoleId[] = []
  for (const name of group.memberNames) {
    const member = group.members.get(name)
    const told = member && knownOutput(member, output)
    if (told) known.push([name, told.value.json])
    else if (member) missing.push(member.id)
  }
  const hub: Hub = {
    map: valueOf(objectFrom(known)),
    all: valueOf(known.map(([, json]) => json)),
    known: known.length,
    missing: missing.slice(0, 5),
    missingCount: missing.length,
  }
  group.hubs.set(output, hub)
  return hub
}

/** The one node-role that `take: one` and `requires` mean: on the same node, else the only one in the nearest group. */
export function oneSource(
  nodeRole: NodeRole,
  sources: readonly Group[],
): NodeRole | NodeRoleId[] | undefined {
  for (const group of sources) {
    const here = group.members.get(nodeRole.nodeName)
    if (here) return here
  }
  const nearest = sources.find((group) => group.members.size > 0)
  if (!nearest) return undefined
  if (nearest.members.size > 1) return [...nearest.members.values()].slice(0, 5).map((member) => member.id)
  return nearest.members.values().next().value
}

export function scopeOf(nodeRole: NodeRole): JsonObject {
  const inputs: [string, Json][] = []
  for (const input of nodeRole.group.inputs) {
    const bound = nodeRole.inputs[input.index]
    if (bound) inputs.push([input.name, bound.value.json])
  }
  const node = nodeRole.node
  return {
    inputs: objectFrom(inputs),
    node: { name: nodeRole.nodeName, labels: node?.spec.labels ?? {}, facts: node?.facts ?? {} },
    deployment: { name: nodeRole.deployment },
  }
}

function resolve(nodeRole: NodeRole, input: InputPlan): Resolved {
  const { source } = input.spec
  switch (source?.kind) {
    case undefined: {
      const bound = input.perNode?.get(nodeRole.nodeName) ?? input.constant
      return bound ? { bound } : absent(input, { kind: 'noValue' })
    }
    case 'fact': {
      const node = nodeRole.nodeName
      const json = at(nodeRole.node?.facts, source.path)
      if (json === undefined) return absent(input, { kind: 'factAbsent', node, path: source.path })
      return { bound: { value: valueOf(json), origin: { kind: 'fact', node, path: source.path } } }
    }
    case 'output':
      return selected(
        nodeRole,
        input,
        source.take === 'one' ? fromOne(nodeRole, input, source) : fromGroup(input, source),
      )
    case 'value':
      return evaluated(nodeRole, input)
  }
}

/** Nothing gives a value: the default, null where that is allowed, or unbound with the reason. */
function absent(input: InputPlan, unbound: Unbound): Resolved {
  const { default: fallback, optional } = input.spec
  if (fallback !== undefined) {
    return {
      bound: {
        value: valueOf(fallback),
        origin: { kind: 'level', level: 'role default', where: input.name },
      },
    }
  }
  return optional ? { bound: { value: NULL_VALUE, origin: { kind: 'none' } } } : { unbound }
}

type OutputSource = Extract<NonNullable<InputPlan['spec']['source']>, { kind: 'output' }>

function fromOne(nodeRole: NodeRole, input: InputPlan, source: OutputSource): Resolved {
  const { role, output } = source
  const found = oneSource(nodeRole, input.sources)
  if (!found) return absent(input, { kind: 'nobodyProvides', role, output })
  if (Array.isArray(found)) return { unbound: { kind: 'ambiguous', role, output, candidates: found } }
  const told = knownOutput(found, output)
  if (told) {
    const origin: Origin = { kind: 'output', nodeRole: found.id, output, run: told.run }
    return { bound: { value: told.value, origin } }
  }
  const unbound: Unbound = { kind: 'outputUnknown', nodeRole: found.id, output }
  return source.wait === 'known' || source.wait === 0 ? absent(input, unbound) : { unbound }
}

function fromGroup(input: InputPlan, source: OutputSource): Resolved {
  const { role, output, wait } = source
  const group = input.sources.find((one) => one.members.size > 0)
  if (!group && wait !== 'known' && wait !== 0) return absent(input, { kind: 'nobodyProvides', role, output })
  const hub = group && hubOf(group, output)
  const members = group?.members.size ?? 0
  const needed = wait === 'all' ? members : wait === 'known' ? 0 : wait
  const known = hub?.known ?? 0
  if (known < needed) {
    const missing = hub?.missing ?? []
    return {
      unbound: {
        kind: 'outputsUnknown',
        missing,
        missingCount: hub?.missingCount ?? 0,
        output,
        needed,
        known,
      },
    }
  }
  const value = hub ? (source.take === 'map' ? hub.map : hub.all) : valueOf(source.take === 'map' ? {} : [])
  const deployment = group?.deployment ?? ''
  return {
    bound: {
      value,
      origin: { kind: 'outputs', deployment, role: group?.role.name ?? role, output, members, known },
    },
  }
}

function selected(nodeRole: NodeRole, input: InputPlan, resolved: Resolved): Resolved {
  if (!input.select || 'unbound' in resolved) return resolved
  const { value, origin } = resolved.bound
  const result = input.select.evaluate({ ...scopeOf(nodeRole), value: value.json })
  if (result.ok) return { bound: { value: valueOf(result.value), origin } }
  const expression = input.spec.source?.kind === 'output' ? (input.spec.source.select ?? '') : ''
  return absent(input, { kind: 'expressionFailed', expression, message: result.message })
}

function evaluated(nodeRole: NodeRole, input: InputPlan): Resolved {
  const { expression } = input
  const text = input.spec.source?.kind === 'value' ? input.spec.source.expression : ''
  const missing = input.reads.find((index) => !nodeRole.inputs[index])
  if (missing !== undefined) {
    return { unbound: { kind: 'inputUnbound', input: nodeRole.group.inputs[missing]?.name ?? '' } }
  }
  const result = expression?.evaluate(scopeOf(nodeRole))
  if (!result?.ok)
    return absent(input, { kind: 'expressionFailed', expression: text, message: result?.message ?? '' })
  const reads = input.reads.map((index) => nodeRole.group.inputs[index]?.name ?? '')
  return { bound: { value: valueOf(result.value), origin: { kind: 'expression', expression: text, reads } } }
}

/** What comes from facts, runs and expressions is held against the schema here; operators' values were when read. */
function checked(input: InputPlan, resolved: Resolved): Resolved {
  if ('unbound' in resolved || resolved.bound.origin.kind === 'none') return resolved
  const message = input.check(resolved.bound.value)
  if (message === undefined) return resolved
  return { unbound: { kind: 'breaksSchema', message, from: resolved.bound.origin } }
}

function digestOfBinding(nodeRole: NodeRole): string {
  const parts = [nodeRole.group.role.digest]
  for (const input of nodeRole.group.inputs)
    parts.push(`${input.name}=${nodeRole.inputs[input.index]?.value.digest}`)
  return digestOfBytes(parts.join('\n'))
}

function tellEarly(nodeRole: NodeRole): string[] {
  const changed: string[] = []
  for (const early of nodeRole.group.early) {
    const before = nodeRole.early.get(early.name)?.digest
    const ready = early.reads.every((index) => nodeRole.inputs[index])
    const result = ready ? early.expression.evaluate(scopeOf(nodeRole)) : undefined
    const value = result?.ok ? valueOf(result.value) : undefined
    if (value && early.check(value) === undefined) nodeRole.early.set(early.name, value)
    else nodeRole.early.delete(early.name)
    if (nodeRole.early.get(early.name)?.digest !== before) changed.push(early.name)
  }
  return changed
}
