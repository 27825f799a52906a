// Routes: steering work under way: controls, rinses, looks for drift, ad-hoc commands.
import { z } from '@hono/zod-openapi'
import { viewExec } from '../../annealer/execs.ts'
import { previewRinse } from '../../annealer/rinse-preview.ts'
import { nodeRolesMeant } from '../../annealer/targets.ts'
import { answer, refuse } from '../../model/refusal.ts'
import type { DriftReport } from '../../model/operations.ts'
import { agreement, NOT_AS_CONFIRMED } from '../agreement.ts'
import { annealRequest } from '../anneal-request.ts'
import { streamExec } from '../exec-stream.ts'
import { following, requestOf, resultFor } from '../following.ts'
import { PAGE_QUERY, pageOf, pageSchema } from '../pages.ts'
import { jsonRoute, rawRoute, type Route } from '../route.ts'
import { ControlledSchema, ControlSchema, Targets } from '../schemas/control.ts'
import { DriftSchema, type ExecAnswer, ExecSchema, RinsePreviewSchema } from '../schemas/drift.ts'
import { Digest, maybe, schemaOf, Why } from '../schemas/json.ts'
import { RunSchema } from '../schemas/run.ts'

const controlsRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/controls',
  topic: 'control',
  summary: 'Stop, hold, release, retry, run, approve, cancel, commit, discard',
  body: ControlSchema,
  answer: ControlledSchema,
  follow: (asked, http) =>
    following(http, async (lines) => {
      const { serving, body, caller } = asked
      const done = await serving.operations.control(body, requestOf(asked, lines))
      if (!done.ok || !done.value.result) return done
      return answer({ ...done.value, result: resultFor(caller, done.value.result) })
    }),
  async handle(asked) {
    const { serving, body } = asked
    const done = await serving.operations.control(body, annealRequest(asked))
    if (!done.ok) return done
    const { names, leftOut } = done.value
    return answer({ names, leftOut, seq: serving.head() })
  },
})

const rinsed = { targets: z.union([z.literal('all'), Targets]), once: z.boolean().default(false) }

const previewRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/rinses/preview',
  topic: 'control',
  summary: 'What a rinse would remove and apply afresh, in which order',
  body: z.strictObject(rinsed),
  answer: RinsePreviewSchema,
  handle: ({ serving, body }) =>
    serving.ask((world) => {
      const named = nodeRolesMeant(world, body.targets)
      return named.ok ? previewRinse(world, named.value, body.once) : named
    }),
})

const rinseRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/rinses',
  topic: 'control',
  summary: 'Removes in reverse order and applies afresh',
  body: z.strictObject({
    ...rinsed,
    why: maybe(Why),
    confirmed: maybe(
      Digest.openapi({
        description:
          'Of the preview that was agreed to (SHA-256 of its canonical JSON): refused where it is another by now.',
      }),
    ),
  }),
  answer: ControlledSchema,
  follow: (asked, http) =>
    following(http, async (lines) => {
      const { serving, caller, body } = asked
      const { confirmed, ...wanted } = body
      const agreed = agreement(confirmed)
      const request = { ...requestOf(asked, lines), ...wanted, confirm: agreed.confirm }
      const done = await serving.operations.rinse(request)
      if (agreed.isBroken()) return refuse(NOT_AS_CONFIRMED)
      return done.ok ? answer(resultFor(caller, done.value)) : done
    }),
  async handle(asked) {
    const { serving, body } = asked
    const { confirmed, ...wanted } = body
    const agreed = agreement(confirmed)
    const names: string[] = []
    const leftOut: string[] = []
    const done = await serving.operations.rinse({
      ...annealRequest(asked),
      ...wanted,
      confirm: async (preview) => {
        names.push(...preview.applies.flatMap(({ nodeRoles }) => nodeRoles))
        leftOut.push(...preview.leftOut.map(({ nodeRole }) => nodeRole))
        return agreed.confirm(preview)
      },
    })
    if (agreed.isBroken()) return refuse(NOT_AS_CONFIRMED)
    return done.ok ? answer({ names, leftOut, seq: serving.head() }) : done
  },
})

const driftRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/drift',
  topic: 'control',
  summary: 'Looks for drift now; with `repair` what drifted is applied again. Answers when all was looked at',
  body: z.strictObject({ targets: Targets, repair: z.boolean().default(false) }),
  limitMs: 600_000,
  answer: schemaOf<DriftReport>()(
    z
      .object({
        nodeRoles: z.array(DriftSchema),
        runs: z.array(RunSchema),
        wallMs: z.number(),
        interrupted: z.boolean(),
      })
      .openapi('DriftReport'),
  ),
  follow: (asked, http) =>
    following(http, (lines) => asked.serving.operations.drift({ ...requestOf(asked, lines), ...asked.body })),
  handle(asked) {
    const { written: _, ...request } = annealRequest(asked)
    return asked.serving.operations.drift({ ...request, ...asked.body })
  },
})

const execRoute = rawRoute({
  method: 'POST',
  path: '/api/v1/execs',
  topic: 'control',
  summary: 'An ad-hoc command over some nodes; a JSON line for each thing that happens',
  description:
    'Lines: `{"kind":"started","exec","nodes"}`, `{"kind":"output","node","stream","text"}` (`base64` in place of `text` where the bytes are no UTF-8), ' +
    '`{"kind":"ended","node","outcome"}`, `{"kind":"notice","node","message"}`, and last `{"kind":"done","exec"}` or ' +
    '`{"kind":"refused","refusal"}`. Going away ends the commands.',
  body: z.strictObject({
    selection: z.union([z.literal('all'), z.strictObject({ text: z.string().min(1).max(4_000) })]),
    argv: z.array(z.string().max(100_000)).min(1).max(1_000),
    become: z.boolean().default(false),
    deadlineMs: z.number().int().min(1_000).max(86_400_000).default(60_000),
    parallel: z.number().int().min(1).max(1_000).default(16),
    why: maybe(Why),
  }),
  media: ['application/x-ndjson'],
  raw: (asked, { outgoing }) => streamExec(asked, asked.body, outgoing),
})

const execsRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/execs',
  topic: 'control',
  summary: 'The last ad-hoc commands, newest first',
  query: PAGE_QUERY,
  answer: pageSchema('Exec', ExecSchema),
  handle: ({ serving, query }) =>
    serving.ask((world) =>
      pageOf(
        world.execs.values(),
        ({ exec }) => Number(exec.slice('exec-'.length)),
        query,
        (record): ExecAnswer => {
          const { nodes, ...view } = viewExec(record)
          return { ...view, nodes: nodes.map(({ node, outcome }) => ({ node, ...(outcome && { outcome }) })) }
        },
        true,
      ),
    ),
})

export const CONTROL_ROUTES: readonly Route[] = [
  controlsRoute,
  previewRoute,
  rinseRoute,
  driftRoute,
  execRoute,
  execsRoute,
]
