// `anneal runners revoke NAME`: its identity is good for nothing from now on.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export type WhyFlags = SiteFlags & { why?: string }

export default async function revoke(door: Door, flags: WhyFlags, runner: string): Promise<ExitCode> {
  return door.writing(flags, async ({ runners }) => {
    const told = await runners.revoke(runner, door.world.user, flags.why)
    if (!told.ok) return door.refuse(told.refusal, flags.json)
    if (flags.json) door.json('runner', told.value)
    else door.talk([[styled('good', '- '), `runner ${runner} is revoked`]])
    return EXIT.ok
  })
}
