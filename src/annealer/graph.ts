// The graph: one point per group (a role in a deployment), with links resolved to groups, so that a thousand members
// that read a thousand members cost two edges each and not a million.
import { assert } from '../base/assert.ts'
import type { CalendarWindow } from '../base/calendar.ts'
import type { JsonObject } from '../base/json.ts'
import type { Expression, Language } from '../model/language.ts'
import { NO_NODE, type NodeRoleId } from '../model/names.ts'
import type { State } from '../model/reason.ts'
import type { InputSpec, Role, Wait } from '../model/role.ts'
import type { DeploymentTarget, PlacementTarget, RolloutSpec, Target } from '../model/site.ts'
import { type DriftRule, driftRule } from './drift.ts'
import { markCircles } from './early-circles.ts'
import type { Trial } from './failures.ts'
import { boundFromLevels, hasValuesPerNode } from './levels.ts'
import type { Value } from './value.ts'
import type { Bound, NodeRole } from './world.ts'

export interface Plan {
  groups: Map<string, Group>
  deployments: Map<string, string[]>
}

export interface Group {
  readonly id: string
  readonly deployment: string
  readonly role: Role
  readonly adopt: boolean
  /** How a change reaches its members, and when; as its placement says, or its deployment. */
  readonly rollout: RolloutSpec | undefined
  readonly gate: Expression | undefined
  readonly variantExpressions: Expression[]
  readonly maxFailures: number | undefined
  readonly windows: readonly CalendarWindow[]
  readonly drift: DriftRule
  readonly memberNames: readonly string[]
  members: Map<string, NodeRole>
  /** Expressions stand after the inputs that they read. */
  inputs: InputPlan[]
  early: EarlyPlan[]
  lateOutputs: string[]
  /** Nearest deployment first. */
  requires: { role: string; of: 'node' | 'deployment'; candidates: Group[] }[]
  after: Group[][]
  /** Who reads an output of this group. */
  readers: { output: string; reader: Group; input: InputPlan }[]
  requiredBy: { group: Group; of: 'node' | 'deployment' }[]
  followedBy: Group[]
  hubs: Map<string, Hub>
  counts: Record<State, number>
  /** Members that run or are about to, and who waits until none does. */
  moving: number
  awaiting: Set<NodeRole>
  /** Groups whose rollouts look at how members of this one are. */
  guards: Group[]
  /** By node; made when asked for, until its facts or labels change. */
  variants: Map<string, { facts: JsonObject | undefined; labels: JsonObject; variant: string }>
  factsRead: string[][] | undefined
  /** By variant. */
  trials: Map<string, Trial>
  /** Expected milliseconds of the longest chain from here on. */
  rank: number
}

export interface InputPlan {
  index: number
  name: string
  spec: InputSpec
  check: (value: Value) => string | undefined
  /** The value of every member, where no level that knows nodes has one. */
  constant?: Bound
  perNode?: Map<string, Bound>
  /** `value` sources: the expression. */
  expression?: Expression
  /** Inputs that the expression or `select` reads, by index. */
  reads: number[]
  /** `from` sources, nearest deployment first. */
  sources: Group[]
  select?: Expression
  /** All members are marked to bind it anew, so that the next word of its source costs nothing. */
  marked: boolean
}

export interface EarlyPlan {
  name: string
  expression: Expression
  reads: number[]
  /** What must be bound to tell it: what it reads, and what that reads, in an order that works. */
  needs: number[]
  check: (value: Value) => string | undefined
  /** Where it reads itself by way of others that it does not wait for. */
  circle?: EarlyCircle
}

/** Early outputs that read each other in a circle which `wait: known` allows; they are told together. */
export interface EarlyCircle {
  points: { group: Group; early: EarlyPlan }[]
}

/** What a group says of one output, together. */
export interface Hub {
  /** Members whose value is known. */
  said: Set<NodeRole>
  /** Made when asked for, until a member says something else. */
  map?: Value
  all?: Value
  missing?: { first: NodeRoleId[]; count: number }
}

function noCounts(): Record<State, number> {
  return { proposed: 0, transition: 0, blocked: 0, error: 0, active: 0, todo: 0 }
}

/** Nodes whose expectations differ get them from `expectedMs`. */
export function buildPlan(target: Target, language: Language, expectedMs: (role: Role) => number): Plan {
  const plan: Plan = { groups: new Map(), deployments: chains(target) }
  for (const [deployment, spec] of Object.entries(target.deployments)) {
    for (const placement of spec.placements) {
      const role = target.roles[placement.role]
      assert(role, `revision places ${placement.role}, which it does not have`)
      const id = groupId(deployment, role.name)
      const members = role.per === 'deployment' ? [NO_NODE] : placement.members
      const drift = driftRule(target, plan.deployments.get(deployment) ?? [], placement, role)
      const policy = { ...policyOf(spec, placement, language), drift }
      plan.groups.set(id, newGroup(id, deployment, role, members, policy))
    }
  }
  for (const group of plan.groups.values()) {
    group.inputs = planInputs(plan, target, group, language)
    group.early = planEarly(group, language)
    group.lateOutputs = Object.keys(group.role.outputs).filter(
      (name) => group.role.outputs[name]?.value === undefined,
    )
    linkOrder(plan, group)
  }
  markCircles(plan)
  for (const group of plan.groups.values()) {
    for (const input of group.inputs) {
      const source = input.spec.source
      if (source?.kind !== 'output') continue
      for (const from of input.sources) from.readers.push({ output: source.output, reader: group, input })
    }
  }
  for (const group of plan.groups.values()) {
    if (group.rollout?.dependants) for (const one of restingOn(group)) one.guards.push(group)
  }
  rankGroups(plan, expectedMs)
  return plan
}

