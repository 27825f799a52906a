// The runner of this house over machines that are made up and take no time, with a stamp for each run that begins and ends.
import { simulatedDriver } from '../../src/drivers/simulated.ts'
import { LocalRunner } from '../../src/runner/local-runner.ts'
import type { Runner } from '../../src/runner/runner.ts'
import type { ShiftTools } from '../../src/runner/shift.ts'
import { simulatedTransport } from '../../src/transports/simulated.ts'

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
  const runner = new LocalRunner({
    siteDir: '/nowhere',
    transports: [simulatedTransport('local')],
    drivers: [
      {
        ...simulatedDriver({
          outcome: () => ({ result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }),
        }),
        kind: 'script',
      },
    ],
    blob: async () => undefined,
    render: () => ({ ok: true, text: '' }),
    schema: () => () => undefined,
    events: {
      notice: (node, message) => events.notice(node, message),
      report(report) {
        if (report.kind === 'reportRun') stamps.runs[report.run] = [began.get(report.run) ?? 0, now()]
        events.report(report)
      },
    },
    openTranscript,
    transcriptSoon: true,
  })
  return {
    start(order) {
      if (stamps.orderBytes === 0) stamps.orderBytes = JSON.stringify(order).length
      began.set(order.run, now())
      runner.start(order)
    },
    cancel: (run) => runner.cancel(run),
    check: (order) => runner.check(order),
    // Without a machine there is nothing to gather facts from.
    contact: ({ name }) =>
      events.report({
        kind: 'reportContact',
        node: name,
        outcome: { result: 'reached', facts: { os: 'debian' } },
      }),
    close: () => runner.close(),
  }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
