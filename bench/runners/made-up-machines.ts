// Machines that are made up and take no time, with a stamp for each run that begins and ends.
import { simulatedDriver } from '../../src/drivers/simulated.ts'
import type { Runner } from '../../src/runner/runner.ts'
import type { ShiftTools } from '../../src/runner/shift.ts'
import { runnerOfMadeUp } from '../../test/support/made-up-machines.ts'

export interface Stamps {
  /** Run -> when it began and ended, in milliseconds since the epoch. */
  runs: Record<string, [number, number]>
  /** Of the first order, as it travels. */
  orderBytes: number
  /** Over HTTP. */
  requests: number
}

export function madeUpRunner({ events, openTranscript }: ShiftTools, stamps: Stamps): Runner {
  const began = new Map<string, number>()
  const stamped: ShiftTools['events'] = {
    notice: (node, message) => events.notice(node, message),
    report(report) {
      if (report.kind === 'reportRun') stamps.runs[report.run] = [began.get(report.run) ?? 0, now()]
      events.report(report)
    },
  }
  const done = simulatedDriver({
    outcome: () => ({ result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }),
  })
  const runner = runnerOfMadeUp({ events: stamped, openTranscript }, { ...done, kind: 'script' })
  return {
    ...runner,
    start(order) {
      if (stamps.orderBytes === 0) stamps.orderBytes = JSON.stringify(order).length
      began.set(order.run, now())
      runner.start(order)
    },
  }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
