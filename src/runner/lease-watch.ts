// Watches leases: whoever was silent for longer than a lease has lost it, unless it was this process that slept.
import type { Lease } from './lease.ts'

export interface DeskClock {
  /** Milliseconds that never go back. */
  now(): number
  /** The function that comes back takes it back. */
  after(ms: number, wake: () => void): () => void
}

/** Until there is none any more; the function that comes back ends it at once. `lose` takes the lease away. */
export function watchLeases(
  leases: ReadonlyMap<string, Lease>,
  { clock, leaseMs }: { clock: DeskClock; leaseMs: number },
  lose: (runner: string, why: string) => void,
  ended: () => void,
): () => void {
  const everyMs = leaseMs / 4
  let lookedAt = clock.now()
  let stop = clock.after(everyMs, look)
  return () => stop()

  function look(): void {
    const now = clock.now()
    // Nobody could be heard meanwhile, and that is nobody's fault but ours.
    const slept = now - lookedAt > everyMs * 2
    lookedAt = now
    for (const lease of leases.values()) {
      if (slept) lease.heardAt = now
      else if (now - lease.heardAt > leaseMs) lose(lease.runner, `it was silent for ${spanOf(leaseMs)}`)
    }
    if (leases.size === 0) return ended()
    stop = clock.after(everyMs, look)
  }
}

function spanOf(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`
}
