// The status of a site as it was at a moment of its past, out of its journal.
import { viewStatus } from '../annealer/view.ts'
import type { Operations } from '../model/operations.ts'
import { type Answer, refuse } from '../model/refusal.ts'
import type { StatusView } from '../model/view.ts'
import { PastWorlds } from './past-worlds.ts'
import { refusalOf } from './reading.ts'
import type { SiteParts } from './site-parts.ts'

/** Reads on its own, from the beginning of the journal, beside whoever writes it. */
export function statusAt({ store, language }: Pick<SiteParts, 'store' | 'language'>): Operations['statusAt'] {
  return async (moment, most): Promise<Answer<StatusView>> => {
    const opened = await store.openReader()
    if (!opened.ok) return opened
    const reader = opened.value
    try {
      const worlds = new PastWorlds({
        language: async () => language,
        events: (after) => reader.events(after),
      })
      // Who asks here waits to the end.
      const { signal } = new AbortController()
      return await worlds.at(moment, signal, (world, then) => ({ ...viewStatus(world, most), past: then }))
    } catch (error) {
      return refuse(refusalOf(error))
    } finally {
      await reader.close()
    }
  }
}
