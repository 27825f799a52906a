// `anneal journal verify`, `move`, `export` and `import`: the journal of a site as a whole.
import { open } from 'node:fs/promises'
import { ANCHOR_PATTERN } from '../../model/audit.ts'
import { reportLines } from '../audit-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export async function verify(door: Door, flags: SiteFlags & { anchor?: string }): Promise<ExitCode> {
  const { anchor } = flags
  if (anchor !== undefined && !ANCHOR_PATTERN.test(anchor))
    return door.fail(`${anchor} is no anchor`, 'give it as anneal journal verify printed it', flags.json)
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const found = await (await door.world.journal(directory)).verify(anchor)
  if (!found.ok) return door.refuse(found.refusal, flags.json)
  if (flags.json) door.json('journal', found.value)
  else door.print(reportLines('the journal', found.value))
  return EXIT.ok
}

export async function move(door: Door, flags: SiteFlags, to: string): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const moved = await (await door.world.journal(directory)).move(to)
  if (!moved.ok) return door.refuse(moved.refusal, flags.json)
  const { report, from, where, aside } = moved.value
  if (flags.json) {
    door.json('journal', { ...report, from, to: where, aside })
    return EXIT.ok
  }
  door.print([
    [styled('good', 'moved  '), `${from} to ${where}`],
    ...reportLines('the journal there', report),
  ])
  const next =
    to === 'embedded'
      ? 'take database: out of server.yaml, and ANNEAL_DATABASE out of where it is set'
      : `say database: ${to} in server.yaml, or set ANNEAL_DATABASE`
  door.talk([
    [styled('faint', `what was there before is kept as ${aside}`)],
    [styled('faint', '  next: '), next],
  ])
  return EXIT.ok
}

export async function exported(door: Door, flags: SiteFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const lines = await (await door.world.journal(directory)).export()
  if (!lines.ok) return door.refuse(lines.refusal, flags.json)
  for await (const line of lines.value) {
    if (door.world.stdout.closed()) break
    door.world.stdout.write(line)
  }
  door.talk([
    [styled('warn', 'keep it as you keep the journal: '), 'it holds all events, with what runs were given'],
  ])
  return EXIT.ok
}

export async function imported(door: Door, flags: SiteFlags, file: string): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const opened = await open(file).catch((error: Error) => error)
  if (opened instanceof Error)
    return door.fail(
      `${file} cannot be read: ${opened.message}`,
      'name what anneal journal export wrote',
      flags.json,
    )
  try {
    const taken = await (await door.world.journal(directory)).import(opened.readLines())
    if (!taken.ok) return door.refuse(taken.refusal, flags.json)
    if (flags.json) door.json('journal', taken.value)
    else door.print(reportLines('the journal', taken.value))
    return EXIT.ok
  } finally {
    await opened.close()
  }
}
