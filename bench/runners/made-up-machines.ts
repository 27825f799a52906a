// The runner of this house over machines that are made up and take no time.
import { simulatedDriver } from '../../src/drivers/simulated.ts'
import { LocalRunner } from '../../src/runner/local-runner.ts'
import type { Runner, RunnerEvents } from '../../src/runner/runner.ts'
import type { TranscriptFile } from '../../src/runner/transcript.ts'
import { simulatedTransport } from '../../src/transports/simulated.ts'

export function madeUpRunner(
  events: RunnerEvents,
  openTranscript: (path: string) => Promise<TranscriptFile>,
): Runner {
  const runner = new LocalRunner({
    siteDir: '/nowhere',
    transports: [simulatedTransport('ssh')],
    drivers: [
      simulatedDriver({ outcome: () => ({ result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }) }),
    ],
    blob: async () => undefined,
    render: () => ({ ok: true, text: '' }),
    schema: () => () => undefined,
    events,
    openTranscript,
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

/** Keeps nothing. */
export const nowhere: TranscriptFile = { writeFile: async () => {}, close: async () => {} }
