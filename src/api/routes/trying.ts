// Routes: what a site would do before anybody commits it: its difference, a look at the nodes, a rehearsal.
import { z } from '@hono/zod-openapi'
import type { DryRunReport } from '../../model/dry-run.ts'
import type { DryRunRequest } from '../../model/operations.ts'
import { type Answer, answer } from '../../model/refusal.ts'
import { diffWithoutSecrets } from '../../model/without-secrets.ts'
import { following } from '../following.ts'
import { type Asked, jsonRoute, type Route } from '../route.ts'
import { DiffSchema } from '../schemas/diff.ts'
import { DryRunSchema } from '../schemas/drift.ts'
import { maybe } from '../schemas/json.ts'
import { RehearsalSchema } from '../schemas/rehearsal.ts'
import { SiteSchema } from '../schemas/site.ts'
import { checkedSite, SITE_MOST, SiteBody, siteWithContent } from '../site-body.ts'

const diffRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/diff',
  topic: 'timeline',
  summary: 'What committing this site would do; nothing is written',
  body: SiteBody,
  mostBytes: SITE_MOST,
  answer: DiffSchema,
  async handle({ serving, body, caller }) {
    const site = await checkedSite({ serving, caller }, body.site)
    if (!site.ok) return site
    const diff = await serving.operations.diff(site.value)
    return diff.ok ? answer(diffWithoutSecrets(diff.value)) : diff
  },
})

const dryRunRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/dry-runs',
  topic: 'timeline',
  summary: 'The same, and a look at the nodes for what would change there; nothing is written',
  body: SiteBody,
  mostBytes: SITE_MOST,
  limitMs: 600_000,
  answer: DryRunSchema,
  follow: (asked, http) =>
    following(http, ({ write, signal }) =>
      dryRun({ ...asked, signal }, (node, notice) => write({ node, notice })),
    ),
  handle: (asked) => dryRun(asked, () => {}),
})

type DryRunAsked = Pick<
  Asked<unknown, unknown, z.output<typeof SiteBody>>,
  'serving' | 'uploads' | 'body' | 'signal' | 'caller'
>

async function dryRun(
  { serving, uploads, body, signal, caller }: DryRunAsked,
  onNotice: DryRunRequest['onNotice'],
): Promise<Answer<DryRunReport>> {
  const now = await siteWithContent({ serving, uploads, caller }, body.site)
  if (!now.ok) return now
  const told = await serving.operations.dryRun({ ...now.value, signal, onNotice })
  return told.ok ? answer({ ...told.value, diff: diffWithoutSecrets(told.value.diff) }) : told
}

const share = z.number().min(0).max(1)

const rehearsalRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/rehearsals',
  topic: 'timeline',
  summary: 'Carries out a site, a revision or what is committed on machines that are made up',
  body: z.strictObject({
    what: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('files'), site: SiteSchema }),
      z.strictObject({ kind: z.literal('revision'), revision: z.number().int().min(1) }),
      z.strictObject({ kind: z.literal('committed') }),
    ]),
    afresh: z.boolean().default(false),
    nodes: maybe(z.number().int().min(1).max(10_000)),
    times: maybe(z.number().int().min(1).max(100)),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32)
      .default(1),
    fail: maybe(share),
    dead: share.default(0),
  }),
  mostBytes: SITE_MOST,
  atOnce: 2,
  limitMs: 600_000,
  answer: RehearsalSchema,
  async handle({ serving, body, caller }) {
    if (body.what.kind === 'files') {
      const site = await checkedSite({ serving, caller }, body.what.site)
      if (!site.ok) return site
    }
    return serving.operations.rehearse(body)
  },
})

export const TRYING_ROUTES: readonly Route[] = [diffRoute, dryRunRoute, rehearsalRoute]
