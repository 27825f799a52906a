// Schemas of graphs: roles or node-roles as points, and what lies between them.
import { z } from '@hono/zod-openapi'
import type { GraphEdge, NodeRoleGraphView, RoleGraphView } from '../../model/graph-view.ts'
import { schemaOf, maybe } from './json.ts'
import { StateSchema } from './reason.ts'
import { Counts } from './status.ts'

const text = z.string()

const EdgeSchema = schemaOf<GraphEdge>()(
  z
    .object({
      from: text,
      to: text,
      kind: z.enum(['requires', 'after', 'reads']),
      output: maybe(text),
      input: maybe(text),
      take: maybe(z.enum(['one', 'all', 'map'])),
      wait: maybe(z.union([z.enum(['all', 'known']), z.number()])),
      orders: z.boolean().openapi({ description: 'It holds back a start.' }),
      circle: z.boolean(),
    })
    .openapi('GraphEdge', { description: 'From what gives to what needs it.' }),
)

export const RoleGraphSchema = schemaOf<RoleGraphView>()(
  z
    .object({
      seq: z.number().int(),
      revision: z.number(),
      points: z.array(
        z.object({
          id: text,
          deployment: text,
          role: text,
          per: z.enum(['node', 'deployment']),
          once: z.boolean(),
          milestone: z.boolean(),
          members: z.number(),
          counts: Counts,
          rankMs: z.number(),
        }),
      ),
      edges: z.array(EdgeSchema),
    })
    .openapi('RoleGraph'),
)

export const NodeRoleGraphSchema = schemaOf<NodeRoleGraphView>()(
  z
    .object({
      seq: z.number().int(),
      points: z.array(z.object({ id: text, state: StateSchema, asked: z.boolean() })),
      edges: z.array(EdgeSchema),
      left: z.number(),
    })
    .openapi('NodeRoleGraph'),
)
