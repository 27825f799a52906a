// `anneal status [--at WHEN]`: the site at a glance, now or as it was, and each node-role that is not as it should be, with why.
import type { Door, SiteFlags } from '../door.ts'
import { type ExitCode, exitOfStatus } from '../exit-codes.ts'
import type { Standby } from '../../model/server-place.ts'
import { silenceWords } from '../../model/silence-words.ts'
import type { MomentGiven } from '../parse-moment.ts'
import { SHOWN, statusLines } from '../status-text.ts'
import { type Line, styled } from '../text.ts'

export type StatusFlags = SiteFlags & { all: boolean; at?: MomentGiven }

export default async function status(door: Door, flags: StatusFlags): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const most = flags.all || flags.json ? undefined : SHOWN
    const moment = flags.at?.(door.world.now())
    const found = await (moment ? operations.statusAt(moment, most) : operations.status(most))
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    if (flags.json) {
      const { nodeRoles, ...head } = found.value
      const { server, standby } = operations
      const lines = door.json('status', { ...head, ...(standby ? { standby: { server, ...standby } } : {}) })
      for (const nodeRole of nodeRoles) lines.line('nodeRole', nodeRole)
    } else {
      const { server, standby } = operations
      if (standby) door.print([standbyLine(server ?? '', standby)])
      door.print(statusLines(found.value, { now: door.world.now(), width: door.width(), all: flags.all }))
    }
    return exitOfStatus(found.value)
  })
}

function standbyLine(server: string, { active, silent }: Standby): Line {
  const who = active === undefined ? 'none that anneals is known just now' : `${active} anneals`
  return [
    styled('faint', `${server} stands by: ${who}`),
    ...(silent ? [styled('warn', `; ${silenceWords(silent)}`)] : []),
  ]
}
