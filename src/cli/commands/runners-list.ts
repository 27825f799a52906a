// `anneal runners`: processes elsewhere that carry out runs, and how they stand.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { runnerTable } from '../runner-text.ts'

export default async function list(door: Door, flags: SiteFlags): Promise<ExitCode> {
  return door.reading(flags, async ({ runners }) => {
    const found = await runners.list()
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    if (flags.json) {
      const lines = door.json('runners', { count: found.value.length })
      for (const runner of found.value) lines.line('runner', runner)
    } else if (found.value.length === 0)
      door.talk([['no runner was let in; everything is carried out where Anneal runs']])
    else door.print(runnerTable(found.value, door.width()))
    return EXIT.ok
  })
}
