// `anneal watch`: follows what another process does to the site, until Ctrl-C or until it has come to rest.
import type { Operations } from '../../model/operations.ts'
import type { StatusView } from '../../model/view.ts'
import type { AnnealFlags } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode, exitOfStatus } from '../exit-codes.ts'
import { Follower } from '../follow.ts'
import { jsonReporter, type Reporter, reporterFor } from '../reporter.ts'
import { statusLines } from '../status-text.ts'

const LOOK_EVERY_MS = 250
/** Looking at a very large site takes time that its annealing needs: at most a fifth of it goes to watching. */
const REST_PER_LOOK = 4

export default async function watch(
  door: Door,
  flags: SiteFlags & AnnealFlags & { untilRest: boolean },
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const json = flags.json ? door.json('watch') : undefined
    const reporter = json === undefined ? reporterFor(door, flags) : jsonReporter(json)
    const interrupt = new AbortController()
    const unlisten = door.world.onInterrupt(() => interrupt.abort())
    try {
      const ended = await following(door, operations, reporter, { ...flags, signal: interrupt.signal })
      reporter.pause()
      if (!ended.ok) return door.refuse(ended.refusal, json ?? false)
      if (json === undefined && ended.value !== undefined) printStatus(door, ended.value)
      return ended.code
    } finally {
      reporter.pause()
      unlisten()
    }
  })
}

type Followed =
  /** Without a value: nothing was there to be seen. */
  | { ok: true; value?: StatusView; code: ExitCode }
  | Extract<Awaited<ReturnType<Follower['look']>>, { ok: false }>

async function following(
  door: Door,
  operations: Operations,
  reporter: Reporter,
  until: { untilRest: boolean; signal: AbortSignal },
): Promise<Followed> {
  const follower = new Follower(operations)
  let waits = false
  for (;;) {
    const lookedAt = door.world.now()
    const looked = await follower.look(lookedAt)
    const isOver = until.signal.aborted || door.world.stdout.closed()
    if (looked.ok) {
      for (const feed of looked.feeds) reporter.take(feed)
      const { status } = looked
      if (until.untilRest && isCommitted(status) && status.atRest)
        return { ok: true, value: status, code: exitOfStatus(status) }
      if (isOver) return { ok: true, value: status, code: EXIT.interrupted }
    } else if (looked.refusal.code !== 'nothingThere') return looked
    else if (isOver) return { ok: true, code: EXIT.interrupted }
    else if (!waits) {
      waits = true
      door.talk([['nothing was ever committed here; waiting for the first anneal up']])
    }
    await door.pause(Math.max(LOOK_EVERY_MS, REST_PER_LOOK * (door.world.now() - lookedAt)), until.signal)
  }
}

/** Between the first session and the first commit there is nothing that could be at rest. */
function isCommitted(status: StatusView): boolean {
  return status.revision > 0
}

function printStatus(door: Door, status: StatusView): void {
  door.print([[], ...statusLines(status, { now: door.world.now(), width: door.width(), all: false })])
}
