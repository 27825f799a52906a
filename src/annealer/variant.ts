// Variants: nodes are of one variant for a role when all that it reads of what they are is equal.
import { at, isObject, type Json, type JsonObject, objectFrom } from '../base/json.ts'
import { ALL_ALIKE } from '../model/wait-words.ts'
import { isSecret } from './bind.ts'
import type { Group, InputPlan } from './graph.ts'
import { shortText, valueOf } from './value.ts'
import type { NodeRole } from './world.ts'

/** In words, which are its name: `os.version=12, kernel.arch=x86_64`. */
export function variantOf(nodeRole: NodeRole): string {
  const { group, node, nodeName } = nodeRole
  if (!node) return ALL_ALIKE
  const known = group.variants.get(nodeName)
  if (known && known.facts === node.facts && known.labels === node.spec.labels) return known.variant
  const variant = group.rollout?.variants ? bySaying(nodeRole) : byFacts(nodeRole)
  group.variants.set(nodeName, { facts: node.facts, labels: node.spec.labels, variant })
  return variant
}

/** For people who ask about one: nothing where all are alike, its node was never looked at, or a secret is one of the facts. */
export function shownVariant(nodeRole: NodeRole): string | undefined {
  const { group, node } = nodeRole
  const variant = variantOf(nodeRole)
  if (variant === ALL_ALIKE) return undefined
  if (group.rollout?.variants) return variant
  const readsSecret = group.inputs.some(
    (input) => isSecret(nodeRole, input) && factsOfInput(group, input, new Set()).length > 0,
  )
  return node?.facts && !readsSecret ? variant : undefined
}

/** What tells one machine from all others makes no variant: each would be one of its own, and go first. */
const IDENTIFYING = new Set(['hostname', 'serial', 'address', 'addresses', 'mac', 'machine_id'])

function bySaying({ group, node, nodeName }: NodeRole): string {
  const scope = { node: { name: nodeName, labels: node?.spec.labels ?? {}, facts: node?.facts ?? {} } }
  return named(
    (group.rollout?.variants ?? []).map((source, index) => {
      const result = group.variantExpressions[index]?.evaluate(scope)
      return [source.replace(/^node\.(labels|facts)\./, ''), result?.ok ? result.value : null]
    }),
  )
}

function byFacts({ group, node }: NodeRole): string {
  group.factsRead ??= factsReadBy(group, new Set())
  return named(
    group.factsRead.flatMap((path): [string, Json][] => {
      if (path.some((key) => IDENTIFYING.has(key))) return []
      const found = at(node?.facts, path)
      const fact = found === undefined ? undefined : characteristic(found)
      return [[path.join('.') || 'facts', fact ?? null]]
    }),
  )
}

function named(values: [string, Json][]): string {
  return values.map(([what, value]) => `${what}=${textOf(value)}`).join(', ') || ALL_ALIKE
}

/** Short ones as they are; of long ones enough to tell them apart. */
function textOf(value: Json): string {
  const { digest } = valueOf(value)
  if (digest.startsWith('#')) return `${shortText(value).slice(0, 24)} ${digest.slice(0, 9)}`
  return typeof value === 'string' ? value : shortText(value)
}

function characteristic(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.flatMap((each) => characteristic(each) ?? [])
  if (!isObject(value)) return value
  const kept = Object.entries(value as JsonObject).flatMap(([key, each]): [string, Json][] => {
    const what = IDENTIFYING.has(key) ? undefined : characteristic(each)
    return what === undefined ? [] : [[key, what]]
  })
  return objectFrom(kept)
}

/** Paths into the facts of a member's own node, also by way of early outputs of others on that node. */
function factsReadBy(group: Group, seen: Set<Group>): string[][] {
  return unique(group.inputs.flatMap((input) => factsOfInput(group, input, seen)))
}

function factsOfInput(group: Group, input: InputPlan, seen: Set<Group>): string[][] {
  const { source } = input.spec
  const own = [input.expression, input.select].flatMap((expression) => factsOfExpression(expression))
  if (source?.kind === 'fact') return [source.path]
  if (source?.kind !== 'output' || source.take !== 'one' || seen.has(group)) return own
  const path = new Set([...seen, group])
  const others = input.sources.flatMap((from) => {
    const early = from.early.find(({ name }) => name === source.output)
    if (!early) return []
    const read = early.needs.flatMap((index) => factsOfInput(from, from.inputs[index] as InputPlan, path))
    return [...read, ...factsOfExpression(early.expression)]
  })
  return [...own, ...others]
}

function factsOfExpression(expression: InputPlan['expression']): string[][] {
  return (expression?.reads ?? []).flatMap(([root, first, ...path]) =>
    root === 'node' && (first === undefined || first === 'facts') ? [path] : [],
  )
}

function unique(paths: string[][]): string[][] {
  return [...new Map(paths.map((path) => [path.join('.'), path])).values()].sort((a, b) =>
    a.join('.') < b.join('.') ? -1 : 1,
  )
}
