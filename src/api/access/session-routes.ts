// Routes: who one is, sessions of people, and links that open one.
import { z } from '@hono/zod-openapi'
import { answer, refuse } from '../../model/refusal.ts'
import type { Knock } from '../caller.ts'
import { jsonRoute, type Route } from '../route.ts'
import { LinkSchema, MeSchema, SessionsSchema } from '../schemas/access.ts'
import type { Links } from './links.ts'
import { principalOf, rightsOf } from './principal.ts'
import type { Sessions } from './sessions.ts'

export interface SessionRoutesParts {
  sessions: Sessions
  links: Links
  now: () => number
  /** Under which whoever asked knows this server. */
  addressOf: (knock: Knock) => string
}

export function sessionRoutes({ sessions, links, now, addressOf }: SessionRoutesParts): readonly Route[] {
  const meRoute = jsonRoute({
    method: 'GET',
    path: '/api/v1/me',
    topic: 'access',
    summary: 'Who asks, how they came in, and what they may',
    answer: MeSchema,
    handle({ caller }) {
      const { name, via = { kind: 'key' as const }, grants, ...who } = principalOf(caller)
      const everywhere = grants.some(({ deployments }) => deployments === undefined)
      const deployments = [...new Set(grants.flatMap((grant) => grant.deployments ?? []))].sort()
      return answer({
        name,
        via,
        rights: rightsOf({ name, via, grants, ...who }),
        grants: [...grants],
        ...(everywhere ? {} : { deployments }),
      })
    },
  })

  const listRoute = jsonRoute({
    method: 'GET',
    path: '/api/v1/sessions',
    topic: 'access',
    summary: 'Sessions of people, the last used first',
    answer: SessionsSchema,
    handle: () => answer({ items: sessions.list(now()).map((one) => ({ ...one, grants: [...one.grants] })) }),
  })

  const endRoute = jsonRoute({
    method: 'DELETE',
    path: '/api/v1/sessions/{session}',
    topic: 'access',
    summary: 'Ends a session',
    params: { session: z.string().regex(/^session-[0-9a-f]{12}$/) },
    answer: z.object({ ended: z.string() }),
    handle({ params: { session } }) {
      if (sessions.end(session)) return answer({ ended: session })
      return refuse({ code: 'nothingThere', message: `there is no session ${session}` })
    },
  })

  const linkRoute = jsonRoute({
    method: 'POST',
    path: '/api/v1/links',
    topic: 'access',
    summary: 'A link that opens one session of whoever asks, once, within a minute',
    answer: LinkSchema,
    tellsSecret: true,
    status: 201,
    handle({ caller, knock }) {
      const { name, grants } = principalOf(caller)
      const { secret, endsAt } = links.make({ name, grants }, now())
      return answer({ url: `${addressOf(knock)}/auth/link?code=${secret}`, endsAt })
    },
  })

  return [meRoute, listRoute, endRoute, linkRoute]
}
