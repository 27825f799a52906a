// Routes: signing in and out in a browser, by a one-time link or by the identity provider.
import type { ServerResponse } from 'node:http'
import { z } from '@hono/zod-openapi'
import type { AuditNote } from '../../model/audit.ts'
import { answer, type Refusal } from '../../model/refusal.ts'
import type { Knock } from '../caller.ts'
import { SECURITY_HEADERS } from '../headers.ts'
import { STATUS_OF_REFUSAL } from '../problem.ts'
import { jsonRoute, rawRoute, type Route } from '../route.ts'
import { SignInSchema } from '../schemas/access.ts'
import { cookieName, readCookie, setCookie } from './cookies.ts'
import type { Links } from './links.ts'
import type { Oidc } from './oidc.ts'
import { principalOf } from './principal.ts'
import type { NewSession, Sessions, SessionTimes } from './sessions.ts'

export interface SignInParts {
  sessions: Sessions
  times: SessionTimes
  links: Links
  oidc?: { provider: Oidc; name: string } | undefined
  now(): number
  addressOf(knock: Knock): string
  isSecure(knock: Knock): boolean
  /** Of whoever signed in or was refused. */
  note(note: AuditNote): Promise<void>
  deny(note: AuditNote): void
}

export function signInRoutes(parts: SignInParts): readonly Route[] {
  const { sessions, links, oidc, times } = parts

  const waysRoute = jsonRoute({
    method: 'GET',
    path: '/auth',
    topic: 'access',
    summary: 'How people sign in here',
    answer: SignInSchema,
    handle: () =>
      answer({ ...(oidc && { oidc: { name: oidc.name, url: '/auth/login' } }), logout: '/auth/logout' }),
  })

  const linkRoute = rawRoute({
    method: 'GET',
    path: '/auth/link',
    topic: 'access',
    summary: 'Opens the session of a one-time link',
    query: { code: z.string().max(100) },
    media: ['text/html'],
    async raw({ knock, query }, { outgoing }) {
      const link = links.take(query.code, parts.now())
      const refusal: Refusal = {
        code: 'unauthenticated',
        message: 'this link was used already, or is older than a minute; anneal ui makes another one',
      }
      if (!link) return turnAway(knock, outgoing, refusal)
      return open(knock, outgoing, { ...link, signedIn: 'link', address: knock.remote })
    },
  })

  const loginRoute = rawRoute({
    method: 'GET',
    path: '/auth/login',
    topic: 'access',
    summary: 'Sends somebody to the identity provider',
    media: ['text/html'],
    async raw({ knock }, { outgoing }) {
      if (!oidc) return turnAway(knock, outgoing, NO_PROVIDER)
      const begun = await oidc.provider.begin(`${parts.addressOf(knock)}/auth/callback`, parts.now())
      if (!begun.ok) return turnAway(knock, outgoing, begun.refusal)
      const { address, secret } = begun.value
      const secure = parts.isSecure(knock)
      // The way back comes from another site: a strict cookie would not be there.
      const cookie = setCookie(cookieName('signIn', secure), secret, {
        secure,
        maxAgeS: 600,
        sameSite: 'Lax',
      })
      outgoing.writeHead(302, {
        ...SECURITY_HEADERS,
        'cache-control': 'no-store',
        location: address,
        'set-cookie': cookie,
      })
      outgoing.end()
      return answer(undefined)
    },
  })

  const callbackRoute = rawRoute({
    method: 'GET',
    path: '/auth/callback',
    topic: 'access',
    summary: 'Where the identity provider sends somebody back to',
    anyQuery: true,
    media: ['text/html'],
    async raw({ knock }, { incoming, outgoing }) {
      if (!oidc) return turnAway(knock, outgoing, NO_PROVIDER)
      const secret = readCookie(knock.headers, cookieName('signIn', parts.isSecure(knock)))
      const came = new URL(incoming.url ?? '/', parts.addressOf(knock))
      const ended = await oidc.provider.end(came, secret, parts.now())
      if (!ended.ok) return turnAway(knock, outgoing, ended.refusal)
      return open(knock, outgoing, { ...ended.value, signedIn: 'oidc', address: knock.remote })
    },
  })

  const logoutRoute = rawRoute({
    method: 'POST',
    path: '/auth/logout',
    topic: 'access',
    summary: 'Ends the session of whoever asks',
    media: ['application/json'],
    raw({ knock, caller }, { outgoing }) {
      const { via } = principalOf(caller)
      if (via?.kind === 'session') sessions.end(via.session)
      const secure = parts.isSecure(knock)
      const gone = setCookie(cookieName('session', secure), '', { secure, maxAgeS: 0, sameSite: 'Strict' })
      outgoing.writeHead(204, { ...SECURITY_HEADERS, 'cache-control': 'no-store', 'set-cookie': gone })
      outgoing.end()
      return answer(undefined)
    },
  })

  return [waysRoute, linkRoute, loginRoute, callbackRoute, logoutRoute]

  async function open(
    knock: Knock,
    outgoing: ServerResponse,
    wanted: NewSession,
  ): Promise<ReturnType<typeof answer<void>>> {
    const { secret, session } = sessions.open(wanted, parts.now())
    const { name: by, signedIn, subject } = wanted
    const via = {
      kind: 'session' as const,
      session,
      by: signedIn,
      ...(subject === undefined ? {} : { subject }),
    }
    await parts.note({ what: 'sign in', by, via, address: knock.remote, outcome: 'taken' })
    const secure = parts.isSecure(knock)
    const cookies = [
      setCookie(cookieName('session', secure), secret, {
        secure,
        maxAgeS: Math.floor(times.mostMs / 1_000),
        sameSite: 'Strict',
      }),
      setCookie(cookieName('signIn', secure), '', { secure, maxAgeS: 0, sameSite: 'Lax' }),
    ]
    // Not a redirect: it would go on what began elsewhere, and a strict cookie stays at home then.
    return page(
      outgoing,
      200,
      '<meta http-equiv="refresh" content="0; url=/"><p>Signed in. <a href="/">Go on</a></p>',
      cookies,
    )
  }

  async function turnAway(
    knock: Knock,
    outgoing: ServerResponse,
    refusal: Refusal,
  ): Promise<ReturnType<typeof answer<void>>> {
    parts.deny({ what: 'sign in', address: knock.remote, outcome: refusal.code, why: refusal.message })
    const text = `<p>${escaped(refusal.message)}</p><p><a href="/">Back</a></p>`
    return page(outgoing, STATUS_OF_REFUSAL[refusal.code], text, [])
  }
}

const NO_PROVIDER: Refusal = {
  code: 'unauthenticated',
  message: 'no identity provider is set here (server.yaml, oidc)',
}

function page(
  outgoing: ServerResponse,
  status: number,
  text: string,
  cookies: string[],
): ReturnType<typeof answer<void>> {
  outgoing.writeHead(status, {
    ...SECURITY_HEADERS,
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
    ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
  })
  outgoing.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Anneal</title>${text}</html>\n`)
  return answer(undefined)
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
