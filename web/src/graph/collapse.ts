// Makes a graph that can be looked at: where it is too large, what is alike becomes one box, by role and then by deployment.
import { nodeRoleName } from '../../../src/model/names.ts'
import { STATES, type State } from '../../../src/model/reason.ts'

export type Level = 'node-role' | 'role' | 'deployment'

/** `from` gives, `to` needs. */
interface GraphEdge {
  from: string
  to: string
  kind: 'requires' | 'after' | 'reads'
  /** Of `reads`: into which. */
  input?: string
  orders: boolean
  circle: boolean
}

/** What is common to the graph of roles (`deployment/role`, with counts) and that of node-roles (with a state). */
export interface Graph {
  points: readonly { id: string; state?: State; counts?: Record<State, number> }[]
  edges: readonly GraphEdge[]
  left?: number
}

export interface Seen {
  level: Level
  nodes: SeenNode[]
  edges: SeenEdge[]
}

export interface SeenNode {
  id: string
  level: Level
  counts: Partial<Record<State, number>>
  /** It stands in a circle with others, or with itself. */
  circle: boolean
}

export interface SeenEdge {
  id: string
  from: string
  to: string
  /** `order`: it must have happened first. `data`: a value goes along it. */
  kind: 'order' | 'data'
  /** Which values, by the inputs that they go into. */
  says: string
}

/** More is not read but stared at. */
export const MOST_NODES = 150
const MOST_EDGES = 500

/** The finest level at which it is no hairball. */
export function levelFor(graph: Graph): Level {
  for (const level of ['node-role', 'role'] as const) {
    const { nodes, edges } = collapsed(graph, level)
    if (nodes.length <= MOST_NODES && edges.length <= MOST_EDGES) return level
  }
  return 'deployment'
}

export function collapsed(graph: Graph, level: Level): Seen {
  const inCircle = new Set(graph.edges.flatMap(({ circle, from, to }) => (circle ? [from, to] : [])))
  const nodes = new Map<string, SeenNode>()
  for (const { id: whole, state, counts } of graph.points) {
    const id = nameAt(whole, level)
    const seen = nodes.get(id) ?? { id, level, counts: {}, circle: false }
    nodes.set(id, seen)
    seen.circle ||= inCircle.has(whole)
    for (const each of STATES) {
      const count = each === state ? 1 : (counts?.[each] ?? 0)
      if (count > 0) seen.counts[each] = (seen.counts[each] ?? 0) + count
    }
  }
  const edges = new Map<string, SeenEdge>()
  for (const edge of graph.edges) {
    const [from, to] = [nameAt(edge.from, level), nameAt(edge.to, level)]
    if (from === to || !nodes.has(from) || !nodes.has(to)) continue
    const kind = edge.kind === 'reads' ? 'data' : 'order'
    const id = `${kind} ${from} ${to}`
    const known = edges.get(id) ?? { id, from, to, kind, says: '' }
    edges.set(id, known)
    if (edge.input !== undefined && !known.says.split(', ').includes(edge.input)) {
      known.says = known.says === '' ? edge.input : `${known.says}, ${edge.input}`
    }
  }
  return { level, nodes: [...nodes.values()], edges: [...edges.values()] }
}

/** `deployment/role` has no node to take out. */
function nameAt(id: string, level: Level): string {
  if (level === 'node-role' || id.split('/').length < 3) {
    return level === 'deployment' ? (id.split('/')[0] as string) : id
  }
  const { deployment, role } = nodeRoleName(id)
  return level === 'role' ? `${deployment}/${role}` : deployment
}
