// A runner in a process of its own whose machines are made up: what carrying runs over HTTP costs, and nothing else.
import { writeFileSync } from 'node:fs'
import { linkTo } from '../../src/client/runner-link.ts'
import { carry } from '../../src/runner/carrier.ts'
import { makeKeyPair } from '../../src/runner/key-pair.ts'
import { sleep } from '../../src/runner/sleep.ts'
import { madeUpRunner, type Stamps } from './made-up-machines.ts'

const [addresses = '', token = '', slots = '64', stampFile = ''] = process.argv.slice(2)
const link = linkTo(addresses)
if (!link.ok) throw new Error(link.refusal.message)
const keys = makeKeyPair()
const enrolled = await link.value.enrol({ token, key: keys.publicKey })
if (!enrolled.ok) throw new Error(enrolled.refusal.message)
const leaving = new AbortController()
const stamps: Stamps = { runs: {}, orderBytes: 0, requests: 0 }
const { fetch } = globalThis
globalThis.fetch = (...asked) => {
  stamps.requests++
  return fetch(...asked)
}
process.on('SIGTERM', () => leaving.abort())
await carry(
  {
    link: link.value,
    runner: enrolled.value.runner,
    privateKey: keys.privateKey,
    slots: Number(slots),
    version: '0',
    makeRunner: async (tools) => madeUpRunner(tools, stamps),
    makeExecutor: () => Promise.reject(new Error('no command is measured')),
    clock: { now: () => performance.now(), sleep },
    say: () => {},
  },
  leaving.signal,
)
writeFileSync(stampFile, JSON.stringify(stamps))
