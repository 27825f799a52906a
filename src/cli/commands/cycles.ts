// `anneal cycles`: each disturbance from rest to rest, newest first, and whether the cycle gets shorter.
import { cyclesLines } from '../cycle-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default async function cycles(door: Door, flags: SiteFlags & { limit: number }): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.cycles()
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const { cycles: all, trend } = found.value
    if (flags.json) {
      const newest = all.slice(-flags.limit).reverse()
      const lines = door.json('cycles', { count: newest.length, ...(trend ? { trend } : {}) })
      for (const cycle of newest) lines.line('cycle', cycle)
    } else if (all.length === 0) door.talk([['nothing has disturbed the site yet']])
    else door.print(cyclesLines(found.value, flags.limit, door.width()))
    return EXIT.ok
  })
}
