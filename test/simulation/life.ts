// A life: of a process, from its start to its death, after which nothing of it may have an effect.

export class Life {
  readonly name: string
  readonly death: Promise<void>
  #alive = true
  #end!: () => void
  readonly #watchers: (() => void)[] = []

  constructor(name: string) {
    this.name = name
    this.death = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get alive(): boolean {
    return this.#alive
  }

  onDeath(what: () => void): void {
    if (this.#alive) this.#watchers.push(what)
    else what()
  }

  die(): void {
    if (!this.#alive) return
    this.#alive = false
    this.#end()
    for (const watcher of this.#watchers) watcher()
  }
}
