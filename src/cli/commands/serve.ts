// `anneal serve`: keeps the site annealed and answers over HTTP, until it is stopped.
import { type AnnealFlags, SAME_INTERRUPT_MS } from '../annealing.ts'
import { Door, type SiteFlags } from '../door.ts'
import type { LogLevel } from '../../base/log.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Address } from '../parse.ts'
import { jsonReporter, reporterFor } from '../reporter.ts'
import { siteFiles } from '../site-files.ts'
import { type Line, styled } from '../text.ts'
import type { ServeRequest } from '../world.ts'

export type ServeFlags = SiteFlags &
  AnnealFlags & { database?: string; listen?: Address; log?: 'text' | 'json'; logLevel?: LogLevel }

export default async function serve(door: Door, flags: ServeFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  const { world } = door
  // What is going on is talk here: stdout says where the server is.
  const talking = new Door({ ...world, stdout: world.stderr }, door.siteGiven)
  const json = flags.json ? door.json('serve') : undefined
  const reporter = json === undefined ? reporterFor(talking, flags) : jsonReporter(json)
  // Lines for who keeps them stand alone; progress is for who looks on.
  const logs = flags.log !== undefined || flags.logLevel !== undefined
  const opened = await world.serve({
    directory,
    ...(flags.database === undefined ? {} : { database: flags.database }),
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    now: loaded,
    files: siteFiles(door, directory, loaded),
    by: world.user,
    onFeed: (feed) => logs || reporter.take(feed),
    ...logAsked(flags),
    onLog: (line) => {
      reporter.pause()
      world.stderr.write(line)
    },
  })
  if (!opened.ok) return door.refuse(opened.refusal, json ?? false)
  const served = opened.value
  if (json === undefined) door.print([[served.url]])
  else json.line('listening', { url: served.url })
  let heardAt: number | undefined
  const unlisten = world.onInterrupt(() => {
    if (heardAt !== undefined && world.now() - heardAt < SAME_INTERRUPT_MS) return
    reporter.pause()
    if (heardAt !== undefined) world.exit(EXIT.interrupted)
    heardAt = world.now()
    door.talk([STOPPING])
    void served.drain(world.user)
  })
  try {
    await served.over
    await served.close()
    const fault = served.fault()
    reporter.pause()
    if (fault) return door.refuse(fault, json ?? false)
    door.talk([[styled('faint', 'stopped')]])
    return EXIT.ok
  } finally {
    reporter.pause()
    unlisten()
  }
}

/** Absent: nobody keeps lines, and only what somebody must see is said beside the progress. */
function logAsked({ log, logLevel }: ServeFlags): Pick<ServeRequest, 'log'> {
  if (log === undefined && logLevel === undefined) return {}
  return {
    log: {
      ...(log === undefined ? {} : { format: log }),
      ...(logLevel === undefined ? {} : { level: logLevel }),
    },
  }
}

const STOPPING: Line = [
  styled('warn', 'stopping: '),
  'runs in flight finish, nothing new starts; a second signal ends at once',
]
