// Routes: the graph of roles, that of node-roles around some of them, and where a value goes.
import { z } from '@hono/zod-openapi'
import { targetMeant } from '../../annealer/targets.ts'
import { viewNodeRoleGraph, viewRoleGraph } from '../../annealer/view-graph.ts'
import { answer } from '../../model/refusal.ts'
import { traceWithoutSecrets } from '../../model/without-secrets.ts'
import { jsonRoute, type Route } from '../route.ts'
import { NodeRoleGraphSchema, RoleGraphSchema } from '../schemas/graph.ts'
import { TargetText, wholeNumber, yesOrNo } from '../schemas/json.ts'
import { TraceSchema } from '../schemas/provenance.ts'

const roleGraphRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/graph/roles',
  topic: 'graph',
  summary: 'Roles of deployments, and what each needs of others',
  answer: RoleGraphSchema,
  handle: ({ serving, caller }) =>
    serving.ask((world) =>
      answer(viewRoleGraph(world, serving.head(), (deployment) => caller.may('read', deployment))),
    ),
})

const nodeRoleGraphRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/graph/node-roles',
  topic: 'graph',
  summary: 'Node-roles around a part of the site',
  query: {
    target: TargetText,
    depth: wholeNumber(0, 20).default(2).openapi({ description: 'Steps in both directions.' }),
    limit: wholeNumber(1, 5_000).default(500),
  },
  answer: NodeRoleGraphSchema,
  handle: ({ serving, caller, query }) =>
    serving.ask((world) => {
      const meant = targetMeant(world, query.target)
      if (!meant.ok) return meant
      const mayRead = (deployment: string): boolean => caller.may('read', deployment)
      const { depth, limit: most } = query
      const { nodeRoles } = meant.value
      return answer(viewNodeRoleGraph(serving.head(), nodeRoles, { depth, most, mayRead }))
    }),
})

const traceRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/trace',
  topic: 'graph',
  summary:
    'Where a value goes: `word` names an output, an input, a fact, a given value, or is the value itself',
  query: {
    word: z.array(z.string().min(1).max(4_000)).min(1).max(20),
    whole: yesOrNo().optional(),
  },
  answer: TraceSchema,
  async handle({ serving, query }) {
    const traced = await serving.operations.trace(query.word, query.whole ?? false)
    return traced.ok ? answer(traceWithoutSecrets(traced.value)) : traced
  },
})

export const GRAPH_ROUTES: readonly Route[] = [roleGraphRoute, nodeRoleGraphRoute, traceRoute]
