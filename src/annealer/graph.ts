// The graph: one point per group (a role in a deployment), with links resolved to groups, so that a thousand members
// that read a thousand members cost two edges each and not a million.
import type { CalendarWindow } from '../base/calendar.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Expression } from '../model/language.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { State } from '../model/reason.ts'
import type { InputSpec, Role, Wait } from '../model/role.ts'
import type { RolloutSpec } from '../model/site.ts'
import type { DriftRule } from './drift.ts'
import type { Trial } from './failures.ts'
import type { Unread } from './unread.ts'
import type { GroupMembers } from './group-members.ts'
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
  readonly members: GroupMembers
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
  /** Groups whose runs go after those of this one on the same node, by `after` or by what they read. */
  next: Group[]
  hubs: Map<string, Hub>
  counts: Record<State, number>
  /** Members that a snapshot gave back and that are not bound yet. */
  asleep: number
  /** What it told of them, as far as nobody has asked yet. */
  unread: Unread | undefined
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
  /** The most of its members. */
  rank: number
}

export interface InputPlan {
  index: number
  name: string
  spec: InputSpec
  check: (value: Value) => string | undefined
  /** The value of every member, where no level that knows nodes has one. */
  constant?: Bound
  /** What stands in where no source gives a value; no other value is the same object. */
  fallback?: Bound
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
  /** Members whose value is known, and the value, which all who read it share. */
  said: Map<NodeRole, Value>
  /** What members say, as far as it was asked for since they said it. */
  entries: Map<NodeRole, HubEntry>
  /** Made when asked for, until a member says something else. */
  map: Value | undefined
  all: Value | undefined
  missing: { first: NodeRoleId[]; count: number } | undefined
}

/** A value and its canonical text, and that of the node's name. */
export interface HubEntry {
  member: NodeRole
  json: Json
  key: string
  text: string
}

export function groupId(deployment: string, role: string): string {
  return `${deployment}/${role}`
}

/** Groups in the deployment and its ancestors whose role has that name or provides it, nearest first. */
export function candidates(plan: Plan, deployment: string, role: string): Group[] {
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

/** The member of a group on the node of another node-role: groups of one deployment mostly have the same members in the same order. */
export function memberBeside(group: Group, nodeRole: NodeRole): NodeRole | undefined {
  const here = group.members.list[nodeRole.place]
  return here && here.node === nodeRole.node ? here : group.members.get(nodeRole.nodeName)
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
