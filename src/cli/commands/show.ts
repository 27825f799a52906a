// `anneal show REVISION`: one revision, and what it says otherwise than the one that it was made onto.
import type { TargetDifference } from '../../model/view.ts'
import { shownValue } from '../diff-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Line, styled } from '../text.ts'
import { revisionLines } from '../timeline-text.ts'

export default async function show(door: Door, flags: SiteFlags, revision: number): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.show(revision)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const { differences } = found.value
    if (flags.json) {
      const lines = door.json('revision', { ...found.value.revision })
      for (const difference of differences) lines.line('difference', difference)
    } else door.print([...revisionLines(found.value.revision), ...differences.map(differenceLine)])
    return EXIT.ok
  })
}

function differenceLine({ path, before, after }: TargetDifference): Line {
  const where = path.join(' ')
  if (before === undefined)
    return [styled('good', '  + '), `${where}  `, styled('good', shownValue(after ?? null))]
  if (after === undefined) return [styled('bad', '  - '), `${where}  `, styled('bad', shownValue(before))]
  return [
    styled('warn', '  ~ '),
    `${where}  `,
    styled('bad', shownValue(before)),
    ' -> ',
    styled('good', shownValue(after)),
  ]
}
