// A runner elsewhere in this process, as its own would be: enrolled, over HTTP, with machines that are simulated.
import type { RunOrder, RunOutcome } from '../../src/model/run.ts'
import { carry } from '../../src/runner/carrier.ts'
import { makeKeyPair } from '../../src/runner/key-pair.ts'
import type { Link } from '../../src/runner/link.ts'
import { LocalRunner } from '../../src/runner/local-runner.ts'
import { simulatedTransport } from '../../src/transports/simulated.ts'

export interface Carrying {
  /** What it said of itself. */
  said: string[]
  /** Brings to its end what it holds, and goes. */
  leave(): Promise<void>
}

export interface CarryingOptions {
  slots?: number
  /** What a run prints, and what comes of it. */
  run?: (order: RunOrder, print: (text: string) => void | Promise<void>) => Promise<RunOutcome> | RunOutcome
}

const DONE: RunOutcome = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }

export async function carrying(
  link: Link,
  token: string,
  { slots = 64, run = () => DONE }: CarryingOptions = {},
): Promise<Carrying> {
  const keys = makeKeyPair()
  const enrolled = await link.enrol({ token, key: keys.publicKey })
  if (!enrolled.ok) throw new Error(enrolled.refusal.message)
  const said: string[] = []
  const leaving = new AbortController()
  const left = carry(
    {
      link,
      runner: enrolled.value.runner,
      privateKey: keys.privateKey,
      slots,
      version: '0',
      clock: { now: () => performance.now(), sleep },
      say: (message) => void said.push(message),
      async makeRunner({ events, openTranscript }) {
        const runner = new LocalRunner({
          siteDir: '/nowhere',
          transports: [simulatedTransport('ssh'), simulatedTransport('local')],
          drivers: [
            {
              kind: 'simulated',
              carryOut: async (order, _session, surroundings) =>
                run(order, (text) => surroundings.log('stdout', Buffer.from(text))),
              check: async () => ({ ok: true, findings: [] }),
            },
          ],
          blob: async () => undefined,
          render: () => ({ ok: true, text: '' }),
          schema: () => () => undefined,
          events,
          openTranscript,
          transcriptSoon: true,
        })
        return {
          start: (order) => runner.start(order),
          cancel: (id) => runner.cancel(id),
          check: (order) => runner.check(order),
          contact: ({ name }) =>
            events.report({
              kind: 'reportContact',
              node: name,
              outcome: { result: 'reached', facts: { os: 'debian' } },
            }),
          close: () => runner.close(),
        }
      },
    },
    leaving.signal,
  )
  return {
    said,
    async leave() {
      leaving.abort()
      await left
    },
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const gone = (): void => {
      clearTimeout(timer)
      resolve()
    }
    signal?.addEventListener('abort', gone, { once: true })
    if (signal?.aborted) gone()
  })
}
