// Rinses, for laws and stories: which node-roles are taken together, and a book of its own of what must be removed first.
import type { NodeRole } from '../../src/annealer/world.ts'
import type { Event } from '../../src/model/event.ts'
import { NO_NODE, type NodeRoleId, nodeRoleId } from '../../src/model/names.ts'
import type { Target } from '../../src/model/site.ts'

export const RINSE_SIZES = ['one', 'node', 'role', 'deployment', 'all'] as const
export type RinseSize = (typeof RINSE_SIZES)[number]

export function rinsedWith(one: NodeRole, all: readonly NodeRole[], size: RinseSize): NodeRoleId[] {
  const isTaken: Record<RinseSize, (other: NodeRole) => boolean> = {
    one: (other) => other === one,
    node: (other) => other.nodeName === one.nodeName,
    role: (other) => other.group.role.name === one.group.role.name,
    deployment: (other) => other.deployment === one.deployment,
    all: () => true,
  }
  return all.filter(isTaken[size]).map(({ id }) => id)
}

/**
 * A rinse applies none of its node-roles before each of them was removed, came into another rinse or was taken away by a
 * commit. Knows nothing but events.
 */
export class RinseBook {
  readonly #rinseOf = new Map<NodeRoleId, string>()
  readonly #toRemove = new Map<string, Set<NodeRoleId>>()
  readonly #targets = new Map<number, Target>()
  /** Removals that began since the rinse was asked for: under way, or ended somehow. */
  readonly #begun = new Map<NodeRoleId, 'underWay' | 'ended'>()

  /** What is wrong with it, coming after what came before. */
  hear(event: Event): string | undefined {
    switch (event.kind) {
      case 'revisionProposed':
        this.#targets.set(event.revision, event.target)
        return undefined
      case 'revisionCommitted': {
        const placed = placedBy(this.#targets.get(event.revision))
        for (const nodeRole of this.#rinseOf.keys()) if (!placed.has(nodeRole)) this.#leave(nodeRole)
        return undefined
      }
      case 'rinseAsked':
        event.nodeRoles.forEach((nodeRole) => this.#leave(nodeRole))
        for (const nodeRole of event.nodeRoles) this.#rinseOf.set(nodeRole, event.rinse)
        this.#toRemove.set(event.rinse, new Set(event.nodeRoles))
        // What was under way then was not for this rinse, unless it removes.
        for (const nodeRole of event.nodeRoles)
          if (this.#begun.get(nodeRole) === 'ended') this.#begun.delete(nodeRole)
        return undefined
      case 'rinseCancelled':
        for (const nodeRole of this.#toRemove.get(event.rinse) ?? []) {
          const begun = this.#begun.get(nodeRole)
          if (begun === 'ended') this.#toRemove.get(event.rinse)?.delete(nodeRole)
          if (begun === undefined) this.#leave(nodeRole)
        }
        return undefined
      case 'nodeRoleRinsed':
        return this.#waiting(event.nodeRole)?.delete(event.nodeRole)
          ? undefined
          : `${event.nodeRole} is rinsed twice, or unasked`
      case 'runStarted': {
        if (event.action === 'remove') {
          this.#begun.set(event.nodeRole, 'underWay')
          return undefined
        }
        this.#begun.delete(event.nodeRole)
        const [left] = this.#waiting(event.nodeRole) ?? []
        if (left !== undefined) return `${event.nodeRole} is applied afresh before ${left} is removed`
        this.#rinseOf.delete(event.nodeRole)
        return undefined
      }
      case 'runFinished':
      case 'runLost':
        if (this.#begun.has(event.nodeRole)) this.#begun.set(event.nodeRole, 'ended')
        return undefined
      default:
        return undefined
    }
  }

  /** That are yet to remove something. */
  underWay(): string[] {
    return [...this.#toRemove].flatMap(([rinse, left]) => (left.size > 0 ? [rinse] : []))
  }

  #waiting(nodeRole: NodeRoleId): Set<NodeRoleId> | undefined {
    return this.#toRemove.get(this.#rinseOf.get(nodeRole) ?? '')
  }

  #leave(nodeRole: NodeRoleId): void {
    this.#waiting(nodeRole)?.delete(nodeRole)
    this.#rinseOf.delete(nodeRole)
  }
}

/** All node-roles of a target. */
export function placedBy(target: Target | undefined): Set<NodeRoleId> {
  const placed = new Set<NodeRoleId>()
  for (const [deployment, { placements }] of Object.entries(target?.deployments ?? {})) {
    for (const { role, members } of placements) {
      const nodes = target?.roles[role]?.per === 'deployment' ? [NO_NODE] : members
      for (const node of nodes) placed.add(nodeRoleId({ deployment, node, role }))
    }
  }
  return placed
}
