// The fleet as placement sees it: what is known of each node, and who carries what today.
import type { JsonObject } from '../base/json.ts'
import type { Site } from '../model/site.ts'
import type { World } from './world.ts'

export interface Fleet {
  facts(node: string): JsonObject | undefined
  fitness(node: string): Fitness
  /** Nodes that carry a role in a deployment by the committed revision; without a role the members of the deployment. */
  carriers(deployment: string, role?: string): readonly string[]
}

/** `dead`: it does not answer. `unavailable`: the operator wants nothing done there. */
export type Fitness = 'fit' | 'dead' | 'unavailable'

export function fleetOf(world: World, site: Site): Fleet {
  return {
    facts: (node) => world.nodes.get(node)?.facts,
    fitness(name) {
      if (!isAvailable(world, site, name)) return 'unavailable'
      return world.nodes.get(name)?.alive === false ? 'dead' : 'fit'
    },
    carriers(deployment, role) {
      const committed = own(world.target?.deployments, deployment)
      if (role === undefined) return committed?.members ?? []
      return committed?.placements.find((placement) => placement.role === role)?.members ?? []
    },
  }
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
