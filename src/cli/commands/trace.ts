// `anneal trace VALUE`: from a value to all that consumes it, through early outputs and runs.
import type { TraceStep } from '../../model/provenance.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JsonLines } from '../json-lines.ts'
import { traceWithoutSecrets } from '../../model/without-secrets.ts'
import { traceLines } from '../trace-text.ts'

export default async function trace(
  door: Door,
  flags: SiteFlags & { all: boolean },
  ...words: string[]
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.trace(words, flags.all)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const view = traceWithoutSecrets(found.value)
    const { roots, counts, left } = view
    if (flags.json) {
      const lines = door.json('trace', { counts, left })
      for (const root of roots) stepJson(lines, root, [])
    } else door.print(traceLines(view, flags.all))
    return EXIT.ok
  })
}

/** A line for each place, in the order of the tree; `path` tells how deep it stands and below what. */
function stepJson(lines: JsonLines, { to, ...step }: TraceStep, path: number[]): void {
  lines.line('step', { path, ...step })
  to.forEach((each, index) => stepJson(lines, each, [...path, index]))
}
