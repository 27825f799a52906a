// Building the plan: from a target to groups with their links, policies and ranks.
import { assert } from '../base/assert.ts'
import type { Language } from '../model/language.ts'
import { NO_NODE } from '../model/names.ts'
import type { State } from '../model/reason.ts'
import type { Role } from '../model/role.ts'
import type { DeploymentTarget, PlacementTarget, Target } from '../model/site.ts'
import { driftRule } from './drift.ts'
import { markCircles } from './early-circles.ts'
import { GroupMembers } from './group-members.ts'
import { candidates, type Group, groupId, ordersRuns, type Plan, restingOn, waitOf } from './graph.ts'
import { planEarly, planInputs } from './plan-inputs.ts'

/** Without members; `rankNodeRoles` ranks them once they are there. */
export function buildPlan(target: Target, language: Language): Plan {
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
    const reading = group.readers.filter(({ output, input }) => ordersRuns(group, output, waitOf(input)))
    group.next = [...new Set([...group.followedBy, ...reading.map(({ reader }) => reader)])]
    if (group.rollout?.dependants) for (const one of restingOn(group)) one.guards.push(group)
  }
  return plan
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
    memberNames: inOrder(memberNames),
    members: new GroupMembers(),
    inputs: [],
    early: [],
    lateOutputs: [],
    requires: [],
    after: [],
    readers: [],
    requiredBy: [],
    followedBy: [],
    next: [],
    hubs: new Map(),
    counts: noCounts(),
    asleep: 0,
    unread: undefined,
    moving: 0,
    awaiting: new Set(),
    guards: [],
    variants: new Map(),
    factsRead: undefined,
    trials: new Map(),
    rank: 0,
  }
}

/** Mostly they are: then it is one list for all who have the same. */
function inOrder(names: string[]): readonly string[] {
  return names.every((name, i) => i === 0 || (names[i - 1] as string) < name) ? names : names.toSorted()
}

function noCounts(): Record<State, number> {
  return { proposed: 0, transition: 0, blocked: 0, error: 0, active: 0, todo: 0 }
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
