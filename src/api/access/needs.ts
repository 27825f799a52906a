// Needs: which rights a request needs in which deployments, by what it is about; asked of the living world.
import { targetOf } from '../../annealer/decide.ts'
import { isOnceAgain } from '../../annealer/four-eyes.ts'
import { nodeRoleMeant, targetMeant } from '../../annealer/targets.ts'
import { touchedBetween } from '../../annealer/touched.ts'
import type { NodeRole, World } from '../../annealer/world.ts'
import { unreachable } from '../../base/assert.ts'
import { isObject } from '../../base/json.ts'
import type { Right } from '../../model/access.ts'
import { nodeRoleName } from '../../model/names.ts'
import type { Site, Target } from '../../model/site.ts'
import { siteFaults } from '../check-site.ts'
import type { RouteRight } from './route-rights.ts'

export interface Need {
  right: Right
  in: readonly string[] | 'everywhere'
}

export interface AskedFor {
  params: Readonly<Record<string, string>>
  query: unknown
  body: unknown
}

/**
 * `body` fits the schema of its route. What is named and not there needs nothing more: it is refused by whoever carries out. Of a part of the site that is not
 * one deployment's (the site, a node) all that it means now counts.
 */
export function needsOf(world: World, { right, where }: RouteRight, asked: AskedFor): Need[] {
  if (right === 'open' || right === 'signedIn') return []
  switch (where) {
    case 'anywhere':
    case 'cut':
      return []
    case 'everywhere':
      return [{ right, in: 'everywhere' }]
    case 'path':
      return [{ right, in: [asked.params['deployment'] ?? ''] }]
    case 'run': {
      const run = world.runs.get(asked.params['run'] ?? '')
      // Its log may outlive what is known of it, and whose it was.
      return [{ right, in: run ? [nodeRoleName(run.nodeRole).deployment] : 'everywhere' }]
    }
    case 'nodeRole': {
      const meant = nodeRoleMeant(world, textIn(asked.query, 'nodeRole') ?? '')
      return meant.ok ? [{ right, in: deploymentsOf([meant.value]) }] : []
    }
    case 'targets':
      return [{ right, in: inTargets(world, isObject(asked.body) ? asked.body['targets'] : undefined) }]
    case 'proposal':
      return [{ right, in: inProposal(world, Number(asked.params['revision'])) }]
    case 'site':
      return needsOfSite(world, right, isObject(asked.body) ? asked.body['site'] : undefined)
    case 'control':
      return needsOfControl(world, asked.body)
    default:
      return unreachable(where)
  }
}

type In = Need['in']

/** No target, or `all`, is the whole site. */
function inTargets(world: World, targets: unknown): In {
  const texts = Array.isArray(targets) ? targets.map(String) : []
  return texts.length === 0 ? 'everywhere' : deploymentsIn(texts.map((text) => meantBy(world, text)))
}

function inProposal(world: World, revision: number): In {
  const target = world.revisions.get(revision)?.target
  return target ? inTarget(world, target) : []
}

function inTarget(world: World, target: Target): In {
  const { deployments, site } = touchedBetween(world.target, target)
  return site ? 'everywhere' : deployments
}

/** What it changes, and what has failed, which `up` tries again. */
function needsOfSite(world: World, right: Right, body: unknown): Need[] {
  const site = body as Site
  // What expressions and names in it are is not known before; whoever carries it out refuses the same.
  if (siteFaults(site, world.language).length > 0) return []
  const target = targetOf(world, site)
  if (!target.ok) return []
  const failed = [...world.nodeRoles.values()].filter(({ state }) => state === 'error')
  return [
    { right, in: inTarget(world, target.value) },
    { right: 'operate', in: deploymentsOf(failed) },
  ]
}

function needsOfControl(world: World, body: unknown): Need[] {
  const control = isObject(body) ? body : {}
  const kind = control['kind']
  if (kind === 'stop') return [{ right: 'operate', in: 'everywhere' }]
  if (kind === 'commit' || kind === 'discard')
    return [
      { right: kind === 'commit' ? 'commit' : 'propose', in: inProposal(world, Number(control['revision'])) },
    ]
  const targets = Array.isArray(control['targets']) ? control['targets'].map(String) : []
  const right = kind === 'approve' ? 'approve' : 'operate'
  if (targets.length === 0) return [{ right, in: 'everywhere' }]
  const meant = targets.map((target) => meantBy(world, target))
  const needs: Need[] = [{ right, in: deploymentsIn(meant) }]
  const again = meant.filter((one) => kind === 'retry' || kind === 'approve' || (kind === 'run' && one.alone))
  const destroyed = again.flatMap(({ nodeRoles }) => nodeRoles.filter(isOnceAgain))
  if (destroyed.length > 0) needs.push({ right: 'destructive', in: deploymentsOf(destroyed) })
  return needs
}

interface MeantBy {
  nodeRoles: readonly NodeRole[]
  /** Named, whatever stands in it now. */
  deployment?: string
  /** One node-role by its name: `run` does not spare it although it has run before. */
  alone: boolean
}

function meantBy(world: World, target: string): MeantBy {
  const run = world.runs.get(target)
  const one = run && world.nodeRoles.get(run.nodeRole)
  if (one) return { nodeRoles: [one], alone: true }
  const meant = targetMeant(world, target)
  if (meant.ok) {
    const { scope, nodeRoles } = meant.value
    const named = 'deployment' in scope ? { deployment: scope.deployment } : {}
    return { nodeRoles, ...named, alone: scope.kind === 'nodeRole' }
  }
  const rinse = world.rinses.get(target)
  if (rinse) return { nodeRoles: [...rinse.members], alone: true }
  const only = nodeRoleMeant(world, target)
  return { nodeRoles: only.ok ? [only.value] : [], alone: true }
}

function deploymentsIn(meant: readonly MeantBy[]): string[] {
  const named = meant.flatMap(({ deployment }) => deployment ?? [])
  return [...new Set([...named, ...deploymentsOf(meant.flatMap(({ nodeRoles }) => nodeRoles))])]
}

function deploymentsOf(nodeRoles: readonly NodeRole[]): string[] {
  return [...new Set(nodeRoles.map(({ id }) => nodeRoleName(id).deployment))]
}

function textIn(query: unknown, name: string): string | undefined {
  const value = isObject(query) ? query[name] : undefined
  return typeof value === 'string' ? value : undefined
}
