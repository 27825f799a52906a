// What somebody means who asks where a value goes: an output, an input, a fact, what was given, or a value as such.
import { nearest } from '../base/nearest.ts'
import { at, type Json } from '../base/json.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { isSecret } from './bind.ts'
import { unknownNode } from './decide.ts'
import { givenValues } from './given.ts'
import { nodeRoleMeant } from './targets.ts'
import type { Root } from './trace.ts'
import { placesIn, rootsHolding } from './trace-value.ts'
import type { NodeRole, World } from './world.ts'

export function rootsMeant(world: World, words: readonly string[]): Answer<Root[]> {
  const [first = '', second = '', third = ''] = words
  switch (words.length) {
    case 1:
      return oneWord(world, first)
    case 2:
      return world.nodes.has(first) ? factMeant(world, first, second) : partMeant(world, first, second)
    case 3:
      return givenMeant(world, first, second, third)
    default:
      return unknown(`${words.join(' ')} is more than three words`)
  }
}

/** `etcd-1/etcd.endpoint`, or a value. */
function oneWord(world: World, word: string): Answer<Root[]> {
  const dot = word.lastIndexOf('.')
  const found = dot > 0 ? nodeRoleMeant(world, word.slice(0, dot)) : undefined
  const part = found?.ok ? partMeant(world, found.value.id, word.slice(dot + 1)) : undefined
  if (part?.ok) return part
  const roots = rootsHolding(world, word)
  if (roots.length > 0) return answer(roots)
  if (part) return part
  const whole = nodeRoleMeant(world, word)
  if (!whole.ok)
    return unknown(`no fact, input or output is or holds ${word}`, nearest(word, wordsKnown(world)))
  const names = [...inputsOf(whole.value), ...outputsOf(whole.value)]
  return unknown(`${word} is a node-role and no value; name one of ${names.join(', ') || 'what it has'}`)
}

function factMeant(world: World, name: string, path: string): Answer<Root[]> {
  const node = world.nodes.get(name)
  if (!node) return refuse(unknownNode(world, name))
  const parts = path.split('.')
  if (at(node.facts, parts) !== undefined) return answer([{ kind: 'fact', node: name, path: parts }])
  return unknown(`${name} has no fact ${path}`, nearest(path, pathsOf(node.facts)))
}

function* pathsOf(facts: Json | undefined): Generator<string> {
  for (const { path } of placesIn(facts)) yield path.join('.')
}

function partMeant(world: World, name: string, part: string): Answer<Root[]> {
  const found = nodeRoleMeant(world, name)
  if (!found.ok) {
    const meant = nearest(name, world.nodes.keys())
    return name.includes('/') || meant === undefined ? found : refuse(unknownNode(world, name))
  }
  const nodeRole = found.value
  const input = nodeRole.group.inputs.find((one) => one.name === part)
  if (input) return answer([{ kind: 'input', nodeRole, input }])
  if (outputsOf(nodeRole).includes(part)) return answer([{ kind: 'output', nodeRole, output: part }])
  const names = [...inputsOf(nodeRole), ...outputsOf(nodeRole)]
  const has = names.length > 0 ? `; it has ${names.join(', ')}` : ''
  return unknown(`${nodeRole.id} has no input or output ${part}${has}`, nearest(part, names))
}

function givenMeant(world: World, deployment: string, role: string, input: string): Answer<Root[]> {
  const { plan } = world
  if (!plan.deployments.has(deployment))
    return unknown(`there is no deployment ${deployment}`, nearest(deployment, plan.deployments.keys()))
  const groups = [...plan.groups.values()].filter((group) =>
    plan.deployments.get(group.deployment)?.includes(deployment),
  )
  const roles = [...new Set(groups.map((group) => group.role.name))]
  const placed = groups.filter((group) => group.role.name === role)
  if (placed.length === 0) return unknown(`${deployment} has no role ${role}`, nearest(role, roles))
  const names = [...new Set(placed.flatMap((group) => group.inputs.map(({ name }) => name)))]
  if (!names.includes(input)) return unknown(`${role} has no input ${input}`, nearest(input, names))
  const roots = givenValues(world, { deployment, role, input })
  if (roots.length > 0) return answer(roots)
  return unknown(`nobody gave ${role} a value for ${input} in ${deployment}`)
}

function unknown<T>(message: string, meant?: string): Answer<T> {
  const refusal: Refusal = { code: 'unknownValue', message }
  return refuse(meant === undefined ? refusal : { ...refusal, nearest: meant })
}

function inputsOf({ group }: NodeRole): string[] {
  return group.inputs.map(({ name }) => name)
}

function outputsOf({ group }: NodeRole): string[] {
  return Object.keys(group.role.outputs)
}

/** Far more than a person has in mind; a fleet has more. */
const WORDS_MOST = 10_000

/** Outputs as one would write them, and what people and facts say. */
function* wordsKnown(world: World): Generator<string> {
  let left = WORDS_MOST
  for (const nodeRole of world.nodeRoles.values()) {
    for (const output of outputsOf(nodeRole)) {
      if (left-- <= 0) return
      yield nodeRole.id.slice(nodeRole.deployment.length + 1) + `.${output}`
    }
  }
  for (const { value, to } of givenValues(world)) {
    const [first] = to
    if (typeof value === 'string' && first && !isSecret(first.nodeRole, first.input) && left-- > 0)
      yield value
  }
  for (const { facts } of world.nodes.values()) {
    for (const { value } of placesIn(facts)) {
      if (left-- <= 0) return
      if (typeof value === 'string') yield value
    }
  }
}
