// `anneal validate`: reads the site and its packages and says what is wrong, where; changes nothing, needs no machine.
import type { Refusal } from '../../model/refusal.ts'
import type { Site } from '../../model/site.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export default async function validate(door: Door, flags: SiteFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  const { site, warnings } = loaded
  const refusal = await placingRefusal(door, directory, site)
  if (refusal !== undefined) return door.refuse(refusal, flags.json)
  const counts = {
    nodes: Object.keys(site.nodes).length,
    deployments: Object.keys(site.deployments).length,
    roles: Object.keys(site.roles).length,
    warnings: warnings.length,
  }
  if (flags.json) {
    const lines = door.json('validate', { site: site.name, ...counts })
    for (const fault of warnings) lines.line('warning', fault)
  } else {
    const words = Object.entries(counts).filter(([what, count]) => what !== 'warnings' || count > 0)
    const told = words.map(([what, count]) => `${count} ${count === 1 ? what.slice(0, -1) : what}`).join(', ')
    door.print([[styled('strong', site.name), '  ', styled('good', 'valid'), `  ${told}`]])
  }
  return EXIT.ok
}

/** Circles and conflicts show only when roles are placed on nodes. What else a journal may refuse is not about these files. */
async function placingRefusal(door: Door, directory: string, site: Site): Promise<Refusal | undefined> {
  const opened = await door.world.openOperations(directory, 'read')
  if (!opened.ok) return undefined
  try {
    const diff = await opened.value.diff(site)
    return !diff.ok && OF_THE_FILES.has(diff.refusal.code) ? diff.refusal : undefined
  } finally {
    await opened.value.close()
  }
}

const OF_THE_FILES: ReadonlySet<Refusal['code']> = new Set(['invalidSite', 'waitsForItself', 'conflict'])
