// `anneal audit export`: the history with the digests of its chain, so that somebody else can verify it.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export default async function exportTrail(door: Door, flags: SiteFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const exported = await (await door.world.trail(directory)).export()
  if (!exported.ok) return door.refuse(exported.refusal, flags.json)
  for await (const line of exported.value) {
    if (door.world.stdout.closed()) break
    door.world.stdout.write(line)
  }
  door.talk([
    [styled('warn', 'keep it as you keep the journal: '), 'it holds all events, with what runs were given'],
  ])
  return EXIT.ok
}
