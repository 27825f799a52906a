// A runner in a process of its own whose machines are made up: what carrying runs over HTTP costs, and nothing else.
import { linkTo } from '../../src/client/runner-link.ts'
import { carry } from '../../src/runner/carrier.ts'
import { makeKeyPair } from '../../src/runner/key-pair.ts'
import { madeUpRunner } from './made-up-machines.ts'

const [address = '', token = '', slots = '64'] = process.argv.slice(2)
const link = linkTo(address)
if (!link.ok) throw new Error(link.refusal.message)
const keys = makeKeyPair()
const enrolled = await link.value.enrol({ token, key: keys.publicKey })
if (!enrolled.ok) throw new Error(enrolled.refusal.message)
const leaving = new AbortController()
process.on('SIGTERM', () => leaving.abort())
await carry(
  {
    link: link.value,
    runner: enrolled.value.runner,
    privateKey: keys.privateKey,
    slots: Number(slots),
    version: '0',
    makeRunner: async ({ events, openTranscript }) => madeUpRunner(events, openTranscript),
    clock: { now: () => performance.now(), sleep },
    say: () => {},
  },
  leaving.signal,
)

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
