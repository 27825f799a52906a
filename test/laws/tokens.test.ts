// Tokens in the heart: what is refused, and that a replay and a snapshot know of them what the living world knows.
import { expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import { viewTokens } from '../../src/annealer/tokens.ts'
import { expectSameAfterReplay, expectSameFromScratch, newHeart, tell } from '../support/heart.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

const HOUR = 3_600_000

function heartWithStore() {
  const heart = newHeart(makeLanguage())
  const site = shortSite(
    readShortSite('nodes: { n1: }\nroles: { db: }\ndeployments: { store: { roles: [db] } }'),
  )
  tell(heart, { kind: 'proposeRevision', site, author: 'ada', message: '' })
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, author: 'ada', message: '' })
  return heart
}

function issue(token: string, more: Partial<Extract<Command, { kind: 'issueToken' }>> = {}): Command {
  const hash = digestOfBytes(token)
  return { kind: 'issueToken', token, hash, grants: [{ role: 'viewer' }], by: 'ada', ...more }
}

test('issued, used, expired, revoked: each is told, and replayed as it was', () => {
  const heart = heartWithStore()
  tell(heart, issue('ci', { grants: [{ role: 'operator', deployments: ['store'] }], why: 'the build' }))
  tell(heart, issue('short', { expiresAt: heart.now + HOUR }))
  tell(heart, issue('old'))
  tell(heart, { kind: 'useToken', token: 'ci' })
  tell(heart, { kind: 'revokeToken', token: 'old', by: 'bob', why: 'it leaked' })
  heart.now += HOUR
  tell(heart, { kind: 'tick' })
  const views = viewTokens(heart.world, heart.now)
  expect(views.map(({ token, state }) => `${token} ${state}`)).toEqual([
    'ci valid',
    'old revoked',
    'short expired',
  ])
  expect(views[0]).toMatchObject({ issuedBy: 'ada', why: 'the build', usedAt: heart.now - HOUR })
  expect(JSON.stringify(views)).not.toContain(digestOfBytes('ci'))
  expectSameAfterReplay(heart)
  expectSameFromScratch(heart.world)
})

test('the last use is an event once an hour', () => {
  const heart = heartWithStore()
  tell(heart, issue('ci'))
  const used = (): number => tell(heart, { kind: 'useToken', token: 'ci' }).events.length
  expect(used()).toBe(1)
  heart.now += HOUR - 1
  expect(used()).toBe(0)
  heart.now += 1
  expect(used()).toBe(1)
  expect(tell(heart, { kind: 'useToken', token: 'nobody' }).events).toEqual([])
})

test.each([
  ['a name that is none', issue('Has Blanks'), /is no name/],
  ['a hash that is none', issue('ci', { hash: 'abc' }), /its hash is none/],
  ['no role at all', issue('ci', { grants: [] }), /good for nothing/],
  ['an end that is past', issue('ci', { expiresAt: 1 }), /expired already/],
  ['a name that is taken', issue('taken'), /a valid token taken already, issued by ada/],
  [
    'a deployment of nobody',
    issue('ci', { grants: [{ role: 'viewer', deployments: ['stoer'] }] }),
    /no deployment stoer/,
  ],
])('%s is refused', (_what, command, message) => {
  const heart = heartWithStore()
  tell(heart, issue('taken'))
  const [answered] = tell(heart, command).answers
  expect(answered?.ok === false && answered.refusal.message).toMatch(message)
})

test('a name is free again when its token is revoked, and revoking twice is nothing', () => {
  const heart = heartWithStore()
  tell(heart, issue('ci'))
  tell(heart, { kind: 'revokeToken', token: 'ci', by: 'ada' })
  expect(tell(heart, { kind: 'revokeToken', token: 'ci', by: 'ada' }).events).toEqual([])
  expect(tell(heart, issue('ci')).events).toMatchObject([{ kind: 'tokenIssued' }])
  const [answered] = tell(heart, { kind: 'revokeToken', token: 'ic', by: 'ada' }).answers
  expect(answered).toMatchObject({ ok: false, refusal: { code: 'unknownToken', nearest: 'ci' } })
})
