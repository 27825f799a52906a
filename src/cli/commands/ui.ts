// `anneal ui`: a link that opens a session on the page of the server, once, within a minute.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export type UiFlags = SiteFlags & { print: boolean }

export default async function ui(door: Door, flags: UiFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const { world } = door
  const made = await world.signInLink(directory)
  if (!made.ok) return door.refuse(made.refusal, flags.json)
  const { url, endsAt } = made.value
  const opened = !flags.print && !flags.json && world.stdout.isTTY && (await world.openPage(directory, url))
  if (flags.json) door.json('link', { url, endsAt })
  else door.print([[url]])
  door.talk([[styled('faint', opened ? 'opened in your browser' : 'good once, for a minute')]])
  return EXIT.ok
}
