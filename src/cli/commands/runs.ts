// `anneal runs [TARGET]`: the latest attempts, newest first.
import { formatDuration } from '../../base/duration.ts'
import type { RunFilter } from '../../model/operations.ts'
import type { RunView } from '../../model/view.ts'
import { causeWords } from '../../model/words.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { localTime } from '../local-time.ts'
import { verdict } from '../run-text.ts'
import { table } from '../table.ts'
import { firstLine, type Span, styled } from '../text.ts'

export default async function runs(
  door: Door,
  flags: SiteFlags & { limit: number },
  target?: string,
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const filter: RunFilter = { limit: flags.limit, ...(target === undefined ? {} : { target }) }
    const found = await operations.runs(filter)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const newest = [...found.value].sort((a, b) => b.startedAt - a.startedAt || runNumber(b) - runNumber(a))
    if (flags.json) {
      const lines = door.json('runs', { count: newest.length })
      for (const run of newest) lines.line('run', run)
    } else if (newest.length === 0) door.talk([['nothing ran yet']])
    else
      door.print(
        table(
          COLUMNS,
          newest.map((run) => row(run, door.world.now())),
          door.width(),
        ),
      )
    return EXIT.ok
  })
}

const COLUMNS = [
  { title: 'RUN' },
  { title: 'NODE-ROLE', shrinksTo: 16 },
  { title: 'ACTION' },
  { title: 'RESULT' },
  { title: 'STARTED' },
  { title: 'TOOK', align: 'right' as const },
  { title: 'WHY', shrinksTo: 10 },
]

function row(run: RunView, now: number): Span[] {
  const [, style, word] = verdict(run)
  const took = run.durationMs ?? now - run.startedAt
  return [
    run.run,
    run.nodeRole,
    run.attempt > 1 ? `${run.action} (${run.attempt})` : run.action,
    styled(style, word),
    localTime(run.startedAt),
    formatDuration(Math.max(0, took)),
    run.message === undefined || run.message === ''
      ? causeWords(run.cause)
      : `${firstLine(run.message)} (${causeWords(run.cause)})`,
  ]
}

function runNumber(run: RunView): number {
  return Number(run.run.replace('run-', ''))
}
