// Makes a graph that can be looked at: where it is too large, what is alike becomes one node, by role and then by deployment.
import { STATES, type State } from '../../../src/model/reason.ts'
import type { GraphAnswer, GraphEdge, GraphNode } from '../http/shapes.ts'

export type Level = 'node-role' | 'role' | 'deployment'

export interface Seen {
  level: Level
  nodes: SeenNode[]
  edges: SeenEdge[]
}

export interface SeenNode {
  id: string
  label: string
  level: Level
  counts: Partial<Record<State, number>>
  members: number
  /** It stands in a circle with others, or with itself. */
  circle: boolean
}

export interface SeenEdge {
  id: string
  from: string
  to: string
  kind: GraphEdge['kind']
  says: string
}

/** More is not read but stared at. */
export const MOST_NODES = 150
const MOST_EDGES = 500

/** The finest level at which it is no hairball. */
export function levelFor(graph: GraphAnswer): Level {
  for (const level of ['node-role', 'role'] as const) {
    const { nodes, edges } = collapsed(graph, level)
    if (nodes.length <= MOST_NODES && edges.length <= MOST_EDGES) return level
  }
  return 'deployment'
}

export function collapsed(graph: GraphAnswer, level: Level): Seen {
  const inCircle = new Set(graph.circles.flat())
  const nameOf = new Map(graph.nodes.map((node) => [node.id, nameAt(node, level)]))
  const nodes = new Map<string, SeenNode>()
  for (const node of graph.nodes) {
    const id = nameAt(node, level)
    const seen = nodes.get(id) ?? { id, label: id, level, counts: {}, members: 0, circle: false }
    nodes.set(id, seen)
    seen.members++
    seen.circle ||= inCircle.has(node.id)
    for (const state of STATES) {
      const count = node.state === state ? 1 : (node.counts?.[state] ?? 0)
      if (count > 0) seen.counts[state] = (seen.counts[state] ?? 0) + count
    }
  }
  const edges = new Map<string, SeenEdge>()
  for (const edge of graph.edges) {
    const [from, to] = [nameOf.get(edge.from), nameOf.get(edge.to)]
    if (from === undefined || to === undefined || from === to) continue
    const id = `${edge.kind} ${from} ${to}`
    const says = edge.inputs?.join(', ') ?? ''
    const known = edges.get(id)
    if (known === undefined) edges.set(id, { id, from, to, kind: edge.kind, says })
    else if (says !== '' && !known.says.includes(says))
      known.says = known.says === '' ? says : `${known.says}, ${says}`
  }
  return { level, nodes: [...nodes.values()], edges: [...edges.values()] }
}

function nameAt(node: GraphNode, level: Level): string {
  if (level === 'deployment') return node.deployment
  if (level === 'role') return `${node.deployment}/${node.role}`
  return node.id
}
