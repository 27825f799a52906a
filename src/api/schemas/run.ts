// Schema of a run.
import { z } from '@hono/zod-openapi'
import type { RunView } from '../../model/view.ts'
import { schemaOf, maybe } from './json.ts'
import { CauseSchema, RunActionSchema } from './reason.ts'

export const RUN_RESULTS = ['running', 'ok', 'failed', 'fault', 'lost'] as const

export const runShape = {
  run: z.string(),
  nodeRole: z.string(),
  action: RunActionSchema,
  result: z.enum(RUN_RESULTS),
  changed: maybe(z.boolean()),
  startedAt: z.number(),
  durationMs: maybe(z.number()),
  attempt: z.number(),
  cause: CauseSchema,
  message: maybe(z.string()),
  revision: z.number(),
}

export const RunSchema = schemaOf<RunView>()(z.object(runShape).openapi('Run'))