export function groupId(deployment: string, role: string): string {
  return `${deployment}/${role}`
}

/** A deployment and its ancestors, nearest first. */
function chains(target: Target): Map<string, string[]> {
  const chains = new Map<string, string[]>()
  for (const name of Object.keys(target.deployments)) {
    const chain: string[] = []
    for (
      let at: string | undefined = name;
      at !== undefined && !chain.includes(at);
      at = target.deployments[at]?.parent
    ) {
      chain.push(at)
    }
    chains.set(name, chain)
  }
  return chains
}

type Policy = Pick<
  Group,
  'adopt' | 'drift' | 'rollout' | 'gate' | 'variantExpressions' | 'maxFailures' | 'windows'
>

function policyOf(
  deployment: DeploymentTarget,
  placement: PlacementTarget,
  language: Language,
): Omit<Policy, 'drift'> {
  const { rollout, maxFailures } = placement
  return {
    adopt: deployment.adopt,
    rollout,
    gate: rollout?.gate === undefined ? undefined : language.expression(rollout.gate),
    variantExpressions: (rollout?.variants ?? []).map((source) => language.expression(source)),
    maxFailures,
    windows: placement.windows ?? deployment.windows ?? [],
  }
}

function newGroup(id: string, deployment: string, role: Role, memberNames: string[], policy: Policy): Group {
  return {
    id,
    deployment,
    role,
    ...policy,
    memberNames: memberNames.toSorted(),
    members: new Map(),
    inputs: [],
    early: [],
    lateOutputs: [],
    requires: [],
    after: [],
    readers: [],
    requiredBy: [],
    followedBy: [],
    hubs: new Map(),
    counts: noCounts(),
    moving: 0,
    awaiting: new Set(),
    guards: [],
    variants: new Map(),
    factsRead: undefined,
    trials: new Map(),
    rank: 0,
  }
}

/** Groups in the deployment and its ancestors whose role has that name or provides it, nearest first. */
function candidates(plan: Plan, deployment: string, role: string): Group[] {
  const found: Group[] = []
  for (const name of plan.deployments.get(deployment) ?? []) {
    const own = plan.groups.get(groupId(name, role))
    if (own) found.push(own)
    for (const group of plan.groups.values()) {
      if (group.deployment === name && group !== own && group.role.provides.includes(role)) found.push(group)
    }
  }
  return found
}

function planInputs(plan: Plan, target: Target, group: Group, language: Language): InputPlan[] {
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

function planEarly(group: Group, language: Language): EarlyPlan[] {
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

function linkOrder(plan: Plan, group: Group): void {
  for (const requirement of group.role.requires) {
    const found = candidates(plan, group.deployment, requirement.role)
    const of = group.role.per === 'deployment' ? 'deployment' : requirement.of
    group.requires.push({ role: requirement.role, of, candidates: found })
    for (const one of found)
      one.requiredBy.push({ group, of: one.role.per === 'deployment' ? 'deployment' : of })
  }
  for (const role of group.role.after) {
    const found = candidates(plan, group.deployment, role)
    group.after.push(found)
    for (const one of found) one.followedBy.push(group)
  }
}

/** Upward ranks as in list scheduling (HEFT, Topcuoglu 2002): own duration plus the longest chain behind. */
export function rankGroups(plan: Plan, expectedMs: (role: Role) => number): void {
  for (const [group, rank] of ranksOf(plan, expectedMs)) group.rank = rank
}

export function ranksOf(plan: Plan, expectedMs: (role: Role) => number): Map<Group, number> {
  const known = new Map<Group, number>()
  const visit = (group: Group, path: Set<Group>): number => {
    const before = known.get(group)
    if (before !== undefined) return before
    if (path.has(group)) return 0
    path.add(group)
    let behind = 0
    for (const next of groupsBehind(group)) behind = Math.max(behind, visit(next, path))
    path.delete(group)
    const rank = behind + expectedMs(group.role)
    known.set(group, rank)
    return rank
  }
  for (const group of plan.groups.values()) visit(group, new Set())
  return known
}

function groupsBehind(group: Group): Set<Group> {
  const behind = new Set<Group>()
  for (const { group: dependant } of group.requiredBy) behind.add(dependant)
  for (const follower of group.followedBy) behind.add(follower)
  for (const { output, reader, input } of group.readers) {
    if (ordersRuns(group, output, waitOf(input))) behind.add(reader)
  }
  behind.delete(group)
  return behind
}

export function waitOf(input: InputPlan): Wait {
  return input.spec.source?.kind === 'output' ? input.spec.source.wait : 'all'
}

/** Whether reading this output makes the reader wait for a run. */
export function ordersRuns(group: Group, output: string, wait: Wait): boolean {
  return wait !== 'known' && group.lateOutputs.includes(output)
}

/** Groups whose members rest on those of this one, by what they require or read. */
export function restingOn(group: Group): Set<Group> {
  const resting = new Set(group.requiredBy.map((one) => one.group))
  for (const { reader } of group.readers) resting.add(reader)
  resting.delete(group)
  return resting
}
