// Binding: the inputs of one node-role resolved against what is known now, and its digest.
import { assert } from '../base/assert.ts'
import { digestOfBytes } from '../base/digest.ts'
import { at, type JsonObject, setOwn } from '../base/json.ts'
import type { Binding, Origin, Unbound } from '../model/binding.ts'
import type { NodeRoleId } from '../model/names.ts'
import { type Group, type InputPlan, memberBeside } from './graph.ts'
import { hubOf, listOf, mapOf, missingOf, neededOf, saidOf, tellerOf } from './hubs.ts'
import { standsForSecret } from './sensitive.ts'
import { type Value, valueOf } from './value.ts'
import type { Bound, NodeRole } from './world.ts'

type Resolved = { bound: Value } | { unbound: Unbound }

/**
 * Binds anew what is marked, all inputs or one of them; early outputs are told before, by themselves. With one goes what
 * reads it, and what has no value, so that the first of these is the one that is named.
 */
export function rebind(nodeRole: NodeRole): void {
  const { stale, staleInput } = nodeRole
  if (!stale && staleInput === undefined) return
  const { group, inputs } = nodeRole
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
  nodeRole.setBound(nodeRole.unbound === undefined)
  const { success } = nodeRole
  // It is bound to that again.
  if (success?.ranWith && nodeRole.digest === success.digest) success.ranWith = undefined
}

/** Binds one input by what is known now, or answers why it has no value. */
export function bindInput(nodeRole: NodeRole, input: InputPlan): Unbound | undefined {
  input.marked = false
  const resolved = checked(nodeRole, input, resolve(nodeRole, input))
  const bound = 'bound' in resolved ? resolved.bound : undefined
  const before = nodeRole.inputs[input.index]
  if (before && before.digest !== bound?.digest) keepRanWith(nodeRole)
  nodeRole.inputs[input.index] = bound
  return 'bound' in resolved ? undefined : resolved.unbound
}

