// Identify: who asks, by what they show: the key of the server, a token, a session, a token of the identity provider.
import type { TokenRecord, World } from '../../annealer/world.ts'
import { isValid } from '../../annealer/tokens.ts'
import type { Digest } from '../../base/digest.ts'
import { TOKEN_PREFIX } from '../../model/access.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import type { Knock } from '../caller.ts'
import { isLoopback } from './address.ts'
import { cookieName, readCookie } from './cookies.ts'
import { isLease, isOf, isServerKey, tokenName } from './credentials.ts'
import { type Principal, principal, runnerPrincipal, shownName } from './principal.ts'
import type { Sessions } from './sessions.ts'
import { vouchedFor } from './vouching.ts'

export interface IdentifyParts {
  now(): number
  /** Digest of the key; without one nobody comes in by it. */
  key?: Digest | undefined
  /** The same of the key by which other servers of the site come in, and say for whom. */
  peer?: Digest | undefined
  ask<T>(question: (world: World) => T): Promise<T>
  sessions: Sessions
  /** Of runners elsewhere: whose lease that is. */
  whoWorks?: ((text: string) => { runner: string } | 'over' | undefined) | undefined
  /** Of the identity provider, where one is set and machines may use its tokens. */
  readIdentity?: ((text: string) => Promise<Principal | undefined>) | undefined
}

/** `shown`: a credential was given, good or not. */
export async function identify(
  parts: IdentifyParts,
  { headers, remote, secure }: Pick<Knock, 'headers' | 'remote' | 'secure'>,
): Promise<{ shown: boolean; who: Answer<Principal> }> {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const text = /^bearer +(\S+)$/i.exec(authorization.slice(0, LENGTH_MOST))?.[1]
    return {
      shown: true,
      who: text === undefined ? unknown('only bearer tokens are taken') : await byBearer(text),
    }
  }
  const secret = readCookie(headers, cookieName('session', secure))
  if (secret === undefined) return { shown: false, who: unknown('nobody is signed in') }
  const session = parts.sessions.find(secret, parts.now())
  if (!session) return { shown: true, who: unknown('this session is over') }
  const who = principal(session.name, session.via, session.grants)
  who.stillIn = async () => parts.sessions.has(session.session, parts.now())
  return { shown: true, who: answer(who) }

  async function byBearer(text: string): Promise<Answer<Principal>> {
    if (isServerKey(text)) return byKey(text)
    if (isLease(text)) return byLease(text)
    const name = tokenName(text)
    if (name !== undefined) return byToken(text, name)
    const identity = await parts.readIdentity?.(text)
    return identity ? answer(identity) : unknown('this token is not valid')
  }

  function byKey(text: string): Answer<Principal> {
    if (parts.peer !== undefined && isOf(text, parts.peer))
      return vouchedFor(headers) ?? unknown('it is not said for whom this is asked')
    if (!isLoopback(remote)) return unknown('the key of the server is good on its own machine only')
    if (parts.key === undefined || !isOf(text, parts.key))
      return unknown('this is not the key of this server')
    return answer(principal(statedName(headers), { kind: 'key' }, [{ role: 'admin' }]))
  }

  function byLease(text: string): Answer<Principal> {
    const found = parts.whoWorks?.(text)
    if (found === 'over') return refuse({ code: 'leaseOver', message: 'this lease is over' })
    return found ? answer(runnerPrincipal(found.runner)) : unknown('this lease is not known')
  }

  async function byToken(text: string, name: string): Promise<Answer<Principal>> {
    const record = await parts.ask((world): TokenRecord | undefined => world.tokens.get(name))
    // One that is not there takes as long as one that is.
    const isGood = isOf(text, record?.hash ?? '')
    if (!record || !isGood) return unknown('this token is not valid')
    if (!isValid(record, parts.now()))
      return unknown(`the token ${name} is ${record.revoked ? 'revoked' : 'expired'}`)
    const who = principal(`${TOKEN_PREFIX}${name}`, { kind: 'token', token: name }, record.grants)
    who.stillIn = () =>
      parts.ask((world) => {
        const now = world.tokens.get(name)
        return now?.hash === record.hash && isValid(now, parts.now())
      })
    return answer(who)
  }
}

/** Longer ones are no credential of anybody. */
const LENGTH_MOST = 16_384
/** Whoever has the key is believed: they could write the journal as well. */
function statedName(headers: Headers): string {
  try {
    return shownName(decodeURIComponent(headers.get('x-anneal-by') ?? '')) || 'somebody on this machine'
  } catch {
    return 'somebody on this machine'
  }
}

function unknown<T>(message: string): Answer<T> {
  return refuse({ code: 'unauthenticated', message })
}
