// Binding: the inputs of one node-role resolved against what is known now, and its digest.
import { assert } from '../base/assert.ts'
import { digestOfBytes } from '../base/digest.ts'
import { at, type Json, type JsonObject, objectFrom } from '../base/json.ts'
import type { Binding, Origin, Unbound } from '../model/binding.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Group, InputPlan } from './graph.ts'
import { hubOf, knownOutput, listOf, mapOf, missingOf, neededOf } from './hubs.ts'
import { standsForSecret } from './sensitive.ts'
import { NULL_VALUE, valueOf } from './value.ts'
import type { Bound, NodeRole } from './world.ts'

type Resolved = { bound: Bound } | { unbound: Unbound }

/**
 * Binds anew what is marked, all inputs or one of them; early outputs are told before, by themselves. With one goes what
 * reads it, and what has no value, so that the first of these is the one that is named.
 */
export function rebind(nodeRole: NodeRole): void {
  const { group, inputs, stale, staleInput } = nodeRole
  if (!stale && staleInput === undefined) return
  const anew: number[] = []
  nodeRole.unbound = undefined
  for (const input of group.inputs) {
    const { index, reads } = input
    const isMarked = stale || index === staleInput || !inputs[index]
    if (!isMarked && !reads.some((read) => anew.includes(read))) continue
    anew.push(index)
    const why = bindInput(nodeRole, input)
    if (why) nodeRole.unbound ??= { input: index, why }
  }
  nodeRole.digest = nodeRole.unbound ? undefined : digestOfBinding(nodeRole)
}

/** Binds one input by what is known now, or answers why it has no value. */
export function bindInput(nodeRole: NodeRole, input: InputPlan): Unbound | undefined {
  input.marked = false
  const resolved = checked(nodeRole, input, resolve(nodeRole, input))
  nodeRole.inputs[input.index] = 'bound' in resolved ? resolved.bound : undefined
  return 'bound' in resolved ? undefined : resolved.unbound
}

/** Why the first input without a value has none: who is missing of a group changes while the input stays unbound. */
export function whyUnbound(nodeRole: NodeRole): { input: string; unbound: Unbound } | undefined {
  const { unbound, group } = nodeRole
  if (!unbound) return undefined
  const input = group.inputs[unbound.input] as InputPlan
  const now = unbound.why.kind === 'outputsUnknown' ? resolve(nodeRole, input) : undefined
  return { input: input.name, unbound: now && 'unbound' in now ? now.unbound : unbound.why }
}

/** Why an input has no value now; undefined where it has one. */
export function unboundOf(nodeRole: NodeRole, input: InputPlan): Unbound | undefined {
  const resolved = checked(nodeRole, input, resolve(nodeRole, input))
  return 'unbound' in resolved ? resolved.unbound : undefined
}

/** What the source of a bound input gives by itself, whatever stands in where it gives nothing. */
export function fromSource(nodeRole: NodeRole, input: InputPlan): Resolved {
  const { default: _, ...spec } = input.spec
  const bare = { ...input, spec: { ...spec, optional: false } }
  return checked(nodeRole, bare, resolve(nodeRole, bare))
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
  const { role, output, wait, take } = source
  const group = input.sources.find((one) => one.members.size > 0)
  if (!group) {
    if (wait !== 'known' && wait !== 0) return absent(input, { kind: 'nobodyProvides', role, output })
    const origin: Origin = { kind: 'outputs', deployment: '', role, output, members: 0, known: 0 }
    return { bound: { value: valueOf(take === 'map' ? {} : []), origin } }
  }
  const members = group.members.size
  const needed = neededOf(wait, members)
  const known = hubOf(group, output).said.size
  if (known < needed) {
    const { first: missing, count: missingCount } = missingOf(group, output)
    return { unbound: { kind: 'outputsUnknown', missing, missingCount, output, needed, known } }
  }
  const { deployment } = group
  const origin: Origin = { kind: 'outputs', deployment, role: group.role.name, output, members, known }
  return { bound: { value: take === 'map' ? mapOf(group, output) : listOf(group, output), origin } }
}

function selected(nodeRole: NodeRole, input: InputPlan, resolved: Resolved): Resolved {
  if (!input.select || 'unbound' in resolved) return resolved
  const { value, origin } = resolved.bound
  const expression = input.spec.source?.kind === 'output' ? (input.spec.source.select ?? '') : ''
  const lacking = inputLacking(nodeRole, input)
  if (lacking !== undefined) return { unbound: { kind: 'inputUnbound', input: lacking } }
  const result = input.select.evaluate({ ...scopeOf(nodeRole), value: value.json })
  if (result.ok) return { bound: { value: valueOf(result.value), origin } }
  return absent(input, { kind: 'expressionFailed', expression, message: messageOf(nodeRole, input, result) })
}

function evaluated(nodeRole: NodeRole, input: InputPlan): Resolved {
  const { expression } = input
  const text = input.spec.source?.kind === 'value' ? input.spec.source.expression : ''
  const lacking = inputLacking(nodeRole, input)
  if (lacking !== undefined) return { unbound: { kind: 'inputUnbound', input: lacking } }
  assert(expression, `${input.name} is planned without its expression`)
  const result = expression.evaluate(scopeOf(nodeRole))
  if (!result.ok) {
    const message = messageOf(nodeRole, input, result)
    return absent(input, { kind: 'expressionFailed', expression: text, message })
  }
  const reads = input.reads.map((index) => nodeRole.group.inputs[index]?.name ?? '')
  return { bound: { value: valueOf(result.value), origin: { kind: 'expression', expression: text, reads } } }
}

function inputLacking(nodeRole: NodeRole, input: InputPlan): string | undefined {
  const index = input.reads.find((read) => !nodeRole.inputs[read])
  return index === undefined ? undefined : nodeRole.group.inputs[index]?.name
}

/** Messages quote values; those of secrets are not repeated. */
function messageOf(nodeRole: NodeRole, input: InputPlan, { message }: { message: string }): string {
  return isSecret(nodeRole, input) ? 'it reads a sensitive value, so its message is not shown' : message
}

/** It is sensitive, or made of what is. */
export function isSecret(nodeRole: NodeRole, input: InputPlan): boolean {
  if (input.spec.sensitive) return true
  const { source } = input.spec
  if (source?.kind === 'output' && input.sources.some(({ role }) => role.outputs[source.output]?.sensitive))
    return true
  return input.reads.some((index) => isSecret(nodeRole, nodeRole.group.inputs[index] as InputPlan))
}

/** What comes from facts, runs and expressions is held against the schema here; operators' values were when read. */
function checked(nodeRole: NodeRole, input: InputPlan, resolved: Resolved): Resolved {
  if ('unbound' in resolved || resolved.bound.origin.kind === 'none') return resolved
  const complaint = input.check(resolved.bound.value)
  if (complaint === undefined) return resolved
  if (standsForSecret(input.spec, resolved.bound.value.json)) return resolved
  const message = isSecret(nodeRole, input) ? 'it is sensitive, so what is wrong is not shown' : complaint
  return { unbound: { kind: 'breaksSchema', message, from: resolved.bound.origin } }
}

function digestOfBinding(nodeRole: NodeRole): string {
  const parts = [nodeRole.group.role.digest]
  for (const input of nodeRole.group.inputs)
    parts.push(`${input.name}=${nodeRole.inputs[input.index]?.value.digest}`)
  return digestOfBytes(parts.join('\n'))
}
