// `anneal cycles show [N]`: one cycle; with `--critical-path` what its time was made of and what to speed up.
import { cycleLines, pathLines } from '../cycle-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default async function cycle(
  door: Door,
  flags: SiteFlags & { criticalPath: boolean },
  number?: number,
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.cycle(number)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const { cycle: shown, steps, ...rest } = found.value
    if (flags.json) {
      const lines = door.json('cycle', flags.criticalPath ? { ...shown, ...rest } : { ...shown })
      if (flags.criticalPath) for (const step of steps) lines.line('step', step)
    } else {
      const path = flags.criticalPath ? [[], ...pathLines(found.value, door.width())] : []
      door.print([...cycleLines(shown), ...path])
    }
    return EXIT.ok
  })
}
