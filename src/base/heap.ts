// A binary heap: the least of many items first, by a comparator of the caller's.

export class Heap<T> {
  readonly #before: (a: T, b: T) => number
  readonly #items: T[] = []

  /** `compare` as for `Array.sort`; where order must repeat exactly, it must not call different items equal. */
  constructor(compare: (a: T, b: T) => number) {
    this.#before = compare
  }

  get size(): number {
    return this.#items.length
  }

  /** The least item, left in place; undefined when empty. */
  peek(): T | undefined {
    return this.#items[0]
  }

  /** All of it, in any order. */
  drain(): T[] {
    return this.#items.splice(0)
  }

  clear(): void {
    this.#items.length = 0
  }

  push(item: T): void {
    const items = this.#items
    let hole = items.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (this.#before(items[parent] as T, item) <= 0) break
      items[hole] = items[parent] as T
      hole = parent
    }
    items[hole] = item
  }

  /** Takes out the least item; undefined when empty. */
  pop(): T | undefined {
    const items = this.#items
    const least = items[0]
    const last = items.pop()
    if (items.length > 0) this.#sink(last as T)
    return least
  }

  /** Puts `item` in at the root and moves it down to where it belongs. */
  #sink(item: T): void {
    const items = this.#items
    const size = items.length
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      if (child + 1 < size && this.#before(items[child + 1] as T, items[child] as T) < 0) child++
      if (this.#before(item, items[child] as T) <= 0) break
      items[hole] = items[child] as T
      hole = child
    }
    items[hole] = item
  }
}
