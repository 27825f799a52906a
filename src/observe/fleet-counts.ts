// Counts of node-roles by deployment, role, state and wait, kept up with each turn at the cost of what changed in it.
import type { NodeRole, World } from '../annealer/world.ts'
import type { ChangedNodeRole } from '../engine/serving.ts'
import type { NodeRoleId } from '../model/names.ts'
import { STATES, type State } from '../model/reason.ts'

export interface GroupCounts {
  deployment: string
  role: string
  total: number
  counts: Record<State, number>
}

export class FleetCounts {
  readonly #groups = new Map<string, GroupCounts>()
  readonly #waits = new Map<string, number>()
  /**
   * What each one was counted as. Said again it changes nothing, so that a turn which the world was ahead of when it was
   * read does no harm.
   */
  readonly #known = new Map<NodeRoleId, { group: GroupCounts; state: State; wait: string | undefined }>()
  #active = 0
  /** Node-roles looked at so far: the work that was done, independent of the machine. */
  looked = 0

  /** All there is, counted anew. */
  read(world: World): void {
    this.#known.clear()
    this.#groups.clear()
    this.#waits.clear()
    this.#active = 0
    for (const nodeRole of world.nodeRoles.values()) this.#put(nodeRole)
  }

  /** What the world has of them now: for that a turn tells ids, and its own words may be older than the world. */
  take(world: World, changed: readonly ChangedNodeRole[]): void {
    for (const { id } of changed) {
      this.#drop(id)
      const nodeRole = world.nodeRoles.get(id)
      if (nodeRole) this.#put(nodeRole)
    }
  }

  /** The share that is not active, 0 to 1. */
  get temperature(): number {
    const total = this.#known.size
    return total === 0 ? 0 : (total - this.#active) / total
  }

  /** Those that have members. */
  *groups(): Generator<GroupCounts> {
    for (const [key, group] of this.#groups) {
      if (group.total > 0) yield group
      else this.#groups.delete(key)
    }
  }

  /** By kind of wait, as it was when each was last judged; a kind that was met once stays, if only with 0. */
  waits(): ReadonlyMap<string, number> {
    return this.#waits
  }

  #put({ id, deployment, group: { role }, state, reasonKind }: NodeRole): void {
    if (state === undefined) return
    this.looked++
    const group = this.#groupOf(deployment, role.name)
    const wait = state === 'todo' ? reasonKind : undefined
    group.total++
    group.counts[state]++
    if (state === 'active') this.#active++
    if (wait !== undefined) this.#waits.set(wait, (this.#waits.get(wait) ?? 0) + 1)
    this.#known.set(id, { group, state, wait })
  }

  #drop(id: NodeRoleId): void {
    const known = this.#known.get(id)
    if (!known) return
    this.looked++
    const { group, state, wait } = known
    group.total--
    group.counts[state]--
    if (state === 'active') this.#active--
    if (wait !== undefined) this.#waits.set(wait, (this.#waits.get(wait) ?? 0) - 1)
    this.#known.delete(id)
  }

  #groupOf(deployment: string, role: string): GroupCounts {
    const key = `${deployment}/${role}`
    const known = this.#groups.get(key)
    if (known) return known
    const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>
    const group = { deployment, role, total: 0, counts }
    this.#groups.set(key, group)
    return group
  }
}
