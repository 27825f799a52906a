// Why Anneal itself put a revision on the timeline: as data, and as the message that stands there.
import { unreachable } from '../base/assert.ts'

/** `nodes` are those that brought it about; `moves` are the placements that stand elsewhere by it. */
export type RevisionCause = { nodes: string[]; moves: PlacementMove[] } & (
  | { kind: 'nodesAdded' }
  /** Not alive for longer than policy waits. */
  | { kind: 'nodeLost' }
  | { kind: 'nodeUnavailable' }
  | { kind: 'factsChanged' }
  /** The site's files say something else, beside further nodes. */
  | { kind: 'filesChanged' }
)

export interface PlacementMove {
  deployment: string
  role: string
  joined: string[]
  left: string[]
}

/** So many are named; the target of the revision has them all. */
const NAMED = 5

/** The message of a revision that Anneal made: `facts of n3 changed: db in store moves from n3 to n5`. */
export function revisionCauseWords({ kind, nodes, moves }: RevisionCause): string {
  const consequence = moves.length === 0 ? '' : `: ${some(moves.map(moveWords), '; ')}`
  return `${headWords(kind, nodes)}${consequence}`
}

function headWords(kind: RevisionCause['kind'], nodes: readonly string[]): string {
  const who = some(nodes, ', ')
  switch (kind) {
    case 'nodesAdded':
      return `new ${nodes.length === 1 ? 'node' : 'nodes'} ${who}`
    case 'nodeLost':
      return `lost ${who}`
    case 'nodeUnavailable':
      return `${who} ${nodes.length === 1 ? 'is' : 'are'} not available`
    case 'factsChanged':
      return `facts of ${who} changed`
    case 'filesChanged':
      return 'the files of the site changed'
    default:
      return unreachable(kind)
  }
}

function moveWords({ deployment, role, joined, left }: PlacementMove): string {
  const what = `${role} in ${deployment}`
  if (left.length === 0) return `${what} comes to ${some(joined, ', ')}`
  if (joined.length === 0) return `${what} leaves ${some(left, ', ')}`
  return `${what} moves from ${some(left, ', ')} to ${some(joined, ', ')}`
}

function some(items: readonly string[], between: string): string {
  if (items.length <= NAMED) return items.join(between)
  return `${items.slice(0, NAMED - 1).join(between)}${between}and ${items.length - NAMED + 1} more`
}
