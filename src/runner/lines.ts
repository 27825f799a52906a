// Lines of work in front of runners: whose line something joins, and who takes what from whose.
import { fitsRunner, type RunnerLabels } from '../model/runner.ts'
import { type Item, type Lease, loadOf } from './lease.ts'

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
    this.#lastOn.set(item.node, lease.runner)
    lease.queue.push(item)
    return lease
  }

  /** Its own first; with room left, what waits longest in the longest line of another. */
  take(lease: Lease, free: number): Item[] {
    const items = lease.queue.splice(0, free)
    if (lease.draining || lease.leaving) return items
    while (items.length < free) {
      const item = this.#fromAnother(lease)
      if (!item) break
      this.#lastOn.set(item.node, lease.runner)
      items.push(item)
    }
    return items
  }

  lastOn(node: string): string | undefined {
    return this.#lastOn.get(node)
  }

  forget(runner: string): void {
    for (const [node, last] of this.#lastOn) if (last === runner) this.#lastOn.delete(node)
  }

  #pick({ needs, node }: Item): Lease | undefined {
    const last = this.#leases.get(this.#lastOn.get(node) ?? '')
    if (last && mayTake(last, needs)) return last
    let best: Lease | undefined
    for (const lease of this.#leases.values())
      if (mayTake(lease, needs) && (!best || loadOf(lease) < loadOf(best))) best = lease
    return best
  }

  #fromAnother(lease: Lease): Item | undefined {
    const fits = ({ needs }: Item): boolean => fitsRunner(needs, lease.labels)
    const others = [...this.#leases.values()].filter((one) => one !== lease && one.queue.length > 0)
    for (const other of others.sort((a, b) => b.queue.length - a.queue.length)) {
      const at = other.queue.findIndex(fits)
      if (at >= 0) return other.queue.splice(at, 1)[0]
    }
    return undefined
  }
}

function mayTake({ labels, draining, leaving }: Lease, needs: RunnerLabels): boolean {
  return !draining && !leaving && fitsRunner(needs, labels)
}
