// `anneal runners resume NAME`: it takes work again.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export type WhyFlags = SiteFlags & { why?: string }

export default async function resume(door: Door, flags: WhyFlags, runner: string): Promise<ExitCode> {
  return door.writing(flags, async ({ runners }) => {
    const told = await runners.resume(runner, door.world.user, flags.why)
    if (!told.ok) return door.refuse(told.refusal, flags.json)
    if (flags.json) door.json('runner', told.value)
    else door.talk([[styled('good', '+ '), `runner ${runner} takes work again`]])
    return EXIT.ok
  })
}
