// Who listens to what: each topic has a version that grows, and listeners that are told at once or not more often than they like.

export class Topics<Topic extends string> {
  readonly #listeners = new Map<Topic, Set<() => void>>()
  readonly #versions = new Map<Topic, number>()

  version(topic: Topic): number {
    return this.#versions.get(topic) ?? 0
  }

  /** `pauseMs`: told at most so often, and always of the last change. */
  listen(topic: Topic, listener: () => void, pauseMs = 0): () => void {
    const paused = pauseMs === 0 ? { call: listener, end: () => {} } : withPause(listener, pauseMs)
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(paused.call))
    return () => {
      listeners.delete(paused.call)
      paused.end()
    }
  }

  tell(topic: Topic): void {
    this.#versions.set(topic, this.version(topic) + 1)
    for (const listener of this.#listeners.get(topic) ?? []) listener()
  }
}

function withPause(listener: () => void, pauseMs: number): { call: () => void; end: () => void } {
  let timer: number | undefined
  let last = Number.NEGATIVE_INFINITY
  const call = (): void => {
    if (timer !== undefined) return
    const left = last + pauseMs - performance.now()
    const now = (): void => {
      timer = undefined
      last = performance.now()
      listener()
    }
    timer = window.setTimeout(now, Math.max(0, left))
  }
  return { call, end: () => window.clearTimeout(timer) }
}
