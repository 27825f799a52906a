// Moving on: what a site says otherwise than the committed revision although nobody asked for a change, why, and what policy says.
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { PlacementMove, RevisionCause } from '../model/revision-cause.ts'
import type { DeploymentTarget, Site, Target } from '../model/site.ts'
import { isHead, sameTarget, targetOf } from './decide.ts'
import { isLost } from './fleet.ts'
import { policyOf, policyOfSite } from './policies.ts'
import type { RevisionRecord, World } from './world.ts'

export interface MovedOn {
  target: Target
  cause: RevisionCause
  policy: 'propose' | 'commit'
}

/** Undefined where the site, with what is known of the nodes now, says what is committed. */
export function movedOn(world: World, site: Site, now: number): Answer<MovedOn | undefined> {
  const target = targetOf(world, site, now)
  if (!target.ok) return target
  if (isHead(world, target.value)) return answer(undefined)
  const cause = causeOf(world, world.target, target.value, site, now)
  return answer({ target: target.value, cause, policy: policyFor(site, cause) })
}

/** A proposal that says the same on top of the same head: it waits already, or somebody has said no to it. */
export function proposedAlready(world: World, target: Target): RevisionRecord | undefined {
  return [...world.revisions.values()].find(
    (one) =>
      one.onto === world.head &&
      (one.status === 'proposed' || one.status === 'discarded') &&
      sameTarget(one.target, target),
  )
}

/** When time alone makes a node count as lost for somebody who may move then. */
export function nextLostAt(world: World, site: Site, now: number): number | undefined {
  let next: number | undefined
  for (const { deployment, members } of choicesIn(world.target)) {
    if (policyOf(site, deployment, 'lostNode') === 'wait') continue
    const afterMs = policyOf(site, deployment, 'lostAfterMs')
    for (const name of members) {
      const node = world.nodes.get(name)
      if (node?.alive !== false || node.since + afterMs <= now) continue
      next = Math.min(next ?? Infinity, node.since + afterMs)
    }
  }
  return next
}

function choicesIn(target: Target | undefined): { deployment: string; members: string[] }[] {
  return Object.entries(target?.deployments ?? {}).flatMap(([deployment, { members, count, placements }]) =>
    [{ members, count }, ...placements]
      .filter((one) => one.count !== undefined)
      .map((one) => ({ deployment, members: one.members })),
  )
}

/** People wrote it into the files; all else comes about by itself. */
export function isAsked({ kind }: RevisionCause): boolean {
  return kind === 'filesChanged' || kind === 'nodesAdded'
}

function causeOf(
  world: World,
  head: Target | undefined,
  target: Target,
  site: Site,
  now: number,
): RevisionCause {
  if (!head) return { kind: 'filesChanged', nodes: Object.keys(target.nodes), moves: [] }
  const nodes = Object.keys(target.nodes).filter((name) => !Object.hasOwn(head.nodes, name))
  const moves = movesBetween(head, target)
  if (said(head, []) !== said(target, nodes)) return { kind: 'filesChanged', nodes, moves }
  if (nodes.length > 0) return { kind: 'nodesAdded', nodes, moves }
  const left = moves.flatMap(({ deployment, left: gone }) => gone.map((node) => ({ deployment, node })))
  const lost = left.filter(({ deployment, node }) => isLost(world, site, deployment, node, now))
  if (lost.length > 0) return { kind: 'nodeLost', nodes: names(lost.map(({ node }) => node)), moves }
  const away = left.filter(({ node }) => world.nodes.get(node)?.unavailable !== undefined)
  if (away.length > 0) return { kind: 'nodeUnavailable', nodes: names(away.map(({ node }) => node)), moves }
  return { kind: 'factsChanged', nodes: names(moves.flatMap((move) => moversIn(target, move))), moves }
}

/** Where so many are chosen, who joins does so because somebody left. */
function moversIn({ deployments }: Target, { deployment, role, left, joined }: PlacementMove): string[] {
  const { count, placements = [] } = deployments[deployment] ?? {}
  const limited = count ?? placements.find((one) => one.role === role)?.count
  return limited !== undefined && left.length > 0 ? left : [...left, ...joined]
}

/** Where one of the deployments wants to be asked, all of it waits: they are committed together or not at all. */
function policyFor(site: Site, cause: RevisionCause): 'propose' | 'commit' {
  if (cause.kind === 'filesChanged') return policyOfSite(site, 'changedFiles')
  const word = POLICY_OF[cause.kind]
  const deployments = [...new Set(cause.moves.map(({ deployment }) => deployment))]
  const words = deployments.map((deployment) => policyOf(site, deployment, word))
  if (words.length === 0) words.push(policyOfSite(site, word))
  return words.includes('propose') ? 'propose' : 'commit'
}

const POLICY_OF = {
  nodesAdded: 'newNode',
  nodeLost: 'lostNode',
  nodeUnavailable: 'changedFacts',
  factsChanged: 'changedFacts',
} as const

/** What people wrote, without who was selected by it. */
function said(target: Target, without: readonly string[]): string {
  const nodes = Object.entries(target.nodes).filter(([name]) => !without.includes(name))
  const deployments = Object.entries(target.deployments).map(([name, deployment]): [string, Json] => [
    name,
    JSON.parse(JSON.stringify(unselected(deployment))) as Json,
  ])
  return canonical({
    nodes: JSON.parse(JSON.stringify(Object.fromEntries(nodes))) as Json,
    deployments: Object.fromEntries(deployments),
    roles: Object.fromEntries(Object.entries(target.roles).map(([name, { digest }]) => [name, digest])),
    defaults: target.defaults,
    fourEyes: target.fourEyes ?? false,
  })
}

function unselected({ members: _members, groups, placements, ...rest }: DeploymentTarget): object {
  return {
    ...rest,
    groups: groups.map(({ values }) => values),
    placements: placements
      .filter(({ broughtInBy }) => broughtInBy === undefined)
      .map(({ members: _who, ...placement }) => placement),
  }
}

/** By placement; what comes along with others is left out where those say it already. */
function movesBetween(head: Target, target: Target): PlacementMove[] {
  const moves: PlacementMove[] = []
  for (const [deployment, after] of Object.entries(target.deployments)) {
    const before = head.deployments[deployment]
    for (const { role, members, broughtInBy } of after.placements) {
      if (broughtInBy !== undefined) continue
      const was = before?.placements.find((one) => one.role === role)?.members ?? []
      const joined = without(members, was)
      const left = without(was, members)
      if (joined.length + left.length > 0) moves.push({ deployment, role, joined, left })
    }
  }
  return moves
}

function without(some: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return some.filter((one) => !known.has(one))
}

function names(some: readonly string[]): string[] {
  return [...new Set(some)].sort()
}
