// The members of a group: in the order of their names and found by it, in no more room than a list of them takes.
import type { NodeRole } from './node-role.ts'

/** Reads like a map by the name of the node; a map would take four times the room, and a million node-roles are in one each. */
export class GroupMembers {
  list: readonly NodeRole[] = []
  #filling: NodeRole[] | undefined

  get size(): number {
    return this.list.length
  }

  /** In the order of their names; answers its place. `filled` when all are there. */
  add(member: NodeRole): number {
    this.#filling ??= []
    this.list = this.#filling
    return this.#filling.push(member) - 1
  }

  /** Lets go of the room into which the list would have grown. */
  filled(): void {
    this.list = this.list.slice()
    this.#filling = undefined
  }

  /** `place`: where it probably stands. */
  get(nodeName: string, place = 0): NodeRole | undefined {
    const there = this.list[place]
    if (there?.nodeName === nodeName) return there
    let low = 0
    let high = this.list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.list[middle] as NodeRole).nodeName < nodeName) low = middle + 1
      else high = middle
    }
    const found = this.list[low]
    return found?.nodeName === nodeName ? found : undefined
  }

  has(nodeName: string): boolean {
    return this.get(nodeName) !== undefined
  }

  values(): Iterable<NodeRole> {
    return this.list
  }
}
