// A queue: what was put in first comes out first, in constant time and without a gap for each that has gone.

export class Queue<T> {
  #items: T[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The first one, taken out; undefined when empty. */
  shift(): T | undefined {
    if (this.#first >= this.#items.length) return undefined
    const item = this.#items[this.#first++]
    if (this.#first === this.#items.length) this.#clear()
    return item
  }

  /** What was long is let go: nothing that was in it is held by it. */
  #clear(): void {
    this.#first = 0
    if (this.#items.length > LONG) this.#items = []
    else this.#items.length = 0
  }
}

const LONG = 1_000
