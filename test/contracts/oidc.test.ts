// Signing in, by a real identity provider on this machine: who is let in, and every way in which somebody is not.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Oidc, oidc } from '../../src/api/access/oidc.ts'
import {
  AUDIENCE,
  CLIENT,
  CLIENT_SECRET,
  type IdentityProvider,
  startIdentityProvider,
} from '../support/identity-provider.ts'

const BACK = 'http://127.0.0.1:7411/auth/callback'
const NOW = 1_900_000_000_000
const MINUTE = 60_000

let provider: IdentityProvider
let ours: Oidc

beforeAll(async () => {
  provider = await startIdentityProvider(() => BACK)
  provider.people.set('ada', ['ops', 'dba'])
  provider.people.set('eve', ['guests'])
  provider.people.set('robot', ['ops'])
  ours = oidc(settings(), CLIENT_SECRET)
})
afterAll(() => provider.close())

function settings(): Parameters<typeof oidc>[0] {
  return {
    issuer: provider.issuer,
    clientId: CLIENT,
    name: 'the provider',
    scopes: ['openid', 'profile', 'groups'],
    groupsClaim: 'groups',
    nameClaim: 'preferred_username',
    groups: [
      { group: 'ops', grants: [{ role: 'operator' }] },
      { group: 'dba', grants: [{ role: 'author', deployments: ['store'] }] },
    ],
    audience: AUDIENCE,
  }
}

async function begun(): Promise<{ address: string; secret: string }> {
  const beginning = await ours.begin(BACK, NOW)
  if (!beginning.ok) throw new Error(beginning.refusal.message)
  return beginning.value
}

test('somebody signs in, and has what their groups have', async () => {
  const { address, secret } = await begun()
  const asked = new URL(address).searchParams
  expect(asked.get('code_challenge_method')).toBe('S256')
  expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/)
  const signedIn = await ours.end(await provider.signIn(address, 'ada'), secret, NOW)
  expect(signedIn).toEqual({
    ok: true,
    value: {
      name: 'ada@example.org',
      subject: 'ada',
      grants: [{ role: 'operator' }, { role: 'author', deployments: ['store'] }],
    },
  })
})

test('who is in no group that counts is not let in', async () => {
  const { address, secret } = await begun()
  const refused = await ours.end(await provider.signIn(address, 'eve'), secret, NOW)
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'notAllowed' } })
})

test('a sign-in is over after ten minutes', async () => {
  const { address, secret } = await begun()
  const came = await provider.signIn(address, 'ada')
  const late = await ours.end(came, secret, NOW + 10 * MINUTE)
  expect(late).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('not begun here') as unknown },
  })
})

test('another browser cannot end it, and its cookie ends it once', async () => {
  const { address, secret } = await begun()
  const came = await provider.signIn(address, 'ada')
  expect((await ours.end(came, undefined, NOW)).ok).toBe(false)
  expect((await ours.end(came, 'somebody-elses', NOW)).ok).toBe(false)
  expect((await ours.end(came, secret, NOW)).ok).toBe(true)
  expect((await ours.end(came, secret, NOW)).ok).toBe(false)
})

test('a wrong state is refused', async () => {
  const { address, secret } = await begun()
  const came = await provider.signIn(address, 'ada')
  came.searchParams.set('state', 'of-somebody-else')
  expect(await ours.end(came, secret, NOW)).toMatchObject({ ok: false, refusal: { code: 'unauthenticated' } })
})

test('a wrong nonce is refused', async () => {
  const { address, secret } = await begun()
  const asked = new URL(address)
  asked.searchParams.set('nonce', 'of-somebody-else')
  const refused = await ours.end(await provider.signIn(asked.href, 'ada'), secret, NOW)
  expect(refused).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('nonce') as unknown },
  })
})

test('a code that was used is refused in another sign-in', async () => {
  const first = await begun()
  const came = await provider.signIn(first.address, 'ada')
  const code = came.searchParams.get('code') ?? ''
  expect((await ours.end(came, first.secret, NOW)).ok).toBe(true)
  const second = await begun()
  const again = new URL(BACK)
  again.searchParams.set('code', code)
  again.searchParams.set('state', new URL(second.address).searchParams.get('state') ?? '')
  again.searchParams.set('iss', provider.issuer)
  const refused = await ours.end(again, second.secret, NOW)
  expect(refused).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('invalid_grant') as unknown },
  })
})

test('a code of another browser is refused: it was asked for with another challenge', async () => {
  const victim = await begun()
  const stolen = (await provider.signIn(victim.address, 'ada')).searchParams.get('code') ?? ''
  const thief = await begun()
  const came = new URL(BACK)
  came.searchParams.set('code', stolen)
  came.searchParams.set('state', new URL(thief.address).searchParams.get('state') ?? '')
  came.searchParams.set('iss', provider.issuer)
  expect((await ours.end(came, thief.secret, NOW)).ok).toBe(false)
})

test('a refusal of the provider is said in its words', async () => {
  const { address, secret } = await begun()
  const came = new URL(BACK)
  came.searchParams.set('error', 'access_denied')
  came.searchParams.set('error_description', 'no thanks')
  came.searchParams.set('state', new URL(address).searchParams.get('state') ?? '')
  came.searchParams.set('iss', provider.issuer)
  const refused = await ours.end(came, secret, NOW)
  expect(refused).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('access_denied (no thanks)') as unknown },
  })
})

test('a provider that is not there is said, and asked again', async () => {
  const absent = oidc({ ...settings(), issuer: 'http://127.0.0.1:9' }, undefined)
  const refused = await absent.begin(BACK, NOW)
  expect(refused).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('does not answer') as unknown },
  })
})

test('a machine comes in by a token that the provider made for us', async () => {
  const robot = await ours.readIdentity(await provider.machineToken())
  expect(robot).toMatchObject({ name: 'robot', via: { kind: 'identity', subject: 'robot' } })
  expect(robot?.may('operate')).toBe(true)
  expect(robot?.may('commit')).toBe(false)
})

const seconds = (offset: number): number => Math.floor(Date.now() / 1_000) + offset
const good = (): object => ({
  iss: provider.issuer,
  aud: AUDIENCE,
  sub: 'robot',
  groups: ['ops'],
  exp: seconds(600),
})

test.each<[string, () => object, ('own' | 'other')?]>([
  ['over', () => ({ ...good(), exp: seconds(-600) })],
  ['without an end', () => ({ ...good(), exp: undefined })],
  ['not yet good', () => ({ ...good(), nbf: seconds(600) })],
  ['for somebody else', () => ({ ...good(), aud: CLIENT })],
  ['of another issuer', () => ({ ...good(), iss: 'https://id.example.org' })],
  ['of nobody', () => ({ ...good(), sub: undefined })],
  ['signed with another key', good, 'other'],
])('a token that is %s is refused', async (_what, claims, key) => {
  expect(await ours.readIdentity(await provider.forge(claims() as never, key))).toBeUndefined()
})

test('the same that is good is taken, one that is not signed never', async () => {
  const taken = await provider.forge(good() as never)
  expect(await ours.readIdentity(taken)).toMatchObject({ name: 'robot' })
  const [, body] = taken.split('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
  for (const text of [unsigned, `${body}.${body}.${body}`, 'a.b.c', '..', ''])
    expect(await ours.readIdentity(text)).toBeUndefined()
})
