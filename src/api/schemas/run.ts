// Schema of a run.
import { z } from '@hono/zod-openapi'
import type { RunView } from '../../model/view.ts'
import { schemaOf } from './json.ts'
import { CauseSchema, RunActionSchema } from './reason.ts'

export const RUN_RESULTS = ['running', 'ok', 'failed', 'fault', 'lost'] as const

export const RunSchema = schemaOf<RunView>()(
  z
    .object({
      run: z.string(),
      nodeRole: z.string(),
      action: RunActionSchema,
      result: z.enum(RUN_RESULTS),
      changed: z.boolean().exactOptional(),
      startedAt: z.number(),
      durationMs: z.number().exactOptional(),
      attempt: z.number(),
      cause: CauseSchema,
      message: z.string().exactOptional(),
      revision: z.number(),
    })
    .openapi('Run'),
)
