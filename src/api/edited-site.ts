// An edited site: the head of the timeline as a site, with a few of its values set otherwise; for small changes over HTTP.
import type { World } from '../annealer/world.ts'
import { isObject, type Json, type JsonObject, objectFrom } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { type Answer, answer, type RequestFault, refuse } from '../model/refusal.ts'
import type { Choice, DeploymentSpec, PlacementSpec, Site, Target } from '../model/site.ts'
import { invalid } from './read-request.ts'
import { SiteSchema } from './schemas/site.ts'

export interface Edit {
  /** As paths of differences: `deployments store placements etcd values heartbeat_interval_ms`. */
  path: string[]
  /** Absent: it is taken out. */
  value?: Json
}

/** What stands in a site and is a person's word; who is placed where is for the files to say. */
const EDITABLE =
  /^(nodes \S+ (hints|labels|available)|deployments \S+ (values|overrides|adopt|drift|placements \S+ (values|rollout|maxFailures|windows|drift)))( |$)/

export function editedSite({ target }: World, edits: readonly Edit[]): Answer<Site> {
  if (!target)
    return refuse({ code: 'nothingThere', message: 'nothing was committed yet that could be edited' })
  const tree = treeOf(siteOf(target))
  const faults = edits.flatMap(({ path, value }, index) => {
    const fault = EDITABLE.test(`${path.join(' ')} `) ? put(tree, path, value) : notEditable(path)
    return fault ? [{ in: 'body' as const, place: `edits.${index}.path`, ...fault }] : []
  })
  if (faults.length > 0) return refuse(invalid(faults))
  const read = SiteSchema.safeParse(siteFromTree(tree))
  if (read.success) return answer(read.data)
  const places = read.error.issues.map(
    ({ path, message }): RequestFault => ({ in: 'body', place: `edits (${path.join('.')})`, message }),
  )
  return refuse(invalid(places))
}

type Complaint = Pick<RequestFault, 'message' | 'nearest'>

function notEditable(path: readonly string[]): Complaint {
  const message = `${path.slice(0, 4).join(' ').slice(0, 200)} is not edited here: values, overrides, hints, labels, available, adopt, drift, rollout, maxFailures and windows are; all else by proposing a whole site`
  return { message }
}

/** A new last word is allowed; what leads to it must be there, but for the values of a role that has none yet. */
function put(tree: JsonObject, path: readonly string[], value: Json | undefined): Complaint | undefined {
  let here: JsonObject = tree
  for (const [index, key] of path.slice(0, -1).entries()) {
    const next = Object.hasOwn(here, key) ? here[key] : undefined
    if (isObject(next)) here = next
    else if (next === undefined && index >= 3) {
      const made: JsonObject = {}
      define(here, key, made)
      here = made
    } else {
      const meant = nearest(key, Object.keys(here))
      const message = `there is no ${path.slice(0, index + 1).join(' ')}`.slice(0, 300)
      return meant === undefined ? { message } : { message, nearest: meant }
    }
  }
  const last = path.at(-1) ?? ''
  if (value === undefined) delete here[last]
  else define(here, last, value)
  return undefined
}

/** `__proto__` becomes an ordinary own key. */
function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Who was placed by expressions stays placed where they led to. */
function siteOf(target: Target): Site {
  const deployments = Object.entries(target.deployments).map(([name, told]): [string, DeploymentSpec] => {
    const { members, count, groups, placements, fourEyes, ...rest } = told
    return [
      name,
      {
        ...rest,
        nodes: { names: members },
        ...choiceOf(count),
        ...(fourEyes && { policies: { fourEyes } }),
        groups: groups.map((group) => ({ nodes: { names: group.members }, values: group.values })),
        placements: placements
          .filter(({ broughtInBy }) => broughtInBy === undefined)
          .map(
            ({ members: chosen, count: asked, broughtInBy: _by, ...placement }): PlacementSpec => ({
              ...placement,
              nodes: { names: chosen },
              ...choiceOf(asked),
            }),
          ),
      },
    ]
  })
  const { site: name, nodes, roles, defaults, fourEyes } = target
  return {
    name,
    nodes,
    roles,
    defaults,
    deployments: Object.fromEntries(deployments),
    ...(fourEyes && { policies: { fourEyes } }),
  }
}

function choiceOf(count: number | undefined): { choice?: Choice } {
  return count === undefined ? {} : { choice: { count, prefer: [] } }
}

/** Placements by their role. */
function treeOf(site: Site): JsonObject {
  const tree = JSON.parse(JSON.stringify(site)) as JsonObject
  for (const deployment of Object.values(tree['deployments'] as JsonObject)) {
    const { placements } = deployment as { placements: JsonObject[] }
    ;(deployment as JsonObject)['placements'] = objectFrom(
      placements.map(({ role, ...rest }) => [role as string, rest] as const),
    )
  }
  return tree
}

function siteFromTree(tree: JsonObject): JsonObject {
  for (const deployment of Object.values(tree['deployments'] as JsonObject)) {
    const { placements } = deployment as { placements: JsonObject }
    ;(deployment as JsonObject)['placements'] = Object.entries(placements).map(([role, rest]) => ({
      ...(rest as JsonObject),
      role,
    }))
  }
  return tree
}
