// `anneal simulate`: rehearses a change on machines that are made up, and says how it would go.
import type { RehearsalEnd, RehearsalReport, RehearsalRequest } from '../../model/rehearsal.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { playing } from '../playing.ts'
import { rehearsalLines } from '../rehearsal-text.ts'

export type SimulateFlags = SiteFlags & {
  revision?: number
  committed: boolean
  afresh: boolean
  nodes?: number
  runs?: number
  seed: number
  fail?: number
  dead: number
  demo: boolean
  all: boolean
  plain: boolean
}

export default async function simulate(door: Door, flags: SimulateFlags): Promise<ExitCode> {
  if (flags.demo) {
    const { seed, fail, dead, json, plain } = flags
    return playing(door, { json, plain }, { seed, dead, ...(fail === undefined ? {} : { fail }) })
  }
  if (flags.committed && flags.revision !== undefined)
    return door.fail(
      '--committed is a revision, too: give one of --committed and --revision',
      undefined,
      flags.json,
    )
  if (flags.runs === 0 || flags.nodes === 0)
    return door.fail('a rehearsal takes one node and one run at least', undefined, flags.json)
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const what = await meant(door, flags, directory)
  if (what === undefined) return EXIT.usage
  const { afresh, nodes, runs: times, seed, fail, dead } = flags
  const request: RehearsalRequest = {
    what,
    afresh,
    ...(nodes === undefined ? {} : { nodes }),
    ...(times === undefined ? {} : { times }),
    seed,
    ...(fail === undefined ? {} : { fail }),
    dead,
  }
  return door.reading({ ...flags, site: directory }, async (operations) => {
    const found = await operations.rehearse(request)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    if (flags.json) door.json('rehearsal', found.value)
    else door.print(rehearsalLines(found.value, flags.all, door.width()))
    return exitOf(found.value)
  })
}

async function meant(
  door: Door,
  { committed, revision, json }: SimulateFlags,
  directory: string,
): Promise<RehearsalRequest['what'] | undefined> {
  if (committed) return { kind: 'committed' }
  if (revision !== undefined) return { kind: 'revision', revision }
  const loaded = await door.load(directory, json)
  return loaded && { kind: 'files', site: loaded.site }
}

const EXIT_OF_END: Record<RehearsalEnd, ExitCode> = {
  endless: EXIT.problems,
  problems: EXIT.problems,
  word: EXIT.waitsForApproval,
  ready: EXIT.ok,
}

/** The worst that came of any of them. */
function exitOf({ ends }: RehearsalReport): ExitCode {
  for (const end of Object.keys(EXIT_OF_END) as RehearsalEnd[]) if (ends[end] > 0) return EXIT_OF_END[end]
  return EXIT.ok
}
