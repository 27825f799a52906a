// Rollouts as doors show them: how far each variant is and what holds it, and the steps that a change would take.
import type { Diff, RolloutView, RolloutVariantView, StepsView } from '../model/view.ts'
import type { Group } from './graph.ts'
import { isStepped, type Rollout, type RolloutVariant } from './rollout.ts'
import { byVariant, stepTargets, stepWait } from './steps.ts'
import type { World } from './world.ts'

export function viewRollouts(world: World): RolloutView[] {
  return [...world.rollouts.values()].flatMap((rollout) => {
    const group = world.plan.groups.get(rollout.group)
    return group?.rollout ? [viewRollout(world, group, rollout)] : []
  })
}

/** For a world in which the change was committed and nothing has been decided yet. */
export function stepsOfChanges(after: World): Diff['rollouts'] {
  return [...after.plan.groups.values()].flatMap((group) => {
    const { rollout: spec, deployment, role } = group
    const changed = spec ? [...group.members.values()].filter(isStepped) : []
    if (!spec || changed.length === 0) return []
    const variants = byVariant(changed).map(({ variant, nodes }): StepsView => {
      return { variant, nodes: nodes.length, steps: stepTargets(spec, nodes.length) }
    })
    return [{ deployment, role: role.name, variants }]
  })
}

function viewRollout(world: World, group: Group, { id, variants }: Rollout): RolloutView {
  const { deployment, role } = group
  return {
    rollout: id,
    deployment,
    role: role.name,
    variants: variants.map((variant) => viewVariant(world, group, variant)),
  }
}

function viewVariant(world: World, group: Group, variant: RolloutVariant): RolloutVariantView {
  const { nodes, passes } = variant
  const view: RolloutVariantView = {
    variant: variant.variant,
    nodes: nodes.length,
    steps: group.rollout ? stepTargets(group.rollout, nodes.length) : [],
    reached: passes.size,
  }
  for (const node of nodes) {
    const member = passes.has(node) ? undefined : group.members.get(node)
    const wait = member && stepWait(world, member)
    if (!member || !wait) continue
    return { ...view, hold: wait.hold, waiting: member.id }
  }
  return view
}
