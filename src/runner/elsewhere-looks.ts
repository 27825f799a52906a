// Looks by way of runners elsewhere, for one who asks: a Runner that looks at nodes through the desk, and does nothing else.
import { assert } from '../base/assert.ts'
import type { LeaseDesk } from './lease-desk.ts'
import type { Runner, RunnerEvents } from './runner.ts'

let asked = 0

/** `content`: what the looks refer to. Closing gives up what is under way, and each is reported all the same. */
export function elsewhereLooks(
  desk: Pick<LeaseDesk, 'aside'>,
  content: (digest: string) => Promise<Uint8Array | undefined>,
  events: RunnerEvents,
): Runner {
  const of = `look-${++asked}`
  const under = new Set<() => void>()
  return {
    check(order) {
      const giveUp = desk.aside(
        { kind: 'look', of, order },
        {
          notice: (message) => events.notice(order.node.name, message),
          content,
          report(ended) {
            under.delete(giveUp)
            if (ended.kind !== 'execEnded') events.report(ended)
          },
        },
      )
      under.add(giveUp)
    },
    start: () => assert(false, 'whoever looks beside the engine runs nothing'),
    contact: () => assert(false, 'whoever looks beside the engine contacts nobody'),
    cancel() {},
    async close() {
      for (const giveUp of under) giveUp()
    },
  }
}
