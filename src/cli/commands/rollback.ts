// `anneal rollback REVISION`: proposes what an earlier revision said once more; history stays as it was.
import type { Door, SiteFlags } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'
import { printProposal } from '../timeline-text.ts'

export default async function rollback(
  door: Door,
  flags: SiteFlags & { all: boolean; message?: string },
  revision: number,
): Promise<ExitCode> {
  return door.writing(flags, async (operations) => {
    const message = flags.message ?? `back to revision ${revision}`
    const proposed = await operations.rollback(revision, door.world.user, message)
    if (!proposed.ok) return door.refuse(proposed.refusal, flags.json)
    return printProposal(door, flags, proposed.value)
  })
}
