// `anneal propose`: writes the site as its files are now to the timeline as a proposal; nothing runs.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { printProposal } from '../timeline-text.ts'

export default async function propose(
  door: Door,
  flags: SiteFlags & { all: boolean; message?: string },
): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  const { site, content } = loaded
  return door.writing({ ...flags, site: directory }, async (operations) => {
    const message = flags.message ?? ''
    const proposed = await operations.propose({ site, content, by: door.world.user, message })
    if (!proposed.ok) return door.refuse(proposed.refusal, flags.json)
    return printProposal(door, flags, proposed.value)
  })
}
