// `anneal show REVISION`: one revision, and what it says otherwise than the one that it was made onto, or what its roles were then.
import type { LockedRole } from '../../model/view.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Line, styled } from '../text.ts'
import { differenceLine, revisionLines } from '../revision-text.ts'

export type ShowFlags = SiteFlags & { content: boolean }

export default async function show(door: Door, flags: ShowFlags, revision: number): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.show(revision)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const { differences, content } = found.value
    if (flags.json) {
      const lines = door.json('revision', { ...found.value.revision })
      if (flags.content) for (const locked of content) lines.line('content', locked)
      else for (const difference of differences) lines.line('difference', difference)
    } else {
      const lines = flags.content ? contentLines(content) : differences.map(differenceLine)
      door.print([...revisionLines(found.value.revision), ...lines])
    }
    return EXIT.ok
  })
}

/** As much of a digest as tells it from others; `--json` has it whole. */
const DIGITS = 16

function contentLines(content: readonly LockedRole[]): Line[] {
  return content.flatMap(({ role, package: from, digest, files }): Line[] => [
    [styled('strong', role), `  ${from}  `, styled('faint', digest.slice(0, DIGITS))],
    ...files.map((file): Line => [`  ${file.path}  `, styled('faint', file.digest.slice(0, DIGITS))]),
  ])
}
