// `anneal timeline`: every revision, newest first: who, when, why, and what became of it.
import type { RevisionView } from '../../model/view.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'
import { type Span, styled } from '../text.ts'
import { statusStyle, whoOf } from '../revision-text.ts'

export default async function timeline(door: Door, flags: SiteFlags): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.timeline()
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const newest = found.value.toReversed()
    if (flags.json) {
      const lines = door.json('timeline', { count: newest.length })
      for (const revision of newest) lines.line('revision', revision)
    } else if (newest.length === 0) door.talk([['nothing was proposed yet']])
    else door.print(table(COLUMNS, newest.map(row), door.width()))
    return EXIT.ok
  })
}

const COLUMNS = [
  { title: 'REVISION', align: 'right' as const },
  { title: 'ONTO', align: 'right' as const },
  { title: 'STATUS' },
  { title: 'WHEN' },
  { title: 'WHO', shrinksTo: 8 },
  { title: 'WHY', shrinksTo: 10 },
]

function row(revision: RevisionView): Span[] {
  return [
    String(revision.revision),
    String(revision.onto),
    styled(statusStyle(revision.status), revision.status),
    localTime(revision.at),
    whoOf(revision),
    revision.message,
  ]
}
