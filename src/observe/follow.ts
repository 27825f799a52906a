// Following a server: the world read once, then turn after turn on top of it, none twice and none left out.
import type { World } from '../annealer/world.ts'
import type { ServedTurn, Serving } from '../engine/serving.ts'
import { JournalFault } from '../journal/journal.ts'

export interface Following {
  /** The world has been read. Rejects with `JournalFault` where the journal had failed by then. */
  ready: Promise<void>
  end(): void
}

/** Both are given the world as it is then: for `hear` that of its turn or a later one, whose turns are still to come. */
export function follow(
  serving: Pick<Serving, 'ask' | 'head' | 'watch'>,
  begin: (world: World) => void,
  hear: (turn: ServedTurn, world: World) => void,
): Following {
  let seen = -1
  const ready = serving.ask((world) => {
    seen = serving.head()
    begin(world)
  })
  const end = serving.watch((turn) => {
    const heard = serving.ask((world) => {
      // The world was read when this turn was in it already.
      if (turn.events.length > 0 && turn.head <= seen) return
      seen = Math.max(seen, turn.head)
      hear(turn, world)
    })
    heard.catch(tolerate)
  })
  ready.catch(tolerate)
  return { ready, end }
}

/** When the journal has failed nothing happens any more, and whoever runs the server is told elsewhere. */
export function tolerate(error: unknown): void {
  if (!(error instanceof JournalFault)) throw error
}
