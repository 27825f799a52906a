// Signing in at a real server by a real identity provider, as a browser does it, behind something that takes TLS off.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OidcSettings } from '../../src/model/server-settings.ts'
import { bearer, type Guarded, guarded } from '../support/guarded.ts'
import {
  AUDIENCE,
  CLIENT,
  CLIENT_SECRET,
  type IdentityProvider,
  startIdentityProvider,
} from '../support/identity-provider.ts'

const URL_OF_US = 'https://anneal.example.org'

let provider: IdentityProvider
let api: Guarded
beforeEach(async () => {
  provider = await startIdentityProvider(() => `${URL_OF_US}/auth/callback`)
  provider.people.set('ada', ['dba'])
  provider.people.set('eve', ['guests'])
  provider.people.set('robot', ['dba'])
  const oidc: OidcSettings = {
    issuer: provider.issuer,
    clientId: CLIENT,
    name: 'the provider',
    scopes: ['openid', 'profile', 'groups'],
    groupsClaim: 'groups',
    nameClaim: 'preferred_username',
    groups: [{ group: 'dba', grants: [{ role: 'author', deployments: ['store'] }] }],
    audience: AUDIENCE,
  }
  api = await guarded({ url: URL_OF_US, oidc }, CLIENT_SECRET)
})
afterEach(async () => {
  await api.close()
  await provider.close()
  expect(api.mistakes).toEqual([])
})

async function begun(): Promise<{ address: string; cookie: string }> {
  const response = await fetch(`${api.url}/auth/login`, { redirect: 'manual' })
  expect(response.status).toBe(302)
  const [line = ''] = response.headers.getSetCookie()
  expect(line).toMatch(
    /^__Host-anneal_sign_in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
  )
  return { address: response.headers.get('location') ?? '', cookie: line.split(';')[0] ?? '' }
}

function back(came: URL, cookie: string): Promise<Response> {
  expect(came.origin).toBe(URL_OF_US)
  return fetch(`${api.url}${came.pathname}${came.search}`, { headers: { cookie }, redirect: 'manual' })
}

test('the page is told how people sign in', async () => {
  const ways = await api.get('/auth')
  expect(ways.body).toEqual({ oidc: { name: 'the provider', url: '/auth/login' }, logout: '/auth/logout' })
})

test('somebody signs in, may what their groups may, and is in the trail', async () => {
  const { address, cookie } = await begun()
  const came = await provider.signIn(address, 'ada')
  const ended = await back(came, cookie)
  expect(ended.status).toBe(200)
  const [session = '', gone = ''] = ended.headers.getSetCookie()
  expect(session).toMatch(
    /^__Host-anneal_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
  )
  expect(gone).toContain('Max-Age=0')
  expect(await ended.text()).toContain('Signed in')
  const me = await api.get('/api/v1/me', { cookie: session.split(';')[0] ?? '' })
  expect(me.body).toMatchObject({
    name: 'ada@example.org',
    via: { kind: 'session', by: 'oidc', subject: 'ada' },
    deployments: ['store'],
  })
  expect((await back(came, cookie)).status).toBe(401)
  const [entry] = await api.trail()
  expect(entry).toMatchObject({ by: 'ada@example.org', what: 'sign in', outcome: 'taken' })
})

test('who is in no group that counts is told so, without a session', async () => {
  const { address, cookie } = await begun()
  const ended = await back(await provider.signIn(address, 'eve'), cookie)
  expect([ended.status, ended.headers.getSetCookie()]).toEqual([403, []])
  expect(await ended.text()).toContain('eve@example.org is in no group that may do anything here')
  expect(await api.trail()).toMatchObject([{ by: 'nobody', what: 'sign in', outcome: 'notAllowed' }])
})

test('what comes back is text on a page, whatever it is', async () => {
  const { address, cookie } = await begun()
  const came = new URL(`${URL_OF_US}/auth/callback`)
  came.searchParams.set('error', '<script>alert(1)</script>')
  came.searchParams.set('state', new URL(address).searchParams.get('state') ?? '')
  came.searchParams.set('iss', provider.issuer)
  const ended = await back(came, cookie)
  expect(ended.status).toBe(401)
  expect(ended.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(await ended.text()).not.toContain('<script>')
})

test.each([
  '',
  '?code=x',
  '?code=x&state=y',
  '?error=access_denied',
  `?code=${'x'.repeat(5_000)}&state=%00`,
  '?%',
])('a callback that nobody began is turned away: %s', async (search) => {
  const response = await fetch(`${api.url}/auth/callback${search}`)
  expect([response.status, response.headers.getSetCookie()]).toEqual([401, []])
})

test('a machine comes in by a token of the provider', async () => {
  const me = await api.get('/api/v1/me', bearer(await provider.machineToken()))
  expect(me.body).toMatchObject({ name: 'robot', via: { kind: 'identity', issuer: provider.issuer } })
  const forged = await provider.forge({
    iss: provider.issuer,
    aud: AUDIENCE,
    sub: 'robot',
    groups: ['dba'],
    exp: 1,
  })
  expect((await api.get('/api/v1/me', bearer(forged))).status).toBe(401)
})
