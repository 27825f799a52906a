// The fleet as placement sees it: what is known of each node, and who carries what today.
import type { JsonObject } from '../base/json.ts'
import type { Site } from '../model/site.ts'
import { policyOf } from './policies.ts'
import type { World } from './world.ts'

export interface Fleet {
  facts(node: string): JsonObject | undefined
  /** For what a deployment places. */
  fitness(node: string, deployment: string): Fitness
  /** Nodes that carry a role in a deployment by the committed revision; without a role the members of the deployment. */
  carriers(deployment: string, role?: string): readonly string[]
}

/**
 * `dead`: it does not answer. `lost`: nor did it for longer than the deployment's policy waits. `unavailable`: the operator
 * wants nothing done there.
 */
export type Fitness = 'fit' | 'dead' | 'lost' | 'unavailable'

export function fleetOf(world: World, site: Site, now: number): Fleet {
  return {
    facts: (node) => world.nodes.get(node)?.facts,
    fitness(name, deployment) {
      if (!isAvailable(world, site, name)) return 'unavailable'
      if (isLost(world, site, deployment, name, now)) return 'lost'
      return world.nodes.get(name)?.alive === false ? 'dead' : 'fit'
    },
    carriers(deployment, role) {
      const committed = own(world.target?.deployments, deployment)
      if (role === undefined) return committed?.members ?? []
      return committed?.placements.find((placement) => placement.role === role)?.members ?? []
    },
  }
}

export function isLost(world: World, site: Site, deployment: string, name: string, now: number): boolean {
  const node = world.nodes.get(name)
  if (node?.alive !== false || policyOf(site, deployment, 'lostNode') === 'wait') return false
  return now - node.since >= policyOf(site, deployment, 'lostAfterMs')
}

/** What a file says anew stands above what was said by command before, as on commit. */
function isAvailable(world: World, site: Site, name: string): boolean {
  const wanted = own(site.nodes, name)?.available ?? true
  const known = world.nodes.get(name)
  return known?.spec.available === wanted ? known.unavailable === undefined : wanted
}

function own<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}
