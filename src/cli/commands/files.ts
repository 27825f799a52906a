// `anneal files NODE/ROLE [--diff] [--secrets]`: the files of a node-role as they would be written, or what differs from its last success.
import { filesLines } from '../files-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default async function files(
  door: Door,
  flags: SiteFlags & { diff: boolean; secrets: boolean },
  nodeRole: string,
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.files(nodeRole, flags.secrets)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const { files: all, ...head } = found.value
    if (flags.json) {
      const lines = door.json('files', head)
      for (const each of all) lines.line('file', each)
    } else door.print(filesLines(found.value, flags.diff))
    return EXIT.ok
  })
}
