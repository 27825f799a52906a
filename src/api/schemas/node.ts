// Schemas of nodes, and of what became of one over time.
import { z } from '@hono/zod-openapi'
import type { Json } from '../../base/json.ts'
import type { PublicEvent } from '../../model/event.ts'
import type { NodeDetails, NodeView } from '../../model/view.ts'
import { EventSchema } from './event.ts'
import { JsonObjectSchema, JsonSchema, schemaOf, maybe } from './json.ts'
import { NodeRoleSchema } from './node-role.ts'
import { NodeFaultSchema } from './reason.ts'

export const NodeSchema = schemaOf<NodeView>()(
  z
    .object({
      name: z.string(),
      address: z.string(),
      labels: JsonObjectSchema,
      alive: z.enum(['yes', 'no', 'never reached']),
      fault: maybe(NodeFaultSchema),
      available: z.boolean(),
      os: maybe(z.string()),
      nodeRoles: z.number(),
    })
    .openapi('Node'),
)

const valuesByRole = z.record(z.string(), z.record(z.string(), JsonSchema))

export const NodeDetailsSchema = schemaOf<NodeDetails>()(
  z
    .object({
      node: NodeSchema,
      nodeRoles: z.array(NodeRoleSchema),
      connection: z.object({
        kind: z.enum(['ssh', 'local']),
        user: maybe(z.string()),
        host: maybe(z.string()),
        port: maybe(z.number().int()),
        config: maybe(z.string()),
        runner: maybe(z.record(z.string(), z.string())),
        since: maybe(z.number()),
      }),
      hints: valuesByRole,
      variants: z.array(z.object({ variant: z.string(), nodeRoles: z.array(z.string()) })),
    })
    .openapi('NodeDetails'),
)

export interface NodeMoment {
  seq: number
  at: number
  event: PublicEvent
  /** Of facts: what differs from those known before. */
  facts?: { path: string[]; before?: Json; after?: Json }[]
}

export const NodeMomentSchema = schemaOf<NodeMoment>()(
  z
    .object({
      seq: z.number().int(),
      at: z.number(),
      event: EventSchema,
      facts: maybe(
        z.array(
          z.object({
            path: z.array(z.string()),
            before: maybe(JsonSchema),
            after: maybe(JsonSchema),
          }),
        ),
      ),
    })
    .openapi('NodeMoment'),
)
