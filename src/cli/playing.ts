// Plays the demo: made up time goes by faster than ours, and is shown as the progress of a real annealing is.
import { answer } from '../model/refusal.ts'
import type { DemoRequest } from '../model/rehearsal.ts'
import { type AnnealFlags, annealing } from './annealing.ts'
import { Door } from './door.ts'
import type { ExitCode } from './exit-codes.ts'
import { styled } from './text.ts'

/** As long as somebody likes to look on. */
const PLAY_MS = 24_000
const TICK_MS = 100

export async function playing(
  door: Door,
  flags: AnnealFlags,
  luck: Pick<DemoRequest, 'seed' | 'fail' | 'dead'>,
): Promise<ExitCode> {
  const { world } = door
  const at = world.now()
  let speed = 1
  const now = (): number => Math.round(at + (world.now() - at) * speed)
  const shown = new Door({ ...world, now }, door.siteGiven)
  if (!flags.json)
    door.talk([[styled('strong', 'A fleet of 100 machines, all made up'), '; nothing real is touched']])
  return annealing(
    door,
    { ...flags, stay: false },
    'simulate',
    async (request) => {
      const { by, signal } = request
      const demo = await world.demo({ ...luck, at, by, onFeed: (feed) => request.onFeed(feed) })
      speed = Math.max(1, demo.lengthMs / PLAY_MS)
      await new Promise<void>((resolve) => {
        const stop = world.every(TICK_MS, () => {
          if (signal.aborted) demo.stop()
          if (demo.advance(now())) return
          stop()
          resolve()
        })
      })
      const result = demo.result()
      // What was made up and then interrupted is gone on with by nobody: there is nothing to sum up.
      return answer(signal.aborted ? { ...result, outcome: 'declined' } : result)
    },
    shown,
  )
}
