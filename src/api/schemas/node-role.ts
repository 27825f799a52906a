// Schemas of a node-role: as it stands, and why it does.
import { z } from '@hono/zod-openapi'
import type { NodeRoleView } from '../../model/view.ts'
import { schemaOf, maybe } from './json.ts'
import { ReasonSchema, StateSchema } from './reason.ts'

export const NodeRoleSchema = schemaOf<NodeRoleView>()(
  z
    .object({
      id: z.string(),
      deployment: z.string(),
      node: z.string(),
      role: z.string(),
      state: StateSchema,
      reason: ReasonSchema,
      leaving: z.boolean(),
      lastRun: maybe(z.string()),
    })
    .openapi('NodeRole'),
)
