// What runners elsewhere say to a real server, right and wrong: who they are, what they hold, what counts and what does not.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Handed } from '../../src/model/runner-talk.ts'
import { RUNNER_PROTOCOL, signedText } from '../../src/model/runner-talk.ts'
import { makeKeyPair, signed } from '../../src/runner/key-pair.ts'
import { type ElsewhereApi, elsewhereApi, leaseBy, type Shown } from '../support/elsewhere.ts'

let api: ElsewhereApi
beforeEach(async () => {
  api = await elsewhereApi()
})
afterEach(() => api.close())

const SITE = `
nodes: { n1: { runner: { segment: a } } }
roles: { web: { inputs: { v: 1 }, outputs: { said: { schema: { type: integer } } } } }
deployments: { d: { nodes: [n1], roles: [web] } }
`
const never = new AbortController().signal

async function claimed(shown: Shown, claim: number): Promise<Handed[]> {
  for (;;) {
    const told = await shown.claim({ claim, free: 4 }, never)
    if (!told.ok) throw new Error(told.refusal.message)
    if (told.value.handed.length > 0) return told.value.handed
  }
}

/** Contacts the one node, and takes the run that follows. */
async function runOf(shown: Shown): Promise<Handed> {
  api.commit(SITE)
  const [contact] = await claimed(shown, 1)
  expect(contact?.work.kind).toBe('contact')
  const told = {
    kind: 'contact',
    hand: contact?.hand ?? 0,
    outcome: { result: 'reached', facts: {} },
  } as const
  expect(await shown.report({ told: [told], lost: [] })).toMatchObject({ value: { taken: [contact?.hand] } })
  const [run] = await claimed(shown, 2)
  expect(run?.work.kind).toBe('run')
  return run as Handed
}

function ok(hand: number, outputs: Record<string, number | string> = { said: 7 }) {
  const outcome = { result: 'ok' as const, outputs, filesChanged: [], durationMs: 5 }
  return { told: [{ kind: 'run' as const, hand, outcome }], lost: [] }
}

async function resultOf(run: string): Promise<string | undefined> {
  const found = await api.serving.operations.runs({ run })
  return found.ok ? found.value[0]?.result : undefined
}

test('work goes out, its log and its outcome come back, and each counts once', async () => {
  const shown = await api.come('r1', { segment: 'a' })
  const run = await runOf(shown)
  const pieces = [
    { text: 'o 0.001 hello' },
    { base64: Buffer.from('e 0.002 \xff', 'latin1').toString('base64') },
  ]
  const log = { logs: [{ hand: run.hand, from: 0, pieces }], told: [], lost: [] }
  expect(await shown.report(log)).toMatchObject({ value: { unlogged: [] } })
  expect(await shown.report(log)).toMatchObject({ value: { unlogged: [] } })
  expect(await shown.report(ok(run.hand))).toMatchObject({ value: { taken: [run.hand], refused: [] } })
  expect(await shown.report(ok(run.hand))).toMatchObject({ value: { taken: [run.hand], refused: [] } })
  await api.serving.rest()
  expect(await resultOf('run-1')).toBe('ok')
  expect(api.logs.get('run-1')?.split('o 0.001 hello\n')).toHaveLength(2)
  const status = await api.serving.operations.status()
  expect(status).toMatchObject({ value: { ready: true } })
})

test('nobody tells of what another one holds, nor reads what nothing that it holds refers to', async () => {
  const shown = await api.come('r1', { segment: 'a' })
  const other = await api.come('r2', { segment: 'b' })
  const run = await runOf(shown)
  expect(await other.report(ok(run.hand))).toMatchObject({ value: { taken: [], refused: [run.hand] } })
  const log = { logs: [{ hand: run.hand, from: 0, pieces: [] }], told: [], lost: [] }
  expect(await other.report(log)).toMatchObject({ value: { unlogged: [run.hand] } })
  expect(await other.beat({ holds: [run.hand], leaving: false }, 1_000)).toMatchObject({
    value: { end: [run.hand] },
  })
  expect(await shown.content('0'.repeat(64))).toMatchObject({ refusal: { code: 'nothingThere' } })
  expect(await resultOf('run-1')).toBe('running')
})

