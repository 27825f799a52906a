// How many requests runs cost: what a runner elsewhere takes, logs and tells goes together, whatever the machine is busy with.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packClaim, unpackClaim } from '../../src/model/packed-claim.ts'
import type { Role } from '../../src/model/role.ts'
import type { RunOrder } from '../../src/model/run.ts'
import type { Handed } from '../../src/model/runner-talk.ts'
import { carrying } from '../support/carrying.ts'
import { type ElsewhereApi, elsewhereApi } from '../support/elsewhere.ts'

const NODES = 50
const ROLES = 6

let api: ElsewhereApi
beforeEach(async () => {
  api = await elsewhereApi()
})
afterEach(() => api.close())

function fleet(): string {
  const nodes = Array.from({ length: NODES }, (_, i) => `n${i}: { runner: {} }`)
  const roles = Array.from({ length: ROLES }, (_, i) => `r${i}: {}`)
  const names = Array.from({ length: ROLES }, (_, i) => `r${i}`)
  return `nodes: { ${nodes.join(', ')} }\nroles: { ${roles.join(', ')} }\ndeployments: { d: { nodes: "true", roles: [${names.join(', ')}] } }`
}

/** All of it is active. */
async function ready(): Promise<void> {
  while ((await api.serving.ask((world) => world.counts.active)) < NODES * ROLES)
    await new Promise((later) => setTimeout(later, 5))
}

test('many runs take few requests, and each log is whole', async () => {
  const runner = await carrying(api.link(), await api.invite('r1'), {
    run(_, print) {
      void print('one\n')
      void print('two\n')
      return { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }
    },
  })
  api.commit(fleet())
  await ready()
  const asked = api.requests.filter((route) => /work\/(claims|reports|logs)/.test(route))
  // A wave of them each time that the machines have one role more: a claim and a report or two for all that come together.
  expect(asked.length / (NODES * ROLES)).toBeLessThan(0.25)
  expect(api.logs.size).toBe(NODES * ROLES)
  for (const [run, text] of api.logs)
    expect(text.replace(/\d+\.\d{3} /g, '')).toMatch(new RegExp(`^# ${run} apply \\S+\no one\no two\n# ok `))
  await runner.leave()
})

test('what comes while a runner waits goes to it at once, as much as it has room for', async () => {
  const shown = await api.come('r1')
  const waiting = shown.claim({ claim: 1, free: 4 }, new AbortController().signal)
  api.commit(`
nodes: { n1: { runner: {} }, n2: { runner: {} }, n3: { runner: {} } }
roles: { web: {} }
deployments: { d: { nodes: "true", roles: [web] } }
`)
  const claimed = await waiting
  expect(claimed.ok && claimed.value.handed.map(({ work }) => work.kind)).toEqual([
    'contact',
    'contact',
    'contact',
  ])
})

test('a role travels once with all orders that are of it', async () => {
  const packed = packClaim({ handed: [run(1, WEB), run(2, WEB), run(3, DNS)], end: [7] })
  expect(packed.roles).toEqual([WEB, DNS])
  expect(unpackClaim(JSON.parse(JSON.stringify(packed)) as typeof packed)).toEqual({
    handed: [run(1, WEB), run(2, WEB), run(3, DNS)],
    end: [7],
  })
})

const WEB = { name: 'web' } as unknown as Role
const DNS = { name: 'dns' } as unknown as Role

function run(hand: number, role: Role): Handed {
  return { hand, work: { kind: 'run', order: { run: `run-${hand}`, role } as RunOrder } }
}
