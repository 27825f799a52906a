// Signing in by an identity provider: authorization code with PKCE, state and nonce, bound to the browser that began it.
import * as client from 'openid-client'
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { isObject } from '../../base/json.ts'
import type { Grant } from '../../model/access.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import { isLoopbackHost, type OidcSettings } from '../../model/server-settings.ts'
import { digestOf, makeSecret } from './credentials.ts'
import { foreignName, type Principal, principal } from './principal.ts'

export interface SignedIn {
  name: string
  subject: string
  grants: Grant[]
}

export interface Oidc {
  /** The address to send people to, and the secret for their cookie. */
  begin(redirectUri: string, now: number): Promise<Answer<{ address: string; secret: string }>>
  /** Once for each beginning. `came`: where the provider sent them back to, whole. */
  end(came: URL, secret: string | undefined, now: number): Promise<Answer<SignedIn>>
  /** Undefined where it is not a good token of the provider for us. */
  readIdentity(text: string): Promise<Principal | undefined>
}

interface Beginning {
  state: string
  nonce: string
  verifier: string
  redirectUri: string
  endsAt: number
}

const SIGN_IN_LIVES_MS = 10 * 60_000
const BEGUN_MOST = 1_000
const PROVIDER_S = 15
/** None of them can be made with what we publish, as `HS256` with a public key as its secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
const SKEW_S = 5

export function oidc(settings: OidcSettings, clientSecret: string | undefined): Oidc {
  const begun = new Map<string, Beginning>()
  let known: Promise<Provider> | undefined
  return { begin, end, readIdentity }

  async function begin(
    redirectUri: string,
    now: number,
  ): Promise<Answer<{ address: string; secret: string }>> {
    const provider = await providerNow()
    if (!provider.ok) return provider
    const { text: secret, hash } = makeSecret()
    const verifier = client.randomPKCECodeVerifier()
    const beginning = { state: client.randomState(), nonce: client.randomNonce(), verifier, redirectUri }
    begun.set(hash, { ...beginning, endsAt: now + SIGN_IN_LIVES_MS })
    if (begun.size > BEGUN_MOST) begun.delete(begun.keys().next().value as string)
    const address = client.buildAuthorizationUrl(provider.value.config, {
      redirect_uri: redirectUri,
      scope: settings.scopes.join(' '),
      state: beginning.state,
      nonce: beginning.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    return answer({ address: address.href, secret })
  }

  async function end(came: URL, secret: string | undefined, now: number): Promise<Answer<SignedIn>> {
    const hash = secret === undefined ? '' : digestOf(secret)
    const beginning = begun.get(hash)
    begun.delete(hash)
    if (!beginning || beginning.endsAt <= now) return no('this sign-in was not begun here, or is over')
    const provider = await providerNow()
    if (!provider.ok) return provider
    const { config } = provider.value
    try {
      const back = new URL(beginning.redirectUri)
      back.search = came.search
      const tokens = await client.authorizationCodeGrant(config, back, {
        pkceCodeVerifier: beginning.verifier,
        expectedState: beginning.state,
        expectedNonce: beginning.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) return no('the identity provider said nothing of who that is')
      // Groups stand in one of the two, as the provider likes it.
      const asks =
        claims[settings.groupsClaim] === undefined && config.serverMetadata().userinfo_endpoint !== undefined
      const more = asks ? await client.fetchUserInfo(config, tokens.access_token, claims.sub) : {}
      return signedIn({ ...more, ...claims })
    } catch (error) {
      return no(`the identity provider did not let them in: ${messageOf(error)}`)
    }
  }

  async function readIdentity(text: string): Promise<Principal | undefined> {
    const { audience, issuer } = settings
    if (audience === undefined) return undefined
    const provider = await providerNow()
    if (!provider.ok) return undefined
    try {
      const { payload } = await jwtVerify(text, provider.value.keys, {
        issuer: provider.value.config.serverMetadata().issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: SKEW_S,
      })
      const { name, subject, grants } = readClaims(payload)
      const who = principal(name, { kind: 'identity', issuer, subject }, grants)
      const { exp = 0 } = payload
      who.stillIn = async () => Date.now() / 1_000 < exp + SKEW_S
      return who
    } catch {
      return undefined
    }
  }

  function signedIn(claims: JWTPayload): Answer<SignedIn> {
    const found = readClaims(claims)
    if (found.grants.length > 0) return answer(found)
    return refuse({ code: 'notAllowed', message: `${found.name} is in no group that may do anything here` })
  }

  function readClaims(claims: JWTPayload): SignedIn {
    const { [settings.groupsClaim]: groups, [settings.nameClaim]: name, sub: subject = '' } = claims
    const all = typeof groups === 'string' ? [groups] : Array.isArray(groups) ? groups : []
    const grants = settings.groups.flatMap((mapped) => (all.includes(mapped.group) ? mapped.grants : []))
    const said = typeof name === 'string' && name !== '' ? name : subject
    return { name: foreignName(said), subject, grants }
  }

  /** Asked for once it is needed, and again where it did not answer: it may come up after us. */
  async function providerNow(): Promise<Answer<Provider>> {
    known ??= discover(settings, clientSecret)
    try {
      return answer(await known)
    } catch (error) {
      known = undefined
      return no(`the identity provider does not answer: ${messageOf(error)}`)
    }
  }
}

interface Provider {
  config: client.Configuration
  keys: JWTVerifyGetKey
}

async function discover(settings: OidcSettings, secret: string | undefined): Promise<Provider> {
  const issuer = new URL(settings.issuer)
  const isHere = isLoopbackHost(issuer.hostname.replace(/^\[(.*)\]$/, '$1'))
  // oxlint-disable-next-line typescript/no-deprecated -- for a provider on this machine alone, as in tests
  const execute = issuer.protocol === 'http:' && isHere ? [client.allowInsecureRequests] : []
  const authentication = secret === undefined ? client.None() : undefined
  const options = { execute, timeout: PROVIDER_S }
  const config = await client.discovery(issuer, settings.clientId, secret, authentication, options)
  const { jwks_uri: keys } = config.serverMetadata()
  if (keys === undefined) throw new Error('it tells no keys')
  return { config, keys: createRemoteJWKSet(new URL(keys), { timeoutDuration: PROVIDER_S * 1_000 }) }
}

/** The provider's own words are those of a stranger, and go to a log and a page. */
function messageOf(error: unknown): string {
  return wordsOf(error).slice(0, 300)
}

function wordsOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    const { error: code, error_description: more } = error
    return more === undefined ? code : `${code} (${more})`
  }
  return error instanceof Error ? `${error.message}${claimIn(error)}` : String(error)
}

/** Which claim of a token was not as it should be: told by the error, or by the one behind it. */
function claimIn({ cause }: Error): string {
  const behind = cause instanceof Error ? cause.cause : cause
  const claim = isObject(behind) ? behind['claim'] : undefined
  return typeof claim === 'string' ? ` (${claim})` : ''
}

function no<T>(message: string): Answer<T> {
  return refuse({ code: 'unauthenticated', message })
}
