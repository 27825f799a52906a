// Holds: what people keep from starting, and what alone they let start in a session. Runs in flight are none of their business.
import type { SessionLimit } from '../model/event.ts'
import type { Wait } from '../model/reason.ts'
import { type Scope, scopeKey, scopeName } from '../model/scope.ts'
import { isThere, nodeRolesIn } from './targets.ts'
import { touch } from './touch.ts'
import type { NodeRole, World } from './world.ts'

/** Who keeps it from running: the nearest hold, or a session that is for others. */
export function keptBy(world: World, nodeRole: NodeRole): Wait | undefined {
  if (world.holds.size > 0) {
    for (const scope of scopesOver(nodeRole)) {
      const hold = world.holds.get(scopeKey(scope))
      if (!hold) continue
      const { scope: what, ...told } = hold
      return { kind: 'held', what, ...told }
    }
  }
  const limit = world.only
  if (limit && !(limit === 'repairs' && nodeRole.asked && nodeRole.drift))
    return { kind: 'notChosen', only: [LIMIT_WORDS[limit]], by: world.sessionBy }
  if (isChosen(world, nodeRole)) return undefined
  const { only = [], by = '' } = world.chosen ?? {}
  return { kind: 'notChosen', only: only.map(scopeName), by }
}

const LIMIT_WORDS: Record<SessionLimit, string> = { checks: 'checks', repairs: 'repairs of drift' }

/** Whether this session is for it; where nobody said otherwise, it is for all. */
export function isChosen({ chosen }: World, nodeRole: NodeRole): boolean {
  if (!chosen) return true
  const keys = new Set(chosen.only.map(scopeKey))
  return scopesOver(nodeRole).some((scope) => keys.has(scopeKey(scope)))
}

export function touchKept(world: World, scope: Scope): void {
  for (const nodeRole of nodeRolesIn(world, scope)) if (nodeRole.state === 'todo') touch(world, nodeRole)
}

/** What is held goes away: its hold goes with it. */
export function dropHolds(world: World): void {
  for (const [key, { scope }] of world.holds) if (!isThere(world, scope)) world.holds.delete(key)
}

/** Nearest first. */
function scopesOver({ id, deployment, node, group }: NodeRole): Scope[] {
  return [
    { kind: 'nodeRole', nodeRole: id },
    ...(node ? [{ kind: 'node' as const, node: node.name }] : []),
    { kind: 'group', deployment, role: group.role.name },
    { kind: 'deployment', deployment },
    { kind: 'site' },
  ]
}
