// Routes: the timeline: what was committed and proposed, proposing, committing, and what a site would do.
import { z } from '@hono/zod-openapi'
import { diffTarget } from '../../annealer/diff.ts'
import { shownAt, showRevision, viewTimeline } from '../../annealer/timeline.ts'
import { partOf } from '../../annealer/view-part.ts'
import type { RevisionRecord, World } from '../../annealer/world.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import { diffWithoutSecrets } from '../../model/without-secrets.ts'
import { annealRequest } from '../anneal-request.ts'
import { type Edit, editedSite } from '../edited-site.ts'
import { PAGE_QUERY, pageOf, pageSchema } from '../pages.ts'
import { invalid } from '../read-request.ts'
import { jsonRoute, type Route } from '../route.ts'
import { ControlledSchema } from '../schemas/control.ts'
import { DiffSchema, ProposalSchema, RevisionDetailsSchema } from '../schemas/diff.ts'
import { JsonSchema, schemaOf, wholeNumber, Why, maybe } from '../schemas/json.ts'
import { RevisionSchema } from '../schemas/revision.ts'
import { SiteSchema } from '../schemas/site.ts'
import { checkedSite, SITE_MOST, siteWithContent } from '../site-body.ts'

const revision = wholeNumber(1, Number.MAX_SAFE_INTEGER)
const message = Why

const revisionsRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/revisions',
  topic: 'timeline',
  summary: 'All revisions, newest first',
  query: PAGE_QUERY,
  answer: pageSchema('Revision', RevisionSchema),
  handle: ({ serving, query, caller }) =>
    serving.ask((world) =>
      pageOf(
        caller.mayEverywhere('read')
          ? viewTimeline(world)
          : partOf(world, (deployment) => caller.may('read', deployment)).revisions(),
        (one) => one.revision,
        query,
        (one) => one,
        true,
      ),
    ),
})

const revisionRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/revisions/{revision}',
  topic: 'timeline',
  summary: 'One revision: what it says otherwise than the one it was made onto, and its content lock',
  params: { revision },
  query: {
    at: z
      .string()
      .max(2_000)
      .optional()
      .openapi({ description: 'A dotted path: what its target has there, e.g. `deployments.store.values`.' }),
  },
  answer: RevisionDetailsSchema,
  etag: ({ serving, params }) => serving.ask((world) => etagOf(world, params.revision)),
  handle: ({ serving, params, query }) =>
    serving.ask((world) => {
      const record = recordOf(world, params.revision)
      if (!record.ok) return record
      const details = showRevision(world, record.value)
      if (query.at === undefined) return answer(details)
      const value = shownAt(record.value.target, query.at === '' ? [] : query.at.split('.'))
      if (value === undefined)
        return refuse(invalid([{ in: 'query', place: 'at', message: 'its target has nothing there' }]))
      return answer({ ...details, value })
    }),
})

const revisionDiffRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/revisions/{revision}/diff',
  topic: 'timeline',
  summary: 'What committing it would do now',
  params: { revision },
  answer: DiffSchema,
  handle: ({ serving, params }) =>
    serving.ask((world) => {
      const record = recordOf(world, params.revision)
      if (!record.ok) return record
      return answer(diffWithoutSecrets(diffTarget(world, record.value.target, params.revision)))
    }),
})

const EditsSchema = schemaOf<Edit[]>()(
  z
    .array(
      z.strictObject({
        path: z.array(z.string().max(300)).min(3).max(50),
        value: maybe(JsonSchema),
      }),
    )
    .min(1)
    .max(1_000),
)

const proposeRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/revisions',
  topic: 'timeline',
  summary: 'Proposes a whole site, or edits of what is committed; null where that is what is committed',
  description:
    'Edits need `If-Match` with the ETag of the revision that was looked at, which must be the head. An edit without ' +
    '`value` takes out what stands at its path.',
  body: z
    .union([z.strictObject({ site: SiteSchema, message }), z.strictObject({ edits: EditsSchema, message })])
    .openapi('Propose'),
  mostBytes: SITE_MOST,
  limitMs: 120_000,
  status: 201,
  answer: ProposalSchema,
  async handle({ serving, uploads, body, caller, headers }) {
    const edited = 'edits' in body ? await editedAsLookedAt(body.edits) : answer(body.site)
    if (!edited.ok) return edited
    const now = await siteWithContent({ serving, uploads, caller }, edited.value)
    if (!now.ok) return now
    const proposed = await serving.operations.propose({
      ...now.value,
      by: caller.name,
      message: body.message,
    })
    if (!proposed.ok) return proposed
    const { value } = proposed
    return answer(value ? { ...value, diff: diffWithoutSecrets(value.diff) } : null)

    function editedAsLookedAt(edits: readonly Edit[]): Promise<Answer<Parameters<typeof checkedSite>[1]>> {
      return serving.ask((world) => {
        const etag = etagOf(world, world.head) ?? '"0"'
        const wanted = headers.get('if-match')
        if (wanted === null)
          return refuse({ code: 'mustMatch', message: 'edits name what they change by If-Match', etag })
        if (wanted !== etag && wanted !== '*')
          return refuse({
            code: 'movedOn',
            message: `the head of the timeline is revision ${world.head} by now`,
            etag,
          })
        return editedSite(world, edits)
      })
    }
  },
})

const commitRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/revisions/{revision}/commit',
  topic: 'timeline',
  summary: 'Commits a proposal as somebody has looked at it: on top of `onto`',
  params: { revision },
  body: z.strictObject({ onto: z.number().int().min(0), message: maybe(message) }),
  answer: ControlledSchema,
  etag: ({ serving, params }) => serving.ask((world) => etagOf(world, params.revision)),
  ifMatch: 'whenGiven',
  async handle(asked) {
    const { serving, params, body } = asked
    const { onto, message: why } = body
    const control = {
      kind: 'commit',
      revision: params.revision,
      onto,
      ...(why === undefined ? {} : { why }),
    } as const
    const done = await serving.operations.control(control, annealRequest(asked))
    return done.ok ? answer({ ...shown(done.value), seq: serving.head() }) : done
  },
})

const discardRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/revisions/{revision}/discard',
  topic: 'timeline',
  summary: 'Discards a proposal',
  params: { revision },
  body: z.strictObject({ why: maybe(Why) }),
  answer: ControlledSchema,
  etag: ({ serving, params }) => serving.ask((world) => etagOf(world, params.revision)),
  ifMatch: 'whenGiven',
  async handle(asked) {
    const { serving, params, body } = asked
    const control = { kind: 'discard', revision: params.revision, ...body } as const
    const done = await serving.operations.control(control, annealRequest(asked))
    return done.ok ? answer({ ...shown(done.value), seq: serving.head() }) : done
  },
})

const rollbackRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/revisions/{revision}/rollback',
  topic: 'timeline',
  summary: 'Proposes the target of an earlier revision again',
  params: { revision },
  body: z.strictObject({ message }),
  status: 201,
  answer: ProposalSchema,
  async handle({ serving, params, body, caller }) {
    const proposed = await serving.operations.rollback(params.revision, caller.name, body.message)
    return proposed.ok
      ? answer({ ...proposed.value, diff: diffWithoutSecrets(proposed.value.diff) })
      : proposed
  },
})

export const TIMELINE_ROUTES: readonly Route[] = [
  revisionsRoute,
  revisionRoute,
  revisionDiffRoute,
  proposeRoute,
  commitRoute,
  discardRoute,
  rollbackRoute,
]

function recordOf(world: World, number: number): Answer<RevisionRecord> {
  const record = world.revisions.get(number)
  return record
    ? answer(record)
    : refuse({ code: 'unknownRevision', message: `there is no revision ${number}` })
}

/** Moves on when it is committed, discarded, overtaken or superseded. */
function etagOf(world: World, number: number): string | undefined {
  const record = world.revisions.get(number)
  return (
    record && `"revision-${number}-${record.status}-${record.status === 'proposed' ? world.head : number}"`
  )
}

function shown({ names, leftOut }: { names: string[]; leftOut: string[] }): {
  names: string[]
  leftOut: string[]
} {
  return { names, leftOut }
}
