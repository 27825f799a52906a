// `anneal discard REVISION`: takes a proposal off the table; it stays on the timeline as discarded.
import { tellElsewhere } from '../controlling.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default async function discard(door: Door, flags: SiteFlags, revision: number): Promise<ExitCode> {
  return door.writing(flags, async (operations) => {
    const discarded = await operations.discard(revision, door.world.user)
    if (!discarded.ok) return door.refuse(discarded.refusal, flags.json)
    const { revision: view, ...by } = discarded.value
    if (flags.json) door.json('discarded', { ...view, ...by })
    else {
      door.print([[`revision ${revision} is discarded`]])
      tellElsewhere(door, by)
    }
    return EXIT.ok
  })
}
