// The graph of a world as doors show it: who requires whom, who reads what of whom, who goes first; circles marked.
import type { GraphEdge, NodeRoleGraphView, RoleGraphView } from '../model/graph-view.ts'
import { type Group, type InputPlan, ordersRuns, waitOf } from './graph.ts'
import type { NodeRole, World } from './world.ts'

export function viewRoleGraph(
  world: World,
  seq: number,
  mayRead: (deployment: string) => boolean,
): RoleGraphView {
  const groups = [...world.plan.groups.values()].filter(({ deployment }) => mayRead(deployment))
  const shown = new Set(groups)
  const edges = groups.flatMap((group) => edgesInto(group).filter(({ source }) => shown.has(source)))
  return {
    seq,
    revision: world.head,
    points: groups.map((group) => ({
      id: group.id,
      deployment: group.deployment,
      role: group.role.name,
      per: group.role.per,
      once: group.role.once,
      milestone: group.role.apply === undefined,
      members: group.members.size,
      counts: { ...group.counts },
      rankMs: group.rank,
    })),
    edges: withCircles(edges.map(({ edge }) => edge)),
  }
}

/** Around `asked`: so many steps in both directions, and at most so many points. */
export function viewNodeRoleGraph(
  seq: number,
  asked: readonly NodeRole[],
  { depth, most, mayRead }: { depth: number; most: number; mayRead: (deployment: string) => boolean },
): NodeRoleGraphView {
  const found = new Set<NodeRole>()
  const edges = new Map<string, GraphEdge>()
  let left = 0
  const take = (nodeRole: NodeRole): boolean => {
    if (found.has(nodeRole)) return true
    if (!mayRead(nodeRole.deployment)) return false
    if (found.size >= most) left++
    else found.add(nodeRole)
    return found.has(nodeRole)
  }
  let level = asked.filter(take)
  for (let step = 0; step < depth && level.length > 0; step++) {
    const next: NodeRole[] = []
    for (const nodeRole of level) {
      for (const { edge, other, up } of around(nodeRole, most)) {
        const isNew = !found.has(other)
        if (!take(other)) continue
        const [from, to] = up ? [other.id, nodeRole.id] : [nodeRole.id, other.id]
        edges.set(`${edge.kind} ${from} ${edge.output ?? ''} ${to} ${edge.input ?? ''}`, {
          ...edge,
          from,
          to,
        })
        if (isNew) next.push(other)
      }
    }
    level = next
  }
  const isAsked = new Set(asked)
  return {
    seq,
    points: [...found].map((one) => ({ id: one.id, state: one.state ?? 'todo', asked: isAsked.has(one) })),
    edges: withCircles([...edges.values()]),
    left,
  }
}

interface GroupEdge {
  edge: GraphEdge
  source: Group
  /** A whole group counts, and not the member on the same node alone. */
  wide: boolean
}

function edgesInto(group: Group): GroupEdge[] {
  const edge = (source: Group, kind: GraphEdge['kind'], orders: boolean): GraphEdge => ({
    from: source.id,
    to: group.id,
    kind,
    orders,
    circle: false,
  })
  return [
    ...group.requires.flatMap(({ of, candidates }) =>
      nearest(candidates).map((source) => ({
        edge: edge(source, 'requires', true),
        source,
        wide: of === 'deployment',
      })),
    ),
    ...group.after.flatMap((candidates) =>
      nearest(candidates)
        .filter((source) => source !== group)
        .map((source) => ({ edge: edge(source, 'after', true), source, wide: false })),
    ),
    ...group.inputs.flatMap((input) => readsOf(group, input)),
  ]
}

function readsOf(group: Group, input: InputPlan): GroupEdge[] {
  const { source } = input.spec
  if (source?.kind !== 'output') return []
  return nearest(input.sources).map((from) => ({
    edge: {
      from: from.id,
      to: group.id,
      kind: 'reads' as const,
      output: source.output,
      input: input.name,
      take: source.take,
      wait: source.wait,
      orders: ordersRuns(from, source.output, waitOf(input)),
      circle: false,
    },
    source: from,
    wide: source.take !== 'one',
  }))
}

/** Those that may be meant: of the nearest deployment that has members. */
function nearest(candidates: readonly Group[]): Group[] {
  const first = candidates.find(({ members }) => members.size > 0)
  return candidates.filter(({ deployment, members }) => deployment === first?.deployment && members.size > 0)
}

function* around(
  nodeRole: NodeRole,
  most: number,
): Generator<{ edge: GraphEdge; other: NodeRole; up: boolean }> {
  for (const { edge, source, wide } of edgesInto(nodeRole.group))
    for (const other of membersFor(nodeRole, source, wide, most)) yield { edge, other, up: true }
  const readers = new Set([
    ...nodeRole.group.requiredBy.map(({ group }) => group),
    ...nodeRole.group.readers.map(({ reader }) => reader),
    ...nodeRole.group.followedBy,
  ])
  for (const reader of readers)
    for (const { edge, source, wide } of edgesInto(reader))
      if (source === nodeRole.group)
        for (const other of membersFor(nodeRole, reader, wide, most)) yield { edge, other, up: false }
}

/** The one on the same node, or all of them; a few more than are shown tell that there are more. */
function membersFor(nodeRole: NodeRole, group: Group, wide: boolean, most: number): NodeRole[] {
  const here = wide ? undefined : group.members.get(nodeRole.nodeName)
  if (here) return here === nodeRole ? [] : [here]
  const found: NodeRole[] = []
  for (const member of group.members.values()) {
    if (found.length > most) break
    if (member !== nodeRole) found.push(member)
  }
  return found
}

/** An edge is part of a circle where its ends can be reached from each other (Tarjan 1972, without recursion). */
function withCircles(edges: GraphEdge[]): GraphEdge[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) {
    const there = next.get(from)
    if (there) there.push(to)
    else next.set(from, [to])
  }
  const component = components(next)
  return edges.map((edge) => ({
    ...edge,
    circle: edge.from === edge.to || component.get(edge.from) === component.get(edge.to),
  }))
}

function components(next: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const found = new Map<string, number>()
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const open = new Set<string>()
  let counted = 0
  const enter = (point: string): { point: string; at: number } => {
    order.set(point, order.size)
    lowest.set(point, order.get(point) as number)
    stack.push(point)
    open.add(point)
    return { point, at: 0 }
  }
  for (const start of next.keys()) {
    if (order.has(start)) continue
    const path = [enter(start)]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { point } = top
      const to = next.get(point)?.[top.at++]
      if (to !== undefined) {
        if (!order.has(to)) path.push(enter(to))
        else if (open.has(to)) sink(point, order.get(to) as number)
        continue
      }
      path.pop()
      const above = path.at(-1)
      if (above) sink(above.point, lowest.get(point) as number)
      if (lowest.get(point) !== order.get(point)) continue
      counted++
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        open.delete(member)
        found.set(member, counted)
        if (member === point) break
      }
    }
  }
  return found

  function sink(point: string, to: number): void {
    lowest.set(point, Math.min(lowest.get(point) as number, to))
  }
}
