// `anneal diff`: what committing the site as its files are now would do.
import type { Operations, ProposeRequest } from '../../model/operations.ts'
import type { Diff } from '../../model/view.ts'
import { diffLines, isEmptyDiff } from '../diff-text.ts'
import { diffWithoutSecrets } from '../../model/without-secrets.ts'
import type { Door, SiteFlags } from '../door.ts'
import { dryRunLines } from '../dry-run-text.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JsonLines } from '../json-lines.ts'

export default async function diff(
  door: Door,
  flags: SiteFlags & { all: boolean; check: boolean },
): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  return door.reading({ ...flags, site: directory }, async (operations) => {
    if (flags.check) return dryRun(door, flags, operations, loaded)
    const found = await operations.diff(loaded.site)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    show(door, flags, found.value)
    return isEmptyDiff(found.value) ? EXIT.ok : EXIT.pending
  })
}

async function dryRun(
  door: Door,
  flags: { all: boolean; json: boolean },
  operations: Operations,
  { site, content }: Pick<ProposeRequest, 'site' | 'content'>,
): Promise<ExitCode> {
  const stop = new AbortController()
  const forget = door.world.onInterrupt(() => stop.abort())
  const onNotice = (node: string, message: string): void => door.talk([[`* ${node}: ${message}`]])
  try {
    const looked = await operations.dryRun({ site, content, signal: stop.signal, onNotice })
    if (!looked.ok) return door.refuse(looked.refusal, flags.json)
    const lines = show(door, flags, looked.value.diff)
    if (lines === undefined) door.print(dryRunLines(looked.value))
    for (const finding of looked.value.findings) lines?.line('finding', finding)
    for (const unlooked of looked.value.unlooked) lines?.line('unlooked', unlooked)
    return stop.signal.aborted ? EXIT.interrupted : isEmptyDiff(looked.value.diff) ? EXIT.ok : EXIT.pending
  } finally {
    forget()
  }
}

function show(door: Door, flags: { all: boolean; json: boolean }, diff: Diff): JsonLines | undefined {
  const shown = diffWithoutSecrets(diff)
  if (!flags.json) {
    door.print(diffLines(shown, flags.all))
    return undefined
  }
  const { changes, ...head } = shown
  const lines = door.json('diff', head)
  for (const change of changes) lines.line('change', change)
  return lines
}
