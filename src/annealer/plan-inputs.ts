// Planning inputs: each with its sources in the graph and what it reads, in reading order; early outputs likewise.
import type { Expression, Language } from '../model/language.ts'
import type { InputSpec, Role } from '../model/role.ts'
import type { Target } from '../model/site.ts'
import { candidates, type EarlyPlan, type Group, type InputPlan, type Plan } from './graph.ts'
import { boundFromLevels, hasValuesPerNode } from './levels.ts'
import { NULL_VALUE, type Value, valueOf } from './value.ts'
import type { Bound } from './world.ts'

export function planInputs(plan: Plan, target: Target, group: Group, language: Language): InputPlan[] {
  const { role } = group
  const planned = inReadingOrder(role, language).map((name, index): InputPlan => {
    const spec = role.inputs[name] as InputSpec
    const schema = language.schema(spec.schema)
    const input: InputPlan = {
      index,
      name,
      spec,
      check: rememberLast(schema),
      reads: [],
      sources: [],
      marked: true,
    }
    if (spec.source?.kind === 'value') input.expression = language.expression(spec.source.expression)
    if (spec.source?.kind === 'output') {
      input.sources = candidates(plan, group.deployment, spec.source.role)
      if (spec.source.select !== undefined) input.select = language.expression(spec.source.select)
    }
    const fallback = fallbackOf(name, spec)
    if (fallback) input.fallback = fallback
    if (!spec.source) {
      const constant = boundFromLevels(target, group, name, undefined)
      if (constant) input.constant = constant
      if (hasValuesPerNode(target, group, name)) {
        input.perNode = new Map()
        for (const node of group.memberNames) {
          const bound = boundFromLevels(target, group, name, node)
          if (bound) input.perNode.set(node, bound)
        }
      }
    }
    return input
  })
  const index = new Map(planned.map((input) => [input.name, input.index]))
  for (const input of planned) {
    const reader = input.expression ?? input.select
    if (reader) input.reads = inputsRead(reader, index).filter((read) => read !== input.index)
  }
  return planned
}

/** Nothing gives a value: the default, or null where that is allowed. */
function fallbackOf(name: string, { default: value, optional }: InputSpec): Bound | undefined {
  if (value === undefined)
    return optional ? { value: { ...NULL_VALUE }, origin: { kind: 'none' } } : undefined
  return { value: { ...valueOf(value) }, origin: { kind: 'level', level: 'role default', where: name } }
}

/** Inputs that expressions read come first; a circle among them is refused when content is read. */
function inReadingOrder(role: Role, language: Language): string[] {
  const order: string[] = []
  const visit = (name: string, path: string[]): void => {
    if (order.includes(name) || path.includes(name)) return
    const source = role.inputs[name]?.source
    const reader = source?.kind === 'value' ? source.expression : source?.kind === 'output' && source.select
    if (reader) {
      for (const [root, read] of language.expression(reader).reads) {
        if (root === 'inputs' && read !== undefined && Object.hasOwn(role.inputs, read))
          visit(read, [...path, name])
      }
    }
    order.push(name)
  }
  for (const name of Object.keys(role.inputs)) visit(name, [])
  return order
}

function inputsRead(expression: Expression, index: ReadonlyMap<string, number>): number[] {
  const read = new Set<number>()
  for (const [root, name] of expression.reads) {
    if (root !== 'inputs') continue
    if (name === undefined) return [...index.values()]
    const found = index.get(name)
    if (found !== undefined) read.add(found)
  }
  return [...read]
}

/** Members of a group mostly bind equal values: the last verdict is kept. */
function rememberLast(check: (json: Value['json']) => string | undefined): InputPlan['check'] {
  let digest: string | undefined
  let verdict: string | undefined
  return (value) => {
    if (value.digest !== digest) {
      verdict = check(value.json)
      digest = value.digest
    }
    return verdict
  }
}

/** Call it once the inputs are planned. */
export function planEarly(group: Group, language: Language): EarlyPlan[] {
  const index = new Map(group.inputs.map((input) => [input.name, input.index]))
  return Object.entries(group.role.outputs).flatMap(([name, spec]) => {
    if (spec.value === undefined) return []
    const expression = language.expression(spec.value)
    const reads = inputsRead(expression, index)
    const check = rememberLast(language.schema(spec.schema))
    return [{ name, expression, reads, needs: withWhatTheyRead(group, reads), check }]
  })
}

function withWhatTheyRead(group: Group, reads: readonly number[]): number[] {
  const needs = new Set<number>()
  const add = (index: number): void => {
    if (needs.has(index)) return
    needs.add(index)
    group.inputs[index]?.reads.forEach(add)
  }
  reads.forEach(add)
  return [...needs].sort((a, b) => a - b)
}
