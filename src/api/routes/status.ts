// Routes: how the site stands: status, the board, node-roles and why each of them is as it is.
import { z } from '@hono/zod-openapi'
import { explain } from '../../annealer/explain.ts'
import { nodeRolesInOrder } from '../../annealer/in-order.ts'
import { nodeRoleMeant } from '../../annealer/targets.ts'
import { partOf } from '../../annealer/view-part.ts'
import { viewBoard } from '../../annealer/view-board.ts'
import { viewNodeRole, viewNotable, viewStanding } from '../../annealer/view.ts'
import type { World } from '../../annealer/world.ts'
import type { BoardView } from '../../model/board.ts'
import type { NodeRoleView } from '../../model/view.ts'
import { type Moment, type Then, unknownEvent } from '../../model/moment.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import { withoutSecrets } from '../../model/without-secrets.ts'
import { PAGE_QUERY, type Page, pageInOrder, pageSchema } from '../pages.ts'
import { invalid } from '../read-request.ts'
import { jsonRoute, type Route } from '../route.ts'
import { Name, NodePart, wholeNumber } from '../schemas/json.ts'
import { NodeRoleSchema } from '../schemas/node-role.ts'
import { WhySchema } from '../schemas/provenance.ts'
import { StateSchema } from '../schemas/reason.ts'
import { BoardSchema, type StatusAnswer, StatusSchema } from '../schemas/status.ts'

const text = z.string().min(1).max(300)

/** As long as a long past takes. */
const PAST_MS = 120_000

const WHEN = {
  at: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .openapi({ description: 'As it was after this event; costs what happened until then.' }),
  time: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().openapi({
    description: 'As it was then, in milliseconds since the epoch; costs what happened until then.',
  }),
}

const statusRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/status',
  topic: 'status',
  summary: 'How the site stands',
  query: {
    notable: wholeNumber(0, 1_000).optional().openapi({
      description: 'So many of those node-roles that are not quietly active, the most urgent first.',
    }),
    ...WHEN,
  },
  limitMs: PAST_MS,
  answer: StatusSchema,
  async handle({ serving, query, caller, signal }) {
    const { notable: most } = query
    const mayRead = (deployment: string): boolean => caller.may('read', deployment)
    const statusOf = (world: World, then: Then): StatusAnswer => {
      const standing = caller.mayEverywhere('read')
        ? { ...viewStanding(world), nodeRoles: world.nodeRoles.size }
        : partOf(world, mayRead).standing()
      const head = { ...standing, ...then }
      if (most === undefined) return head
      const { nodeRoles: notable, hidden } = viewNotable(world, most, mayRead)
      return { ...head, notable, hidden }
    }
    const moment = momentMeant(query, serving.head())
    if (!moment.ok) return moment
    if (moment.value) return serving.past.at(moment.value, signal, statusOf)
    return serving.ask((world) => answer(statusOf(world, { seq: serving.head() })))
  },
})

const nodeRolesRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/node-roles',
  topic: 'status',
  summary: 'Node-roles by name, as they stand',
  query: {
    state: z.array(StateSchema).optional(),
    deployment: z.array(Name).optional(),
    node: z.array(NodePart).optional(),
    role: z.array(Name).optional(),
    q: text.optional().openapi({ description: 'Part of a name, `deployment/node/role`.' }),
    ...WHEN,
    ...PAGE_QUERY,
  },
  limitMs: PAST_MS,
  answer: pageSchema('NodeRole', NodeRoleSchema),
  async handle({ serving, query, caller, signal }) {
    const { state, deployment, node, role, q } = query
    const pageIn = (world: World): Answer<Page<NodeRoleView>> =>
      pageInOrder(
        nodeRolesInOrder(world),
        ({ id }) => id,
        query,
        (one) =>
          caller.may('read', one.deployment) &&
          (!state || (one.state !== undefined && state.includes(one.state))) &&
          (deployment?.includes(one.deployment) ?? true) &&
          (node?.includes(one.nodeName) ?? true) &&
          (role?.includes(one.group.role.name) ?? true) &&
          (q === undefined || one.id.includes(q)),
        (one) => viewNodeRole(world, one),
      )
    const moment = momentMeant(query, serving.head())
    if (!moment.ok) return moment
    if (!moment.value) return serving.ask(pageIn)
    const then = await serving.past.at(moment.value, signal, pageIn)
    return then.ok ? then.value : then
  },
})

const nodeRoleRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/node-roles/{deployment}/{node}/{role}',
  topic: 'status',
  summary: 'One node-role: its reason, the chain to the root of it, its inputs and where they come from',
  params: { deployment: Name, node: NodePart, role: Name },
  query: {
    input: text
      .optional()
      .openapi({ description: 'Goes down to the roots of this one, and tells who reads it.' }),
  },
  answer: WhySchema,
  handle: ({ serving, params, query }) =>
    serving.ask((world) => {
      const { deployment, node, role } = params
      const found = nodeRoleMeant(world, `${deployment}/${node}/${role}`)
      if (!found.ok) return found
      const { input } = query
      const names = found.value.group.inputs.map(({ name }) => name)
      if (input !== undefined && !names.includes(input))
        return refuse({ code: 'unknownInput', message: `${found.value.id} has no input ${input}` })
      return answer(withoutSecrets(explain(world, found.value, input)))
    }),
})

const whyRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/why',
  topic: 'status',
  summary: 'The same, by whatever means one node-role alone: `node/role` where no other deployment has it',
  query: { nodeRole: text, input: text.optional() },
  answer: WhySchema,
  handle: async ({ serving, query }) => {
    const why = await serving.operations.why(query.nodeRole, query.input)
    return why.ok ? answer(withoutSecrets(why.value)) : why
  },
})

const boardRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/board',
  topic: 'status',
  summary: 'Every node-role as one letter: a row per node, a column per role of a deployment',
  query: {
    group: z
      .string()
      .regex(
        /^(deployment|role|rack|variant|label:.{1,200})$/,
        'expected deployment, role, rack, variant or label:KEY',
      )
      .optional(),
    state: z.array(StateSchema).optional().openapi({ description: 'Rows that have one of these.' }),
    deployment: z.array(Name).optional(),
    node: z.array(NodePart).optional(),
    role: z.array(Name).optional(),
    label: z.array(z.string().regex(/^[^=]+=/, 'expected KEY=VALUE')).optional(),
    q: text.optional().openapi({ description: 'Part of the name of a node.' }),
    ...WHEN,
  },
  limitMs: PAST_MS,
  answer: BoardSchema,
  // What was at a time is known for good once something has happened since.
  etag: ({ serving, query: { at, time } }) =>
    time === undefined ? `"board-${at ?? serving.head()}"` : undefined,
  async handle({ serving, query, caller, signal }) {
    const { group, at, time, ...filter } = query
    const label = /^label:(.*)$/s.exec(group ?? '')?.[1]
    const grouping = label === undefined ? (group as 'role' | undefined) : { label }
    const mayRead = (deployment: string): boolean => caller.may('read', deployment)
    const boardOf = (world: World, then: Then): BoardView => ({
      ...viewBoard(world, then.seq, { ...filter, group: grouping, mayRead }),
      ...then,
    })
    const moment = momentMeant({ at, time }, serving.head())
    if (!moment.ok) return moment
    if (moment.value) return serving.past.at(moment.value, signal, boardOf)
    return serving.ask((world) => answer(boardOf(world, { seq: serving.head() })))
  },
})

/** Undefined: now. */
function momentMeant(
  query: { at?: number | undefined; time?: number | undefined },
  head: number,
): Answer<Moment | undefined> {
  const { at, time } = query
  if (at !== undefined && time !== undefined) {
    const message = 'expected the number of an event or a time, and not both'
    return refuse(invalid([{ in: 'query', place: 'time', message }]))
  }
  if (at !== undefined) return at > head ? refuse(unknownEvent(at, head)) : answer({ event: at })
  return answer(time === undefined ? undefined : { time })
}

export const STATUS_ROUTES: readonly Route[] = [
  statusRoute,
  nodeRolesRoute,
  nodeRoleRoute,
  whyRoute,
  boardRoute,
]
