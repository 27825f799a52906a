// Schemas of nodes, and of what became of one over time.
import { z } from '@hono/zod-openapi'
import type { Json } from '../../base/json.ts'
import type { PublicEvent } from '../../model/event.ts'
import type { NodeRoleView, NodeView } from '../../model/view.ts'
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

export interface NodeAnswer {
  node: NodeView
  /** By name; those that the caller may see. */
  nodeRoles: NodeRoleView[]
}

export const NodeAnswerSchema = schemaOf<NodeAnswer>()(
  z.object({ node: NodeSchema, nodeRoles: z.array(NodeRoleSchema) }).openapi('NodeDetails'),
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
