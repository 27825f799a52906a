// Counts of node-roles by deployment, role, state and wait, kept up with each turn at the cost of what changed in it.
import type { Group } from '../annealer/graph.ts'
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

/** What node-roles are counted as together: those of a group in one state, with one wait. */
interface Cell {
  group: GroupCounts
  state: State
  wait: string | undefined
}

export class FleetCounts {
  readonly #groups = new Map<string, GroupCounts>()
  /** Of each group of the plan, which a commit makes anew, by state and wait. */
  readonly #cells = new WeakMap<Group, Map<string, Cell>>()
  readonly #waits = new Map<string, number>()
  /**
   * What each one was counted as. Said again it changes nothing, so that a turn which the world was ahead of when it was
   * read does no harm.
   */
  readonly #known = new Map<NodeRoleId, Cell>()
  #active = 0
  /** Node-roles looked at so far: the work that was done, independent of the machine. */
  looked = 0

  /** All there is; call it once, before anything else. */
  read(world: World): void {
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
    for (const group of this.#groups.values()) {
      if (group.total > 0) yield group
    }
  }

  /** By kind of wait, as it was when each was last judged; a kind that was met once stays, if only with 0. */
  waits(): ReadonlyMap<string, number> {
    return this.#waits
  }

  #put({ id, group: of, state, reasonKind }: NodeRole): void {
    if (state === undefined) return
    this.looked++
    const cell = this.#cellOf(of, state, state === 'todo' ? reasonKind : '')
    const { group, wait } = cell
    group.total++
    group.counts[state]++
    if (state === 'active') this.#active++
    if (wait !== undefined) this.#waits.set(wait, (this.#waits.get(wait) ?? 0) + 1)
    this.#known.set(id, cell)
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

  #cellOf(of: Group, state: State, wait: string): Cell {
    let cells = this.#cells.get(of)
    if (!cells) this.#cells.set(of, (cells = new Map()))
    // No state is called as a wait is.
    const known = cells.get(wait || state)
    if (known) return known
    const group = this.#groupOf(of.deployment, of.role.name)
    const cell = { group, state, wait: wait || undefined }
    cells.set(wait || state, cell)
    return cell
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
