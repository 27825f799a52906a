// Ranks of node-roles: how long it is from the start of each to the end of all that waits for it, at the least; who has most behind it starts first.
import { NO_NODE } from '../model/names.ts'
import type { Group, Plan } from './graph.ts'
import type { NodeRecord } from './world.ts'
import { linesOf, type Line } from './lock-lines.ts'
import { behindFirst, type Link, linksBehind } from './rank.ts'

/**
 * Nodes that carry the same groups are of one kind, and their node-roles have the same rank: it costs groups times kinds, and not
 * the fleet times its links. Only places in lines for a lock differ from node to node.
 */
export function rankNodeRoles(plan: Plan, expectedMs: (group: Group) => number): void {
  const kinds = kindsOf(plan)
  const order = behindFirst(plan).map((group) => ({
    group,
    links: linksBehind(group),
    ms: expectedMs(group),
  }))
  for (const { group, links, ms } of order)
    for (const kind of kinds.of.get(group) ?? []) kind.places.set(group, newPlace(kind, ms, links))
  for (const { group, links, ms } of order) {
    group.rank = 0
    for (const kind of kinds.of.get(group) ?? []) rankPlace(kind, kind.places.get(group) as Place, links)
    const line = linesOf(group, ms, kinds.of.get(group) ?? [])
    for (const kind of kinds.of.get(group) ?? []) {
      const place = kind.places.get(group) as Place
      if (line) place.lines.push({ line, ahead: 0 })
      group.rank = Math.max(
        group.rank,
        place.rank,
        ...place.lines.map(({ line, ahead }) => ahead + line.longest(kind)),
      )
    }
  }
  for (const { group } of order) rankMembers(group, kinds)
}

/** Neighbours are mostly of one kind. */
function rankMembers(group: Group, { numbered, nobody }: Kinds): void {
  let kind: Kind | undefined
  let place: Place | undefined
  for (const member of group.members.list) {
    const here = numbered.get((member.node ?? nobody).kind)
    if (here !== kind) place = here?.places.get(group)
    kind = here
    const { rank, lines } = place as Place
    let most = rank
    for (const { line, ahead } of lines) most = Math.max(most, ahead + line.from(member.nodeName))
    // A whole number costs no object.
    member.rank = Math.round(rank)
    member.rankAtFirst = Math.round(most)
  }
}

/** Nodes that carry the same groups. */
export interface Kind {
  nodes: string[]
  groups: Set<Group>
  places: Map<Group, Place>
}

/** A group on the nodes of a kind. */
export interface Place {
  ms: number
  rank: number
  /** What waits for it on the same node, however many stand between. */
  behind: Set<Group>
  /** Lines that it or who waits for it stands in, and how long it is from its start to there. */
  lines: { line: Line; ahead: number }[]
}

/** What groups are on: a node, or nobody. */
type Carrier = Pick<NodeRecord, 'name' | 'kind'>

interface Kinds {
  numbered: Map<number, Kind>
  of: Map<Group, Kind[]>
  nobody: Carrier
}

function kindsOf(plan: Plan): Kinds {
  const groups = [...plan.groups.values()]
  const nobody: Carrier = { name: NO_NODE, kind: 0 }
  for (const { members } of groups) for (const { node } of members.list) if (node) node.kind = 0
  const carriers: Carrier[] = []
  // A kind is the way to it: one more group from a kind with fewer.
  const ways = new Map<number, number>()
  let known = 0
  for (const [index, { members }] of groups.entries()) {
    for (const { node } of members.list) {
      const carrier = node ?? nobody
      if (carrier.kind === 0) carriers.push(carrier)
      const way = carrier.kind * groups.length + index
      const there = ways.get(way) ?? ++known
      ways.set(way, there)
      carrier.kind = there
    }
  }
  const numbered = new Map<number, Kind>()
  for (const { name, kind: number } of carriers) {
    const kind = numbered.get(number)
    if (kind) kind.nodes.push(name)
    else numbered.set(number, { nodes: [name], groups: new Set(), places: new Map() })
  }
  const of = new Map<Group, Kind[]>()
  for (const kind of numbered.values()) {
    const [first] = kind.nodes as [string]
    for (const group of groups) {
      if (!group.members.has(first)) continue
      kind.groups.add(group)
      const those = of.get(group)
      if (those) those.push(kind)
      else of.set(group, [kind])
    }
  }
  return { numbered, of, nobody }
}

function newPlace({ places }: Kind, ms: number, links: readonly Link[]): Place {
  const behind = new Set<Group>()
  for (const { group } of links) {
    const place = places.get(group)
    if (!place) continue
    behind.add(group)
    for (const one of place.behind) behind.add(one)
  }
  return { ms, rank: 0, behind, lines: [] }
}

function rankPlace(kind: Kind, place: Place, links: readonly Link[]): void {
  const { ms, behind, lines } = place
  let chain = 0
  for (const { group: next, wide } of links) {
    if (wide) {
      chain = Math.max(chain, next.rank)
      continue
    }
    const there = kind.places.get(next)
    if (!there) continue
    chain = Math.max(chain, there.rank)
    for (const { line, ahead } of there.lines) lines.push({ line, ahead: ms + ahead })
  }
  place.rank = ms + Math.max(chain, inTurn(kind, behind))
}

/** One after the other on the node: of those whose end is followed by the most, each number of them. */
function inTurn(kind: Kind, behind: ReadonlySet<Group>): number {
  if (kind.nodes[0] === NO_NODE || behind.size < 2) return 0
  const places: Place[] = []
  for (const group of behind) {
    const place = kind.places.get(group)
    if (place && !group.role.parallel) places.push(place)
  }
  places.sort((a, b) => b.rank - b.ms - (a.rank - a.ms))
  let most = 0
  let work = 0
  for (const { ms, rank } of places) {
    work += ms
    most = Math.max(most, work + rank - ms)
  }
  return most
}
