// `anneal audit verify [EXPORT]`: whether the history, or an export of it, is what was written.
import { ANCHOR_PATTERN } from '../../model/audit.ts'
import { reportLines } from '../audit-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export type VerifyFlags = SiteFlags & { anchor?: string }

export default async function verify(door: Door, flags: VerifyFlags, file?: string): Promise<ExitCode> {
  const { anchor } = flags
  if (anchor !== undefined && !ANCHOR_PATTERN.test(anchor))
    return door.fail(`${anchor} is no anchor`, 'give it as anneal audit verify printed it', flags.json)
  // Whoever has an export alone has no site.
  const directory = file === undefined ? door.siteDirectory(flags) : door.world.cwd
  if (directory === undefined) return EXIT.usage
  const trail = await door.world.trail(directory)
  const found = file === undefined ? await trail.verify(anchor) : await trail.verifyExport(file, anchor)
  if (!found.ok) return door.refuse(found.refusal, flags.json)
  if (flags.json) door.json('trail', found.value)
  else {
    door.print(reportLines(file === undefined ? 'the history' : `the export ${file}`, found.value))
    if (anchor === undefined) door.talk([[styled('faint', ADVICE)]])
  }
  return EXIT.ok
}

const ADVICE =
  'who may write here could have written all of it anew: keep the anchor elsewhere, and give it next time (--anchor)'
