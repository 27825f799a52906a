// Routes: what happens, as it happens: every event of the journal once and in order, and how node-roles stand after each turn.
import { z } from '@hono/zod-openapi'
import { targetMeant } from '../../annealer/targets.ts'
import type { World } from '../../annealer/world.ts'
import { nearest } from '../../base/nearest.ts'
import type { Event } from '../../model/event.ts'
import { nodeRoleName } from '../../model/names.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import type { Scope } from '../../model/scope.ts'
import type { NodeRoleView } from '../../model/view.ts'
import type { Caller } from '../caller.ts'
import { Follower, type FollowerParts } from '../follower.ts'
import { invalid } from '../read-request.ts'
import { rawRoute, type Route } from '../route.ts'
import { EVENT_KINDS } from '../schemas/event.ts'
import { TargetText, wholeNumber } from '../schemas/json.ts'

const MOST_SEQ = Number.MAX_SAFE_INTEGER

const eventsRoute = rawRoute({
  method: 'GET',
  path: '/api/v1/events',
  topic: 'events',
  summary: 'What happens, as it happens',
  description:
    'Server-sent events. One message per event of the journal: `id` is its number, `event` its kind, `data` is ' +
    '`{seq, at, event}` with sensitive values taken out. After the events of a turn one message `states` without id: ' +
    '`{seq, changed, gone}`, how those node-roles stand now whose state or kind of reason changed; several turns may be ' +
    'one, and who is far behind is told on the way how they stand by now. It resumes without a gap: with `after` by who ' +
    'knows how all stood at that event (from a board), with `Last-Event-ID` by who was listening; without either it ' +
    'begins now.',
  query: {
    after: wholeNumber(0, MOST_SEQ).optional(),
    kinds: z
      .array(z.string().min(1).max(60))
      .optional()
      .openapi({ description: 'Only these; `states` is one of them.' }),
    target: TargetText.optional().openapi({
      description: 'Only what names something in this part of the site.',
    }),
  },
  media: ['text/event-stream'],
  async raw({ serving, live, query, headers, followers, caller }, { outgoing }) {
    const last = headers.get('last-event-id')
    if (last !== null && !/^\d{1,15}$/.test(last))
      return badPlace('header', 'last-event-id', 'expected a number')
    const after = last === null ? query.after : Number(last)
    if (after !== undefined && after > live.head)
      return badPlace(last === null ? 'query' : 'header', 'after', `the journal ends at ${live.head}`)
    const filter = await serving.ask((world) => filterOf(world, query, caller))
    if (!filter.ok) return filter
    return followers.add(outgoing, () => {
      const knows = last === null
      return new Follower({
        live,
        serving,
        outgoing,
        after: after ?? live.head,
        knows,
        ...(caller.stillIn && { stillIn: caller.stillIn }),
        onDrop: () => followers.dropped(),
        onWritten: (at) => followers.wrote(at),
        ...filter.value,
      })
    })
  },
})

export const EVENTS_ROUTES: readonly Route[] = [eventsRoute]

function badPlace(part: 'query' | 'header', place: string, message: string): Answer<void> {
  return refuse(invalid([{ in: part, place, message }]))
}

type Filter = Pick<FollowerParts, 'events' | 'states'>

function filterOf(
  world: World,
  { kinds, target }: { kinds?: string[] | undefined; target?: string | undefined },
  caller: Caller,
): Answer<Filter> {
  const known = [...EVENT_KINDS, 'states']
  const strange = kinds?.find((kind) => !known.includes(kind))
  if (strange !== undefined) {
    const meant = nearest(strange, known)
    const fault = { in: 'query', place: 'kinds', message: `there is no kind of event ${strange}` } as const
    return refuse(invalid([meant === undefined ? fault : { ...fault, nearest: meant }]))
  }
  const meant = target === undefined ? undefined : targetMeant(world, target)
  if (meant && !meant.ok) return meant
  const scope = meant?.value.scope
  const nodes = new Set(meant?.value.nodeRoles.map(({ nodeName }) => nodeName))
  const wanted = kinds && new Set(kinds)
  const isWhole = scope === undefined || scope.kind === 'site'
  const seesAll = caller.mayEverywhere('admin')
  const seesEverywhere = caller.mayEverywhere('read')
  const filter: Filter = {}
  if (wanted || !isWhole || !seesAll)
    filter.events = (event) =>
      (wanted?.has(event.kind) ?? true) &&
      (isWhole || isAbout(event, scope, nodes)) &&
      (seesAll || mayHear(event, caller))
  if (wanted && !wanted.has('states')) filter.states = 'none'
  else if (!isWhole || !seesEverywhere)
    filter.states = (view) =>
      (isWhole || isInside(view, scope)) && (seesEverywhere || caller.may('read', view.deployment))
  return answer(filter)
}

/** For who may read the trail. */
const OF_THE_TRAIL: ReadonlySet<Event['kind']> = new Set([
  'requestAudited',
  'tokenIssued',
  'tokenUsed',
  'tokenRevoked',
  'runnerInvited',
])

/** What names a deployment is told to who may read it; what names none, to all. */
function mayHear(event: Event, caller: Caller): boolean {
  if (OF_THE_TRAIL.has(event.kind)) return false
  if (event.kind === 'execStarted' || event.kind === 'execFinished') return caller.mayEverywhere('read')
  const named = [...idsIn(event), ...('group' in event ? [event.group] : [])]
  return named.every((id) => caller.may('read', id.slice(0, id.indexOf('/'))))
}

function idsIn(event: Event): readonly string[] {
  return 'nodeRole' in event ? [event.nodeRole] : 'nodeRoles' in event ? (event.nodeRoles ?? []) : []
}

type Named = Pick<NodeRoleView, 'id' | 'deployment' | 'node' | 'role'>

function isInside({ id, deployment, node, role }: Named, scope: Scope): boolean {
  switch (scope.kind) {
    case 'site':
      return true
    case 'deployment':
      return scope.deployment === deployment
    case 'group':
      return scope.deployment === deployment && scope.role === role
    case 'node':
      return scope.node === node
    case 'nodeRole':
      return scope.nodeRole === id
  }
}

/** It names a node-role inside, or a node that had one when listening began. */
function isAbout(event: Event, scope: Scope, nodesInside: ReadonlySet<string>): boolean {
  const ids = idsIn(event)
  if (ids.length > 0) return ids.some((id) => isInside({ id, ...nodeRoleName(id) }, scope))
  if ('group' in event) {
    if (scope.kind !== 'group' && scope.kind !== 'deployment') return false
    const [deployment, role] = event.group.split('/')
    return scope.deployment === deployment && (scope.kind === 'deployment' || scope.role === role)
  }
  const nodes = 'node' in event ? [event.node] : 'nodes' in event ? event.nodes : []
  return nodes.some((node) => (scope.kind === 'node' ? node === scope.node : nodesInside.has(node)))
}