/** Call it before what it is bound to changes: as long as it is bound as at its last success, its inputs tell what that ran with. */
export function keepRanWith(nodeRole: NodeRole): void {
  const { success } = nodeRole
  if (success && !success.ranWith && success.digest === nodeRole.digest) success.ranWith = inputsOf(nodeRole)
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
export function fromSource(nodeRole: NodeRole, input: InputPlan): { bound: Bound } | { unbound: Unbound } {
  const { fallback: _, ...bare } = input
  const resolved = checked(nodeRole, bare, resolve(nodeRole, bare))
  if ('unbound' in resolved) return resolved
  return { bound: { value: resolved.bound, origin: originOf(nodeRole, bare, resolved.bound) } }
}

/** The binding as a run records it; only for a node-role that has a digest. */
export function bindingOf(nodeRole: NodeRole): Binding {
  const origins: Record<string, Origin> = {}
  for (const input of nodeRole.group.inputs) {
    const bound = boundOf(nodeRole, input)
    if (bound) setOwn(origins, input.name, bound.origin)
  }
  return { digest: nodeRole.digest ?? '', inputs: inputsOf(nodeRole), origins }
}

/** Those that have a value. */
export function inputsOf({ group, inputs }: NodeRole): JsonObject {
  const values: JsonObject = {}
  for (const { index, name } of group.inputs) {
    const value = inputs[index]
    if (value) setOwn(values, name, value.json)
  }
  return values
}

/**
 * The value of an input with its provenance, which is told by where values come from now and is kept with runs alone: a
 * million node-roles at rest have no use for it. Ask when nothing is marked; "takes little room" in counts.test.ts fails without.
 */
export function boundOf(nodeRole: NodeRole, input: InputPlan): Bound | undefined {
  const value = nodeRole.inputs[input.index]
  return value && { value, origin: originOf(nodeRole, input, value) }
}

function originOf(nodeRole: NodeRole, input: InputPlan, value: Value): Origin {
  const { source } = input.spec
  if (value === input.fallback?.value) return input.fallback.origin
  switch (source?.kind) {
    case undefined:
      return (input.perNode?.get(nodeRole.nodeName) ?? input.constant)?.origin ?? { kind: 'none' }
    case 'fact':
      return { kind: 'fact', node: nodeRole.nodeName, path: source.path }
    case 'value': {
      const reads = input.reads.map((index) => nodeRole.group.inputs[index]?.name ?? '')
      return { kind: 'expression', expression: source.expression, reads }
    }
    case 'output': {
      const { role, output } = source
      if (source.take !== 'one') return originOfMany(input, source)
      const found = oneSource(nodeRole, input.sources)
      assert(found && !Array.isArray(found), `${nodeRole.id} has ${role}.${output} from nobody`)
      const run = tellerOf(found, output) ?? ''
      return { kind: 'output', nodeRole: found.id, output, run }
    }
  }
}

function originOfMany(input: InputPlan, { role, output }: OutputSource): Origin {
  const group = input.sources.find((one) => one.members.size > 0)
  if (!group) return { kind: 'outputs', deployment: '', role, output, members: 0, known: 0 }
  const known = hubOf(group, output).said.size
  const { deployment, members } = group
  return { kind: 'outputs', deployment, role: group.role.name, output, members: members.size, known }
}

/** The one node-role that `take: one` and `requires` mean: on the same node, else the only one in the nearest group. */
export function oneSource(
  nodeRole: NodeRole,
  sources: readonly Group[],
): NodeRole | NodeRoleId[] | undefined {
  for (const group of sources) {
    const here = memberBeside(group, nodeRole)
    if (here) return here
  }
  const nearest = sources.find((group) => group.members.size > 0)
  if (!nearest) return undefined
  if (nearest.members.size > 1) return nearest.members.list.slice(0, 5).map((member) => member.id)
  return nearest.members.list[0]
}

export function scopeOf(nodeRole: NodeRole): JsonObject {
  const node = nodeRole.node
  return {
    inputs: inputsOf(nodeRole),
    node: { name: nodeRole.nodeName, labels: node?.spec.labels ?? {}, facts: node?.facts ?? {} },
    deployment: { name: nodeRole.deployment },
  }
}

function resolve(nodeRole: NodeRole, input: InputPlan): Resolved {
  const { source } = input.spec
  switch (source?.kind) {
    case undefined: {
      const bound = input.perNode?.get(nodeRole.nodeName) ?? input.constant
      return bound ? { bound: bound.value } : absent(input, { kind: 'noValue' })
    }
    case 'fact': {
      const node = nodeRole.nodeName
      const json = at(nodeRole.node?.facts, source.path)
      if (json === undefined) return absent(input, { kind: 'factAbsent', node, path: source.path })
      return { bound: valueOf(json) }
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
  return input.fallback ? { bound: input.fallback.value } : { unbound }
}

type OutputSource = Extract<NonNullable<InputPlan['spec']['source']>, { kind: 'output' }>

function fromOne(nodeRole: NodeRole, input: InputPlan, source: OutputSource): Resolved {
  const { role, output } = source
  const found = oneSource(nodeRole, input.sources)
  if (!found) return absent(input, { kind: 'nobodyProvides', role, output })
  if (Array.isArray(found)) return { unbound: { kind: 'ambiguous', role, output, candidates: found } }
  const told = toldBy(found, output)
  if (told) return { bound: told }
  const unbound: Unbound = { kind: 'outputUnknown', nodeRole: found.id, output }
  return source.wait === 'known' || source.wait === 0 ? absent(input, unbound) : { unbound }
}

/** Of many members it may be that nobody has asked for all yet: then one is asked alone. */
function toldBy(member: NodeRole, output: string): Value | undefined {
  const { group } = member
  if (group.members.size > 1 && !group.hubs.has(output)) return saidOf(member, output)
  return hubOf(group, output).said.get(member)
}

function fromGroup(input: InputPlan, source: OutputSource): Resolved {
  const { role, output, wait, take } = source
  const group = input.sources.find((one) => one.members.size > 0)
  if (!group) {
    if (wait !== 'known' && wait !== 0) return absent(input, { kind: 'nobodyProvides', role, output })
    return { bound: valueOf(take === 'map' ? {} : []) }
  }
  const members = group.members.size
  const needed = neededOf(wait, members)
  const known = hubOf(group, output).said.size
  if (known < needed) {
    const { first: missing, count: missingCount } = missingOf(group, output)
    return { unbound: { kind: 'outputsUnknown', missing, missingCount, output, needed, known } }
  }
  return { bound: take === 'map' ? mapOf(group, output) : listOf(group, output) }
}

function selected(nodeRole: NodeRole, input: InputPlan, resolved: Resolved): Resolved {
  if (!input.select || 'unbound' in resolved) return resolved
  const expression = input.spec.source?.kind === 'output' ? (input.spec.source.select ?? '') : ''
  const lacking = inputLacking(nodeRole, input)
  if (lacking !== undefined) return { unbound: { kind: 'inputUnbound', input: lacking } }
  const result = input.select.evaluate({ ...scopeOf(nodeRole), value: resolved.bound.json })
  if (result.ok) return { bound: valueOf(result.value) }
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
  return { bound: valueOf(result.value) }
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
  if ('unbound' in resolved || isNothing(input, resolved.bound)) return resolved
  const complaint = input.check(resolved.bound)
  if (complaint === undefined) return resolved
  if (standsForSecret(input.spec, resolved.bound.json)) return resolved
  const message = isSecret(nodeRole, input) ? 'it is sensitive, so what is wrong is not shown' : complaint
  return { unbound: { kind: 'breaksSchema', message, from: originOf(nodeRole, input, resolved.bound) } }
}

/** Null for want of a value, where that is allowed. */
function isNothing({ fallback }: InputPlan, value: Value): boolean {
  return fallback?.origin.kind === 'none' && value === fallback.value
}

/** Only where all inputs have a value. */
export function digestOfBinding(nodeRole: NodeRole): string {
  const parts = [nodeRole.group.role.digest]
  for (const input of nodeRole.group.inputs)
    parts.push(`${input.name}=${nodeRole.inputs[input.index]?.digest}`)
  return digestOfBytes(parts.join('\n'))
}
