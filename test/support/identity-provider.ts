// An identity provider on this machine (oidc-provider), and a browser that signs somebody in there without a page.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export const CLIENT = 'anneal'
export const CLIENT_SECRET = 'a-secret-of-this-test-and-of-nothing-else'
export const AUDIENCE = 'anneal-api'

export interface IdentityProvider {
  issuer: string
  /** Who is in which groups. */
  people: Map<string, string[]>
  /** Follows the provider from where it is asked to the address that it sends somebody back to. */
  signIn(address: string, person: string): Promise<URL>
  /** Whoever comes next in a browser of their own is that person. */
  expect(person: string): void
  /** A token for machines by the client credentials grant, as the provider itself makes it. */
  machineToken(): Promise<string>
  /** One that says whatever one likes, signed with its key. */
  forge(claims: JWTPayload, key?: 'own' | 'other'): Promise<string>
  close(): Promise<void>
}

interface Provider {
  callback(): (request: unknown, response: unknown) => void
  interactionFinished(request: unknown, response: unknown, result: unknown): Promise<void>
  on(event: string, listener: (...of: unknown[]) => void): void
}

export async function startIdentityProvider(redirectUri: () => string): Promise<IdentityProvider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const other = await generateKeyPair('RS256', { extractable: true })
  const server = createServer()
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people = new Map<string, string[]>()
  let signingIn = ''
  // It has no types of its own.
  const { default: make } = (await import('oidc-provider' as string)) as {
    default: new (issuer: string, configuration: object) => Provider
  }
  const jwk = { ...(await exportJWK(privateKey)), kid: 'one', use: 'sig', alg: 'RS256' }
  const provider = new make(issuer, configurationOf(jwk, people, redirectUri))
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: signingIn } })
  })
  return { issuer, people, signIn, expect, machineToken, forge, close: () => closed(server) }

  async function signIn(address: string, person: string): Promise<URL> {
    signingIn = person
    const cookies = new Map<string, string>()
    let at = new URL(address)
    for (let steps = 0; steps < 10 && at.origin === issuer; steps++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        cookies.set(name, value)
      }
      const next = response.headers.get('location')
      if (next === null) throw new Error(`the provider stopped at ${at.pathname}: ${await response.text()}`)
      at = new URL(next, at)
    }
    return at
  }

  function expect(person: string): void {
    signingIn = person
  }

  async function machineToken(): Promise<string> {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`robot:${CLIENT_SECRET}`)}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'https://anneal.test/',
        scope: 'use',
      }),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }

  function forge(claims: JWTPayload, key: 'own' | 'other' = 'own'): Promise<string> {
    const signing = key === 'own' ? privateKey : other.privateKey
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(signing)
  }
}

const LIVE_A_MINUTE = ['Interaction', 'Grant', 'Session', 'AccessToken', 'IdToken', 'ClientCredentials']

function configurationOf(jwk: object, people: Map<string, string[]>, redirectUri: () => string): object {
  interface Asked {
    oidc: {
      client: { clientId: string }
      session: { accountId: string }
      provider: { Grant: new (of: object) => Grant }
    }
  }
  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<void>
  }
  return {
    jwks: { keys: [jwk] },
    cookies: { keys: ['a key of this test'] },
    ttl: Object.fromEntries(LIVE_A_MINUTE.map((what) => [what, 60])),
    scopes: ['openid', 'profile', 'groups'],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    clients: [
      {
        client_id: CLIENT,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri()],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
      {
        client_id: 'robot',
        client_secret: CLIENT_SECRET,
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'use',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: (_: unknown, token: { clientId: string }) => ({
      groups: people.get(token.clientId) ?? [],
    }),
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: `${id}@example.org`, groups: people.get(id) ?? [] }),
    }),
    loadExistingGrant: async ({ oidc }: Asked) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      })
      grant.addOIDCScope('openid profile groups')
      await grant.save()
      return grant
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((down) => {
    server.close(() => down())
    server.closeAllConnections()
  })
}
