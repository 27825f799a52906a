// Ranks of node-roles: how long it is from the start of each to the end of all that waits for it, at the least; who has most behind it starts first.
import { NO_NODE } from '../model/names.ts'
import type { Group, Plan } from './graph.ts'
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
  for (const { nodes, places } of kinds.all) {
    for (const [group, { rank, lines }] of places) {
      for (const node of nodes) {
        const member = group.members.get(node)
        if (!member) continue
        let most = rank
        for (const { line, ahead } of lines) most = Math.max(most, ahead + line.from(node))
        // A whole number costs no object.
        member.rank = Math.round(rank)
        member.rankAtFirst = Math.round(most)
      }
    }
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

interface Kinds {
  all: Kind[]
  of: Map<Group, Kind[]>
}

function kindsOf(plan: Plan): Kinds {
  const groups = [...plan.groups.values()]
  const kindOf = new Map<string, number>()
  // A kind is the way to it: one more group from a kind with fewer.
  const ways = new Map<number, number>()
  let known = 0
  for (const [index, group] of groups.entries()) {
    for (const node of group.members.keys()) {
      const way = (kindOf.get(node) ?? 0) * groups.length + index
      const there = ways.get(way) ?? ++known
      ways.set(way, there)
      kindOf.set(node, there)
    }
  }
  const byNumber = new Map<number, Kind>()
  for (const [node, number] of kindOf) {
    const kind = byNumber.get(number)
    if (kind) kind.nodes.push(node)
    else byNumber.set(number, { nodes: [node], groups: new Set(), places: new Map() })
  }
  const of = new Map<Group, Kind[]>()
  for (const kind of byNumber.values()) {
    const [first] = kind.nodes as [string]
    for (const group of groups) {
      if (!group.members.has(first)) continue
      kind.groups.add(group)
      const those = of.get(group)
      if (those) those.push(kind)
      else of.set(group, [kind])
    }
  }
  return { all: [...byNumber.values()], of }
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
