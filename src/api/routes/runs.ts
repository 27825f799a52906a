// Routes: runs, newest first, and the log of each.
import { z } from '@hono/zod-openapi'
import { targetMeant } from '../../annealer/targets.ts'
import { viewRun } from '../../annealer/view.ts'
import type { World } from '../../annealer/world.ts'
import { nodeRoleName } from '../../model/names.ts'
import { answer, type Refusal, refuse } from '../../model/refusal.ts'
import { PAGE_QUERY, pageOf, pageSchema } from '../pages.ts'
import { jsonRoute, rawRoute, type Route } from '../route.ts'
import { sendLog } from '../run-log.ts'
import { RunName, TargetText, wholeNumber } from '../schemas/json.ts'
import { RUN_RESULTS, RunSchema } from '../schemas/run.ts'

const runsRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/runs',
  topic: 'runs',
  summary: 'Runs, newest first; the last few thousand are kept',
  query: {
    target: TargetText.optional().openapi({ description: 'A part of the site.' }),
    result: z.array(z.enum(RUN_RESULTS)).optional(),
    ...PAGE_QUERY,
  },
  answer: pageSchema('Run', RunSchema),
  handle: ({ serving, query, caller }) =>
    serving.ask((world) => {
      const { target, result } = query
      const meant = target === undefined ? undefined : targetMeant(world, target)
      if (meant && !meant.ok) return meant
      const ids = meant && new Set(meant.value.nodeRoles.map(({ id }) => id))
      const records = [...world.runs.values()].filter(
        (record) =>
          (!ids || ids.has(record.nodeRole)) &&
          (result?.includes(record.result) ?? true) &&
          caller.may('read', nodeRoleName(record.nodeRole).deployment),
      )
      return pageOf(records, ({ run }) => Number(run.slice('run-'.length)), query, viewRun, true)
    }),
})

const runRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/runs/{run}',
  topic: 'runs',
  summary: 'One run',
  params: { run: RunName },
  answer: RunSchema,
  handle: ({ serving, params }) =>
    serving.ask((world) => {
      const record = world.runs.get(params.run)
      return record ? answer(viewRun(record)) : refuse(unknownRun(world, params.run))
    }),
})

const logRoute = rawRoute({
  method: 'GET',
  path: '/api/v1/runs/{run}/log',
  topic: 'runs',
  summary: 'What a run printed',
  description:
    'As text, up to where it is now: a record a line (`o`, `e` or `#`, seconds since the start, then the bytes as they ' +
    'were). With `Accept: text/event-stream` as it is printed: `data` is `{"text"}`, in which no byte is lost (bytes that ' +
    'are no UTF-8 stand as U+DC80 to U+DCFF), `id` is the offset in bytes behind it, with which `Last-Event-ID` resumes; ' +
    '`event: end` when the run is over.',
  params: { run: RunName },
  query: {
    from: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().openapi({ description: 'Offset in bytes.' }),
  },
  media: ['text/plain', 'text/event-stream'],
  async raw(asked, { outgoing }) {
    const { serving, params } = asked
    const known = await serving.ask((world) =>
      world.runs.has(params.run) ? undefined : unknownRun(world, params.run),
    )
    return known ? refuse(known) : sendLog(asked, outgoing, params.run, asked.query.from)
  },
})

export const RUNS_ROUTES: readonly Route[] = [runsRoute, runRoute, logRoute]

function unknownRun(world: World, run: string): Refusal {
  const [oldest] = world.runs.keys()
  const kept = oldest === undefined ? 'nothing ran yet' : `those from ${oldest} on are kept`
  return { code: 'unknownRun', message: `there is no run ${run}: ${kept}` }
}
