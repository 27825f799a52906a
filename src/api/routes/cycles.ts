// Routes: cycles, what the time of one was made of, and its runs as bars over time.
import { z } from '@hono/zod-openapi'
import { criticalPath, runsOfCycle } from '../../annealer/critical-path.ts'
import { viewCycle, viewCycles } from '../../annealer/view-cycles.ts'
import { partOf, type SitePart } from '../../annealer/view-part.ts'
import { viewRun } from '../../annealer/view.ts'
import type { World } from '../../annealer/world.ts'
import type { CycleTrend, CycleView } from '../../model/cycle.ts'
import { type Answer, answer, type Refusal, refuse } from '../../model/refusal.ts'
import type { Caller } from '../caller.ts'
import { type Page, PAGE_QUERY, pageOf } from '../pages.ts'
import { jsonRoute, type Route } from '../route.ts'
import { CriticalPathSchema, CycleRunsSchema, CycleSchema, TrendSchema } from '../schemas/cycle.ts'
import { schemaOf, wholeNumber, maybe } from '../schemas/json.ts'

const cyclesRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/cycles',
  topic: 'cycles',
  summary: 'The last cycles, newest first, and whether they get shorter',
  query: PAGE_QUERY,
  answer: schemaOf<Page<CycleView> & { trend?: CycleTrend }>()(
    z
      .object({
        items: z.array(CycleSchema),
        next: maybe(z.string()),
        trend: maybe(TrendSchema),
      })
      .openapi('CyclePage'),
  ),
  handle: ({ serving, query, caller }) =>
    serving.ask((world) => {
      const part = partFor(world, caller)
      const { cycles, trend } = part ? { cycles: part.cycles(), trend: undefined } : viewCycles(world)
      const page = pageOf(
        cycles,
        ({ cycle }) => cycle,
        query,
        (cycle) => cycle,
        true,
      )
      return page.ok && trend ? answer({ ...page.value, trend }) : page
    }),
})

const cycle = wholeNumber(1, Number.MAX_SAFE_INTEGER)

const cycleRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/cycles/{cycle}',
  topic: 'cycles',
  summary: 'One cycle, with its critical path',
  params: { cycle },
  answer: CriticalPathSchema,
  handle: ({ serving, params, caller }) =>
    serving.ask((world) => {
      const record = recordOf(world, params.cycle)
      if (!record.ok) return record
      const part = partFor(world, caller)
      const path = part ? part.cycle(record.value) : criticalPath(world, record.value)
      return path ? answer(path) : refuse(unknownCycle(params.cycle))
    }),
})

const cycleRunsRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/cycles/{cycle}/runs',
  topic: 'cycles',
  summary: 'The runs of one cycle as bars over time',
  params: { cycle },
  answer: CycleRunsSchema,
  handle: ({ serving, params }) =>
    serving.ask((world) => {
      const record = recordOf(world, params.cycle)
      if (!record.ok) return record
      const runs = runsOfCycle(world, record.value)
      return answer({
        cycle: viewCycle(world, record.value),
        runs: runs.map((run) => ({
          ...viewRun(run),
          ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
        })),
        forgotten: record.value.runs - runs.length,
      })
    }),
})

export const CYCLES_ROUTES: readonly Route[] = [cyclesRoute, cycleRoute, cycleRunsRoute]

/** Undefined for who may read all. */
function partFor(world: World, caller: Caller): SitePart | undefined {
  return caller.mayEverywhere('read')
    ? undefined
    : partOf(world, (deployment) => caller.may('read', deployment))
}

function recordOf(world: World, number: number): Answer<World['cycles'][number]> {
  const record = world.cycles.find((one) => one.cycle === number)
  if (record) return answer(record)
  return refuse(unknownCycle(number))
}

function unknownCycle(number: number): Refusal {
  return { code: 'unknownCycle', message: `there is no cycle ${number}` }
}
