// `anneal discard REVISION`: takes a proposal off the table; it stays on the timeline as discarded.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default async function discard(door: Door, flags: SiteFlags, revision: number): Promise<ExitCode> {
  return door.writing(flags, async (operations) => {
    const discarded = await operations.discard(revision, door.world.user)
    if (!discarded.ok) return door.refuse(discarded.refusal, flags.json)
    if (flags.json) door.json('discarded', { ...discarded.value })
    else door.print([[`revision ${revision} is discarded`]])
    return EXIT.ok
  })
}
