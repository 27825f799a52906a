// `anneal diff`: what committing the site as its files are now would do.
import { diffLines, isEmptyDiff } from '../diff-text.ts'
import { diffWithoutSecrets } from '../secrets.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default async function diff(door: Door, flags: SiteFlags & { all: boolean }): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  return door.reading({ ...flags, site: directory }, async (operations) => {
    const found = await operations.diff(loaded.site)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    if (flags.json) {
      const { changes, ...head } = diffWithoutSecrets(found.value)
      const lines = door.json('diff', head)
      for (const change of changes) lines.line('change', change)
    } else door.print(diffLines(diffWithoutSecrets(found.value), flags.all))
    return isEmptyDiff(found.value) ? EXIT.ok : EXIT.pending
  })
}
