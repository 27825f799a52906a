// `anneal execs`: the latest ad-hoc commands, newest first: who ran what where, and how it ended.
import type { ExecView } from '../../model/exec.ts'
import type { Door, SiteFlags } from '../door.ts'
import { isSuccess } from '../exec-text.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'
import { type Span, styled } from '../text.ts'

export default async function execs(door: Door, flags: SiteFlags & { limit: number }): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.execs(flags.limit)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const newest = found.value.toReversed()
    if (flags.json) {
      const lines = door.json('execs', { count: newest.length })
      for (const exec of newest) lines.line('exec', exec)
    } else if (newest.length === 0) door.talk([['nothing was executed yet']])
    else door.print(table(COLUMNS, newest.map(row), door.width()))
    return EXIT.ok
  })
}

const COLUMNS = [
  { title: 'EXEC' },
  { title: 'BY' },
  { title: 'STARTED' },
  { title: 'NODES', align: 'right' as const },
  { title: 'FAILED', align: 'right' as const },
  { title: 'ON', shrinksTo: 12 },
  { title: 'COMMAND', shrinksTo: 16 },
]

function row({ exec, by, why, startedAt, nodes, selection, argv, become }: ExecView): Span[] {
  const failed = nodes.filter(({ outcome }) => !isSuccess(outcome)).length
  const command = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
  return [
    exec,
    by,
    localTime(startedAt),
    String(nodes.length),
    failed > 0 ? styled('bad', String(failed)) : '0',
    selection,
    `${become ? '(root) ' : ''}${command}${why === undefined ? '' : `  (${why})`}`,
  ]
}
