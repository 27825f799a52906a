// Lines of work in front of runners: whose line something joins, and who takes what from whose.
import { fitsRunner } from '../model/runner.ts'
import { type Item, type Lease, loadOf, mayTake, suits } from './lease.ts'

export class Lines {
  readonly #leases: ReadonlyMap<string, Lease>
  /** Who worked on a node last keeps its connection, and gets what comes next. */
  readonly #lastOn = new Map<string, string>()

  /** By runner; whoever has them changes them. */
  constructor(leases: ReadonlyMap<string, Lease>) {
    this.#leases = leases
  }

  /** Undefined where nobody that would do takes anything. */
  place(item: Item): Lease | undefined {
    const lease = this.#pick(item)
    if (!lease) return undefined
    this.#note(item, lease)
    // People wait for it, and the engine has time.
    const at = item.aside ? lease.queue.findIndex(({ aside }) => !aside) : -1
    lease.queue.splice(at < 0 ? lease.queue.length : at, 0, item)
    return lease
  }

  /** Its own first; with room left, what waits longest in the longest line of another. */
  take(lease: Lease, free: number): Item[] {
    const items = lease.queue.splice(0, free)
    if (lease.draining || lease.leaving) return items
    while (items.length < free) {
      const item = this.#fromAnother(lease)
      if (!item) break
      this.#note(item, lease)
      items.push(item)
    }
    return items
  }

  /** In words, of what was not placed. */
  whyNobody({ node, needs, aside }: Item): string {
    for (const { runner, labels, version, draining, leaving } of this.#leases.values())
      if (aside && !draining && !leaving && fitsRunner(needs, labels))
        return `${node} is for ${runner}, whose release ${version} carries out nothing beside its work: upgrade it`
    return `no runner that would do for ${node} is here`
  }

  lastOn(node: string): string | undefined {
    return this.#lastOn.get(node)
  }

  forget(runner: string): void {
    for (const [node, last] of this.#lastOn) if (last === runner) this.#lastOn.delete(node)
  }

  /** What is asked aside has a connection of its own. */
  #note({ node, aside }: Item, { runner }: Lease): void {
    if (!aside) this.#lastOn.set(node, runner)
  }

  #pick(item: Item): Lease | undefined {
    const last = this.#leases.get(this.#lastOn.get(item.node) ?? '')
    if (last && mayTake(last, item)) return last
    let best: Lease | undefined
    for (const lease of this.#leases.values())
      if (mayTake(lease, item) && (!best || loadOf(lease) < loadOf(best))) best = lease
    return best
  }

  #fromAnother(lease: Lease): Item | undefined {
    const others = [...this.#leases.values()].filter((one) => one !== lease && one.queue.length > 0)
    for (const other of others.sort((a, b) => b.queue.length - a.queue.length)) {
      const at = other.queue.findIndex((item) => suits(lease, item))
      if (at >= 0) return other.queue.splice(at, 1)[0]
    }
    return undefined
  }
}
