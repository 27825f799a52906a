// Why a node-role was not looked at for drift; undefined where it may be.
import type { Unchecked } from '../model/drift.ts'
import { hasSomethingToCheck, isAsLeft } from './drift.ts'
import { judge } from './judge.ts'
import type { NodeRole, World } from './world.ts'

export function whyUnchecked(world: World, nodeRole: NodeRole): Unchecked | undefined {
  if (!hasSomethingToCheck(nodeRole)) return { kind: 'nothingToCheck' }
  if (nodeRole.group.drift.policy === 'off') return { kind: 'off' }
  const { state, reason } = judge(world, nodeRole)
  const isHere = nodeRole.node?.alive === true && !nodeRole.node.unavailable
  return isHere && isAsLeft(nodeRole) ? undefined : { kind: 'notActive', state, reason }
}
