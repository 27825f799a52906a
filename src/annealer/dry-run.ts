// A dry run: what of a difference could be looked at on the nodes before anything is committed, and why the rest can not.
import type { CheckOrder } from '../model/drift.ts'
import type { Unlooked, WhyUnlooked } from '../model/dry-run.ts'
import type { Target } from '../model/site.ts'
import { bindingOf, whyUnbound } from './bind.ts'
import { worldAfter } from './diff.ts'
import { hasSomethingToCheck } from './drift.ts'
import { addressOf, checkPart } from './due.ts'
import { whyUnasked } from './runners.ts'
import type { NodeRole, World } from './world.ts'

export interface DryRun {
  /** One for each node, by name. */
  orders: CheckOrder[]
  unlooked: Unlooked[]
}

/** Of these node-roles, as they would be bound once the target is committed. `served`: whether runners elsewhere can be asked. */
export function dryRunOf(world: World, target: Target, ids: readonly string[], served: boolean): DryRun {
  const after = worldAfter(world, target)
  const orders = new Map<string, CheckOrder>()
  const unlooked: Unlooked[] = []
  for (const id of ids) {
    const nodeRole = after.nodeRoles.get(id)
    if (!nodeRole) continue
    const why = whyUnlooked(world, nodeRole, served)
    const { node } = nodeRole
    if (why || !node) {
      unlooked.push({ nodeRole: id, ...(why ?? { why: 'nothingToCheck' }) })
      continue
    }
    const order = orders.get(node.name) ?? {
      check: `dry-run ${node.name}`,
      token: 0,
      node: addressOf(node),
      shows: 'change',
      parts: [],
    }
    order.parts.push({ ...checkPart(nodeRole, bindingOf(nodeRole).inputs), allow: [] })
    orders.set(node.name, order)
  }
  return { orders: [...orders.values()].sort((a, b) => (a.node.name < b.node.name ? -1 : 1)), unlooked }
}

function whyUnlooked(world: World, nodeRole: NodeRole, served: boolean): WhyUnlooked | undefined {
  if (nodeRole.leaving) return { why: 'leaves' }
  if (!hasSomethingToCheck(nodeRole)) return { why: 'nothingToCheck' }
  const unbound = whyUnbound(nodeRole)
  if (unbound) return { why: 'inputUnbound', ...unbound }
  const { node } = nodeRole
  const reason = node && whyUnasked(world, node, served)
  if (reason) return { why: 'noRunner', reason }
  return node?.unavailable ? { why: 'notAvailable' } : undefined
}
