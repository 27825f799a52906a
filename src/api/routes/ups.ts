// Routes: `anneal up` by a server: what it would do with the files of who asks, and doing it.
import { z } from '@hono/zod-openapi'
import { viewNotable, viewStanding } from '../../annealer/view.ts'
import { digestOf } from '../../base/digest.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import type { UpRequest, UpResult } from '../../model/operations.ts'
import type { Diff } from '../../model/view.ts'
import { diffWithoutSecrets } from '../../model/without-secrets.ts'
import { agreement, jsonOf, NOT_AS_CONFIRMED } from '../agreement.ts'
import { annealRequest } from '../anneal-request.ts'
import { following, requestOf, resultFor } from '../following.ts'
import { type Asked, jsonRoute, type Route } from '../route.ts'
import { DiffSchema } from '../schemas/diff.ts'
import { Digest, maybe, Why } from '../schemas/json.ts'
import { SiteSchema } from '../schemas/site.ts'
import { StatusSchema } from '../schemas/status.ts'
import { checkedSite, SITE_MOST, SiteBody, siteWithContent } from '../site-body.ts'

const previewRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/ups/preview',
  topic: 'timeline',
  summary:
    'What there is to say yes to before this site is committed and annealed; null where there is nothing',
  body: SiteBody,
  mostBytes: SITE_MOST,
  answer: z.object({ diff: DiffSchema.nullable(), confirmed: maybe(z.string()) }).openapi('UpPreview'),
  async handle(asked) {
    const { known, body } = asked
    const site = await checkedSite(asked, body.site)
    if (!site.ok) return site
    known.add(site.value)
    let shown: Diff | undefined
    const confirm = async (diff: Diff): Promise<boolean> => {
      shown = diff
      return false
    }
    const now = { site: site.value, content: new Map<string, Uint8Array>() }
    const done = await asked.serving.operations.up({ ...annealRequest(asked), ...now, message: '', confirm })
    if (!done.ok) return done
    if (!shown) return answer({ diff: null })
    return answer({ diff: diffWithoutSecrets(shown), confirmed: digestOf(jsonOf(shown)) })
  },
})

/** Asked before a site is sent: most of the time nothing has changed. */
const sameRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/ups/same',
  topic: 'timeline',
  summary: 'How the site stands, if it is one that was sent before and there is nothing to do for it',
  body: z.strictObject({
    digest: Digest.openapi({ description: 'SHA-256 in hex of the site as canonical JSON.' }),
  }),
  answer: z.object({ atRest: maybe(StatusSchema) }).openapi('UpSame', {
    description: 'Nothing else is said where there is more to say: then the site is to be sent.',
  }),
  async handle(asked) {
    const { serving, known, body } = asked
    const site = known.get(body.digest)
    if (!site) return answer({})
    const now = { site, content: new Map<string, Uint8Array>() }
    let isNew = false
    const confirm = async (): Promise<boolean> => {
      isNew = true
      return false
    }
    const done = await serving.operations.up({ ...annealRequest(asked), ...now, message: '', confirm })
    if (!done.ok || isNew) return answer({})
    return serving.ask((world) => {
      const standing = viewStanding(world)
      const isQuiet = standing.ready && standing.atRest && viewNotable(world, 0).hidden === 0
      return answer(
        isQuiet ? { atRest: { ...standing, nodeRoles: world.nodeRoles.size, seq: serving.head() } } : {},
      )
    })
  },
})

const upRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/ups',
  topic: 'timeline',
  summary: 'Commits this site and anneals',
  body: z.strictObject({
    site: SiteSchema,
    message: Why,
    confirmed: maybe(
      Digest.openapi({
        description: 'Of the preview that was agreed to: refused where it would do something else by now.',
      }),
    ),
  }),
  mostBytes: SITE_MOST,
  limitMs: 120_000,
  answer: z.object({ seq: z.number().int() }).openapi('Upped', {
    description: 'It is durable; what comes of it is to be heard in events after `seq`.',
  }),
  follow: (asked, http) =>
    following(http, async (lines) => {
      const done = await upped(asked, requestOf(asked, lines))
      return done.ok ? answer(resultFor(asked.caller, done.value)) : done
    }),
  async handle(asked) {
    const done = await upped(asked, annealRequest(asked))
    return done.ok ? answer({ seq: asked.serving.head() }) : done
  },
})

export const UPS_ROUTES: readonly Route[] = [previewRoute, sameRoute, upRoute]

async function upped(
  {
    serving,
    known,
    uploads,
    caller,
    body,
  }: Asked<unknown, unknown, Pick<UpRequest, 'site' | 'message'> & { confirmed?: string }>,
  request: ReturnType<typeof annealRequest>,
): Promise<Answer<UpResult>> {
  const now = await siteWithContent({ serving, uploads, caller }, body.site)
  if (!now.ok) return now
  known.add(now.value.site)
  const agreed = agreement(body.confirmed)
  const { message } = body
  const done = await serving.operations.up({ ...request, ...now.value, message, confirm: agreed.confirm })
  return agreed.isBroken() ? refuse(NOT_AS_CONFIRMED) : done
}
