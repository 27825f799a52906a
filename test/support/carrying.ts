// A runner elsewhere in this process, as its own would be: enrolled, over HTTP, with machines that are simulated.
import type { Driver } from '../../src/drivers/driver.ts'
import type { RunOrder, RunOutcome } from '../../src/model/run.ts'
import { carry } from '../../src/runner/carrier.ts'
import type { Executor } from '../../src/runner/executor.ts'
import { makeKeyPair } from '../../src/runner/key-pair.ts'
import type { Link } from '../../src/runner/link.ts'
import { sleep } from '../../src/runner/sleep.ts'
import { runnerOfMadeUp } from './made-up-machines.ts'

export interface Carrying {
  /** What it said of itself. */
  said: string[]
  /** Brings to its end what it holds, and goes. */
  leave(): Promise<void>
}

export interface CarryingOptions {
  slots?: number
  /** What a command prints, and what comes of it. */
  exec?: Executor['carryOut']
  /** What a look finds. */
  look?: Driver['check']
  /** What a run prints, and what comes of it. */
  run?: (order: RunOrder, print: (text: string) => void | Promise<void>) => Promise<RunOutcome> | RunOutcome
}

const noCommand: Executor['carryOut'] = () => Promise.reject(new Error('no command was expected'))
const nothingFound: Driver['check'] = async () => ({ ok: true, findings: [] })

const DONE: RunOutcome = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }

export async function carrying(
  link: Link,
  token: string,
  { slots = 64, run = () => DONE, exec = noCommand, look = nothingFound }: CarryingOptions = {},
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
      makeExecutor: async () => ({ carryOut: exec, close: async () => {} }),
      makeRunner: async (tools) =>
        runnerOfMadeUp(tools, {
          kind: 'simulated',
          carryOut: async (order, _session, surroundings) =>
            run(order, (text) => surroundings.log('stdout', Buffer.from(text))),
          check: look,
        }),
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
