// A real runner over machines that are made up: a driver says what comes of a run, and every node is reached at once.
import type { Driver } from '../../src/drivers/driver.ts'
import { LocalRunner } from '../../src/runner/local-runner.ts'
import type { Runner } from '../../src/runner/runner.ts'
import type { ShiftTools } from '../../src/runner/shift.ts'
import { simulatedTransport } from '../../src/transports/simulated.ts'

export function runnerOfMadeUp(
  {
    events,
    openTranscript,
    content,
  }: Pick<ShiftTools, 'events' | 'openTranscript'> & Partial<Pick<ShiftTools, 'content'>>,
  driver: Driver,
): Runner {
  const runner = new LocalRunner({
    siteDir: '/nowhere',
    transports: [simulatedTransport('ssh'), simulatedTransport('local')],
    drivers: [driver],
    blob: content ?? (async () => undefined),
    render: () => ({ ok: true, text: '' }),
    schema: () => () => undefined,
    events,
    openTranscript,
    transcriptSoon: true,
  })
  return {
    start: (order) => runner.start(order),
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
