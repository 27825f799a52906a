// Node-roles in the order of their names: sorted once for each plan, however often pages of them are asked for.
import type { NodeRole, World } from './world.ts'

interface Kept {
  plan: World['plan']
  head: number
  nodeRoles: readonly NodeRole[]
}

const keptOf = new WeakMap<World, Kept>()

/** New ones come with a commit alone; what is gone since then only makes fewer of them. */
export function nodeRolesInOrder(world: World): readonly NodeRole[] {
  const { plan, head } = world
  const kept = keptOf.get(world)
  if (kept?.plan === plan && kept.head === head && kept.nodeRoles.length === world.nodeRoles.size)
    return kept.nodeRoles
  const named = Array.from(world.nodeRoles, ([id, nodeRole]) => ({ id, nodeRole }))
  const nodeRoles = named.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ nodeRole }) => nodeRole)
  keptOf.set(world, { plan, head, nodeRoles })
  return nodeRoles
}
