// Room for members to be hurt in: never more of them at once than a quorum can miss, and none twice at once.

export class Room {
  readonly #most: number
  readonly #hurt = new Set<string>()
  #waiting: (() => void)[] = []

  constructor(members: number) {
    this.#most = Math.floor((members - 1) / 2)
  }

  /** False where it was over before there was room. */
  async take(member: string, over: AbortSignal): Promise<boolean> {
    const wake = (): void => this.#wake()
    over.addEventListener('abort', wake)
    try {
      while (!over.aborted) {
        if (this.#hurt.size < this.#most && !this.#hurt.has(member)) {
          this.#hurt.add(member)
          return true
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
      return false
    } finally {
      over.removeEventListener('abort', wake)
    }
  }

  free(member: string): void {
    this.#hurt.delete(member)
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
