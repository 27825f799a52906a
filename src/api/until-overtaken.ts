// Until another server anneals: what was handed to one that is stopped is not waited for once it was overtaken.
import type { Serving } from '../engine/serving.ts'

const LOOK_MS = 250

export interface Watching {
  /** Aborted when the one at `url` was silent, and another one anneals since. */
  signal: AbortSignal
  end: () => void
}

/** One that ends by itself says the last of its answers: only from a silent one nothing more comes. */
export function untilOvertaken(serving: Serving, url: string): Watching {
  const over = new AbortController()
  let wasSilent = false
  const timer = setInterval(() => {
    const standby = serving.standby?.()
    if (standby?.active?.url === url) wasSilent = standby.silent !== undefined
    else if (wasSilent) over.abort(new Error('it gave no sign of life, and was overtaken'))
  }, LOOK_MS)
  timer.unref()
  return { signal: over.signal, end: () => clearInterval(timer) }
}
