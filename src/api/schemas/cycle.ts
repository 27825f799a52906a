// Schemas of cycles: each as a whole, what its time was made of, and its runs as bars over time.
import { z } from '@hono/zod-openapi'
import type { CriticalPath, CycleTrend, CycleView, PathPart, PathWait } from '../../model/cycle.ts'
import type { RunView } from '../../model/view.ts'
import { CycleCauseSchema, CycleResultSchema } from './event.ts'
import { schemaOf, maybe } from './json.ts'
import { RunActionSchema } from './reason.ts'
import { runShape } from './run.ts'

const text = z.string()
const number = z.number()

export const CycleSchema = schemaOf<CycleView>()(
  z
    .object({
      cycle: number,
      cause: CycleCauseSchema,
      revision: number,
      beganAt: number,
      endedAt: maybe(number),
      result: maybe(CycleResultSchema),
      wallMs: number,
      temperatures: z.array(z.tuple([number, number])),
      runs: number,
      reruns: number,
      retries: number,
      failed: number,
      nodes: number,
      touches: number,
      facts: number,
    })
    .openapi('Cycle'),
)

export const TrendSchema = schemaOf<CycleTrend>()(
  z.object({ cycles: number, medianMs: number, beforeMs: number }).openapi('CycleTrend'),
)

const PathWaitSchema = schemaOf<PathWait>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('begin') }),
      z.object({ kind: z.literal('requirement'), nodeRole: text }),
      z.object({ kind: z.literal('input'), nodeRole: text, input: text }),
      z.object({ kind: z.literal('order'), nodeRole: text }),
      z.object({ kind: z.literal('removal'), nodeRole: text }),
      z.object({ kind: z.literal('earlier'), run: text }),
      z.object({ kind: z.literal('lock'), lock: text, nodeRole: text }),
      z.object({ kind: z.literal('backoff'), run: text }),
      z.object({ kind: z.literal('contact'), node: text }),
      z.object({ kind: z.literal('outside') }),
    ])
    .openapi('PathWait', { description: 'What let a step of a critical path start.' }),
)

const WAIT_KINDS = [
  'begin',
  'requirement',
  'input',
  'order',
  'removal',
  'earlier',
  'lock',
  'backoff',
  'contact',
  'outside',
  'end',
] as const

const PathPartSchema = schemaOf<PathPart>()(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('role'), deployment: text, role: text, runs: number, ms: number }),
    z.object({ kind: z.literal('wait'), wait: z.enum(WAIT_KINDS), ms: number }),
  ]),
)

export const CriticalPathSchema = schemaOf<CriticalPath>()(
  z
    .object({
      cycle: CycleSchema,
      steps: z.array(
        z.object({
          run: text,
          nodeRole: text,
          action: RunActionSchema,
          startedAt: number,
          tookMs: number,
          waitedMs: number,
          waitedFor: PathWaitSchema,
        }),
      ),
      endMs: number,
      forgotten: number,
      most: maybe(PathPartSchema),
    })
    .openapi('CriticalPath'),
)

export interface CycleRuns {
  cycle: CycleView
  /** By their beginning. `endedAt`: when their end was heard of; absent while they run. */
  runs: (RunView & { endedAt?: number })[]
  /** So many of its runs are not kept any more. */
  forgotten: number
}

export const CycleRunsSchema = schemaOf<CycleRuns>()(
  z
    .object({
      cycle: CycleSchema,
      runs: z.array(z.object({ ...runShape, endedAt: maybe(number) })),
      forgotten: number,
    })
    .openapi('CycleRuns'),
)