test('outputs that do not fit the role are a failure, whoever vouches for them', async () => {
  const shown = await api.come('r1', { segment: 'a' })
  const run = await runOf(shown)
  await shown.report(ok(run.hand, { said: 7, more: 1 }))
  await api.serving.rest()
  expect(await resultOf('run-1')).toBe('failed')
})

test('a token lets in once; a signature is for one challenge, one runner and one key', async () => {
  const token = await api.invite('r1')
  const mine = makeKeyPair()
  const theirs = makeKeyPair()
  const link = api.link()
  expect(await link.enrol({ token: `${token.slice(0, -1)}_`, key: theirs.publicKey })).toMatchObject({
    refusal: { code: 'unauthenticated' },
  })
  expect(await link.enrol({ token, key: 'no key' })).toMatchObject({ refusal: { code: 'unauthenticated' } })
  expect(await link.enrol({ token, key: mine.publicKey })).toMatchObject({ value: { runner: 'r1' } })
  expect(await link.enrol({ token, key: theirs.publicKey })).toMatchObject({
    refusal: { code: 'unauthenticated' },
  })
  expect(await leaseBy(link, 'r1', theirs.privateKey)).toMatchObject({ refusal: { code: 'unauthenticated' } })
  expect(await leaseBy(link, 'r9', mine.privateKey)).toMatchObject({ refusal: { code: 'unauthenticated' } })
  const asked = await link.challenge('r1')
  const challenge = asked.ok ? asked.value.challenge : ''
  const signature = signed(signedText('r1', challenge), mine.privateKey)
  const lease = { runner: 'r1', challenge, signature, slots: 1, version: '0' }
  expect(await link.lease(lease)).toMatchObject({ ok: true })
  expect(await link.lease(lease)).toMatchObject({ refusal: { code: 'unauthenticated' } })
})

test('whoever is revoked, or began anew elsewhere, is told that the lease is over', async () => {
  const shown = await api.come('r1', { segment: 'a' })
  const run = await runOf(shown)
  await api.come('r1', { segment: 'a' })
  const late = await shown.report(ok(run.hand))
  expect(late).toMatchObject({ refusal: { code: 'leaseOver' } })
  expect(await resultOf('run-1')).toBe('fault')
  const again = await api.come('r1', { segment: 'a' })
  await api.serving.operations.runners.revoke('r1', 'ann')
  expect(await again.beat({ holds: [], leaving: false }, 1_000)).toMatchObject({
    refusal: { code: 'leaseOver' },
  })
  expect(
    await api
      .link()
      .shown(`annl_r1.${'x'.repeat(43)}`)
      .beat({ holds: [], leaving: false }, 1_000),
  ).toMatchObject({
    refusal: { code: 'unauthenticated' },
  })
})

test('one step of the protocol apart they understand each other, two apart they say so', async () => {
  for (const [apart, code] of [
    [-1, undefined],
    [1, undefined],
    [2, 'otherProtocol'],
    [-2, 'otherProtocol'],
  ] as const) {
    const link = api.link(RUNNER_PROTOCOL + apart)
    const keys = makeKeyPair()
    const enrolled = await link.enrol({ token: await api.invite('r1'), key: keys.publicKey })
    const leased = await leaseBy(link, 'r1', keys.privateKey)
    const said = [enrolled, leased].map((one) => (one.ok ? undefined : one.refusal.code))
    expect([apart, ...said]).toEqual([apart, code, code])
  }
})

test('what a newer runner says besides is left aside', async () => {
  const response = await fetch(`${api.url}/api/v1/work/challenges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ runner: 'r1', protocol: RUNNER_PROTOCOL + 1, colour: 'blue' }),
  })
  expect(response.status).toBe(200)
})
