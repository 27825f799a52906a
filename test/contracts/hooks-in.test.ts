// Hooks that come in: only who knows the secret, now and once, brings about what the hook is for, by the right of its role.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answer, type Refusal, refuse } from '../../src/model/refusal.ts'
import { hookActions, type HookActionsParts } from '../../src/observe/hook-actions.ts'
import { hooksIn, type HooksIn } from '../../src/observe/hooks-in.ts'
import { KeptFile } from '../../src/observe/kept-file.ts'
import { TOLERANCE_MS, webhookSignature } from '../../src/observe/webhook-signature.ts'
import { type HandClock, handClock } from '../support/hand-clock.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

const SECRET = Buffer.alloc(32, 1)
const OTHER = Buffer.alloc(32, 2)
const BODY = Buffer.from('{"ref":"refs/heads/main"}')

let clock: HandClock
let directory: string
let acted: string[]
beforeEach(() => {
  clock = handClock(Date.UTC(2026, 0, 1))
  directory = mkdtempSync(join(tmpdir(), 'anneal-hooks-'))
  acted = []
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a signed message is taken, once; what is not signed, not of now or another hook is not', async () => {
  const call = open()
  expect(await call(signed('msg_1'))).toEqual(answer({ hook: 'git', does: 'propose', revision: 7 }))
  expect(await codeOf(call, signed('msg_1'))).toBe('replayed')
  expect(await codeOf(call, { ...signed('msg_2'), headers: {} })).toBe('unauthenticated')
  expect(await codeOf(call, { ...signed('msg_2'), body: Buffer.from('{}') })).toBe('unauthenticated')
  expect(await codeOf(call, { ...signed('msg_2'), name: 'other' })).toBe('unauthenticated')
  expect(await codeOf(call, signed('msg_2', { secret: OTHER }))).toBe('unauthenticated')
  expect(await codeOf(call, signed('msg_2', { at: clock.now() - TOLERANCE_MS - 1_000 }))).toBe(
    'unauthenticated',
  )
  expect(await codeOf(call, signed('msg_2', { at: clock.now() + TOLERANCE_MS + 1_000 }))).toBe(
    'unauthenticated',
  )
  expect(acted).toEqual(['propose by hook git'])
  expect(await call(signed('msg_2'))).toMatchObject({ ok: true })
})

test('what was taken is not taken again after a restart, nor whenever its time would still let it pass', async () => {
  const early = signed('msg_1', { at: clock.now() + TOLERANCE_MS - 1_000 })
  expect(await open()(early)).toMatchObject({ ok: true })
  for (let waited = 0; waited < 2 * TOLERANCE_MS + 60_000; waited += 60_000) {
    clock.advance(60_000)
    expect(['replayed', 'unauthenticated']).toContain(await codeOf(open(), early))
  }
  expect(acted).toHaveLength(1)
})

test('two at once with the same id are one', async () => {
  const call = open()
  const both = await Promise.all([call(signed('msg_1')), call(signed('msg_1'))])
  expect(both.map(({ ok }) => ok)).toEqual([true, false])
})

test('a hook does what its role may, and no more', async () => {
  for (const [role, does, may] of [
    ['viewer', 'drift', false],
    ['operator', 'drift', true],
    ['operator', 'propose', false],
    ['author', 'propose', true],
    ['author', 'refresh', true],
  ] as const) {
    const done = await open({ role, does })(signed(`msg_${role}_${does}`))
    expect([role, does, done.ok || done.refusal.code]).toEqual([role, does, may || 'notAllowed'])
  }
})

test('proposing reads the files; refreshing commits, too, where policy says so of files that changed', async () => {
  const site = (changedFiles: 'commit' | 'propose'): HookActionsParts['readSite'] => {
    const made = { ...shortSite(readShortSite('{ nodes: { n1: {} } }')), policies: { changedFiles } }
    return () => Promise.resolve(answer({ site: made, content: new Map<string, Uint8Array>() }))
  }
  expect(await actions(site('commit'))('propose', 'hook git')).toEqual(answer({ revision: 7 }))
  expect(await actions(site('propose'))('refresh', 'hook git')).toEqual(answer({ revision: 7 }))
  expect(acted.splice(0)).toEqual(['propose by hook git', 'propose by hook git'])
  expect(await actions(site('commit'))('refresh', 'hook git')).toEqual(
    answer({ revision: 7, committed: true }),
  )
  expect(acted.splice(0)).toEqual(['propose by hook git', 'commit 7 by hook git'])
  expect(await actions(site('commit'))('drift', 'hook git')).toEqual(answer({}))
  expect(acted.splice(0)).toEqual(['drift by hook git'])
  const broken = { code: 'invalidSite', message: 'anneal.yaml is no mapping', faults: [] } as Refusal
  expect(await actions(() => Promise.resolve(refuse(broken)))('refresh', 'x')).toEqual(refuse(broken))
  expect(acted).toEqual([])
})

function open(
  hook: { role?: 'viewer' | 'operator' | 'author'; does?: 'refresh' | 'propose' | 'drift' } = {},
): HooksIn {
  return hooksIn({
    hooks: [{ name: 'git', does: 'propose', role: 'author', secrets: [SECRET], ...hook }],
    act(does, by) {
      acted.push(`${does} by ${by}`)
      return Promise.resolve(answer({ revision: 7 }))
    },
    file: new KeptFile(join(directory, 'hooks.json')),
    clock,
    log: () => {},
  })
}

function signed(id: string, { at = clock.now(), secret = SECRET } = {}): Parameters<HooksIn>[0] {
  const timestamp = Math.floor(at / 1000)
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': webhookSignature({ id, timestamp, body: BODY }, [secret]),
  }
  return { name: 'git', headers, body: BODY }
}

async function codeOf(call: HooksIn, message: Parameters<HooksIn>[0]): Promise<string> {
  const done = await call(message)
  return done.ok ? 'taken' : done.refusal.code
}

function actions(readSite: HookActionsParts['readSite']): ReturnType<typeof hookActions> {
  const noted = (what: string, value: object): Promise<never> => {
    acted.push(what)
    return Promise.resolve(answer(value) as never)
  }
  return hookActions({
    operations: {
      propose: ({ by }) => noted(`propose by ${by}`, { revision: { revision: 7 } }),
      commit: ({ by, revision }) => noted(`commit ${revision} by ${by}`, {}),
      drift: ({ by }) => noted(`drift by ${by}`, {}),
    },
    readSite,
    log: () => {},
    signal: new AbortController().signal,
  })
}
