// Routes: nodes, their facts, what became of one over time, and forgetting one.
import { z } from '@hono/zod-openapi'
import { publicEvent } from '../../annealer/public-event.ts'
import { unknownNode } from '../../annealer/decide.ts'
import { differencesBetween } from '../../annealer/timeline.ts'
import { viewNode } from '../../annealer/view.ts'
import { viewNodeDetails } from '../../annealer/view-node.ts'
import { partOf } from '../../annealer/view-part.ts'
import type { NodeRecord, World } from '../../annealer/world.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Event } from '../../model/event.ts'
import { answer, NOBODY_WAITS, refuse } from '../../model/refusal.ts'
import type { Scope } from '../../model/scope.ts'
import type { NodeView } from '../../model/view.ts'
import { annealRequest } from '../anneal-request.ts'
import type { Caller } from '../caller.ts'
import { following, requestOf, resultFor } from '../following.ts'
import { type Page, PAGE_QUERY, pageOf, pageSchema } from '../pages.ts'
import { jsonRoute, type Route } from '../route.ts'
import { ControlledSchema } from '../schemas/control.ts'
import { JsonObjectSchema, NodeName, wholeNumber, Why, maybe } from '../schemas/json.ts'
import { NodeDetailsSchema, type NodeMoment, NodeMomentSchema, NodeSchema } from '../schemas/node.ts'

const name = NodeName
const ALIVE = ['yes', 'no', 'never reached'] as const

const nodesRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/nodes',
  topic: 'nodes',
  summary: 'Nodes by name',
  query: {
    alive: z.array(z.enum(ALIVE)).optional(),
    q: z.string().min(1).max(300).optional().openapi({ description: 'Part of a name.' }),
    ...PAGE_QUERY,
  },
  answer: pageSchema('Node', NodeSchema),
  handle: ({ serving, query, caller }) =>
    serving.ask((world) => {
      const { alive, q } = query
      const view = nodeViewFor(world, caller)
      const views = [...world.nodes.values()]
        .filter((node) => q === undefined || node.name.includes(q))
        .flatMap((node) => view(node) ?? [])
      return pageOf(
        views.filter((view) => alive?.includes(view.alive) ?? true),
        (view) => view.name,
        query,
        (view) => view,
      )
    }),
})

const nodeRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/nodes/{name}',
  topic: 'nodes',
  summary: 'One node, and what is on it',
  params: { name },
  answer: NodeDetailsSchema,
  handle: ({ serving, live, params, caller }) =>
    serving.ask((world) => {
      const node = world.nodes.get(params.name)
      const view = node && nodeViewFor(world, caller)(node)
      if (!node || !view) return refuse(unknownFor(world, caller, params.name))
      const mayRead = (deployment: string): boolean => caller.may('read', deployment)
      return answer({ ...viewNodeDetails(world, node, live.secrets, mayRead), node: view })
    }),
})

const factsRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/nodes/{name}/facts',
  topic: 'nodes',
  summary: 'What is known of a node',
  params: { name },
  answer: JsonObjectSchema,
  async handle({ serving, params, caller }) {
    const hidden = await serving.ask((world) => {
      const node = world.nodes.get(params.name)
      const isSeen = node !== undefined && nodeViewFor(world, caller)(node) !== undefined
      return isSeen || caller.mayEverywhere('read') ? undefined : unknownFor(world, caller, params.name)
    })
    return hidden ? refuse(hidden) : serving.operations.facts(params.name)
  },
})

const historyRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/nodes/{name}/history',
  topic: 'nodes',
  summary: 'What became of a node: reached, lost, its facts over time, runs on it, holds of it; oldest first',
  params: { name },
  query: {
    after: wholeNumber(0, Number.MAX_SAFE_INTEGER)
      .default(0)
      .openapi({ description: '`next` of the page before' }),
    limit: wholeNumber(1, 1_000).default(200),
  },
  atOnce: 2,
  answer: pageSchema('NodeMoment', NodeMomentSchema),
  async handle({ serving, live, params, query, signal }) {
    const { name: node } = params
    const places = await serving.ask((world) => placesOf(world, node))
    const page: Page<NodeMoment> = { items: [] }
    let facts: JsonObject | undefined
    for await (const batch of serving.events(0)) {
      for (const { seq, at, event } of batch) {
        if (!isOf(node, places, event)) continue
        const before = facts
        if (event.kind === 'factsChanged') facts = event.facts
        if (event.kind === 'nodeForgotten') facts = undefined
        if (seq <= query.after) continue
        const last = page.items.at(-1)
        if (page.items.length === query.limit && last) return answer({ ...page, next: String(last.seq) })
        const changes =
          event.kind === 'factsChanged' ? { facts: differencesBetween(before ?? {}, event.facts) } : {}
        page.items.push({ seq, at, event: publicEvent(live.secrets, shortened(event)), ...changes })
      }
      if (signal.aborted) return refuse(NOBODY_WAITS)
      // A long past is read while others go on.
      await new Promise(setImmediate)
    }
    const isKnown = await serving.ask((world) =>
      world.nodes.has(node) ? undefined : unknownNode(world, node),
    )
    return isKnown && page.items.length === 0 && query.after === 0 ? refuse(isKnown) : answer(page)
  },
})

const forgetRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/nodes/{name}/forget',
  topic: 'nodes',
  summary: 'Forgets a node that is no more, and all that was on it',
  params: { name },
  body: z.strictObject({ why: maybe(Why) }),
  answer: ControlledSchema,
  follow: (asked, http) =>
    following(http, async (lines) => {
      const { serving, params, caller } = asked
      const done = await serving.operations.forget(params.name, requestOf(asked, lines))
      return done.ok ? answer(resultFor(caller, done.value)) : done
    }),
  async handle(asked) {
    const { serving, params } = asked
    const done = await serving.operations.forget(params.name, annealRequest(asked))
    return done.ok ? answer({ names: [params.name], leftOut: [], seq: serving.head() }) : done
  },
})

export const NODES_ROUTES: readonly Route[] = [nodesRoute, nodeRoute, factsRoute, historyRoute, forgetRoute]

/** Where not all may be read: of nodes that have something to do with what may. */
function nodeViewFor(world: World, caller: Caller): (node: NodeRecord) => NodeView | undefined {
  if (caller.mayEverywhere('read')) return viewNode
  const part = partOf(world, (deployment) => caller.may('read', deployment))
  return (node) => part.node(node)
}

/** The names of others are not said to who may not read them. */
function unknownFor(world: World, caller: Caller, name: string): ReturnType<typeof unknownNode> {
  if (caller.mayEverywhere('read')) return unknownNode(world, name)
  return { code: 'unknownNode', message: `there is no node ${name} in what ${caller.name} may read` }
}

/** Deployments and groups that it stands in now: who holds one of these holds it, too. */
function placesOf(world: World, node: string): ReadonlySet<string> {
  const nodeRoles = [...(world.nodes.get(node)?.nodeRoles ?? [])]
  return new Set(nodeRoles.flatMap(({ deployment, group }) => [deployment, group.id]))
}

function isOf(node: string, places: ReadonlySet<string>, event: Event): boolean {
  if (event.kind === 'held' || event.kind === 'released') return holds(node, places, event.scope)
  if ('node' in event) return event.node === node
  if (!('nodeRole' in event)) return false
  return event.nodeRole.split('/')[1] === node
}

function holds(node: string, places: ReadonlySet<string>, scope: Scope): boolean {
  switch (scope.kind) {
    case 'site':
      return true
    case 'node':
      return scope.node === node
    case 'nodeRole':
      return scope.nodeRole.split('/')[1] === node
    case 'deployment':
      return places.has(scope.deployment)
    case 'group':
      return places.has(`${scope.deployment}/${scope.role}`)
  }
}

/** What differs is told beside it. */
function shortened(event: Event): Event {
  return event.kind === 'factsChanged' ? { ...event, facts: {} } : event
}
