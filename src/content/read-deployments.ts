// Reads the deployments of a site, from what fits the site format, into the model.
import { type CalendarWindow, parseWindow } from '../base/calendar.ts'
import { parseDuration } from '../base/duration.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { policiesOf } from './read-policies.ts'
import type {
  Choice,
  DeploymentSpec,
  NodeSelection,
  PlacementSpec,
  RolloutSpec,
  Share,
  Values,
} from '../model/site.ts'
import { driftSaid } from './read-drift.ts'

export function readDeployments(raw: JsonObject): Record<string, DeploymentSpec> {
  const names = Object.keys(raw)
  return Object.fromEntries(names.map((name) => [name, readDeployment(name, raw)]))
}

function readDeployment(name: string, all: JsonObject): DeploymentSpec {
  const raw = all[name] as JsonObject
  return {
    ...(raw['parent'] === undefined ? {} : { parent: raw['parent'] as string }),
    nodes: selectionOf(raw['nodes'] ?? nodesOfParent(raw, all)),
    ...(raw['nodes'] === undefined && raw['parent'] !== undefined ? { inheritsNodes: true as const } : {}),
    ...choiceOf(raw),
    values: (raw['values'] ?? {}) as Values,
    groups: list(raw['groups']).map((group) => {
      const { nodes, values } = group as JsonObject
      return { nodes: selectionOf(nodes as Json), values: values as Values }
    }),
    overrides: (raw['overrides'] ?? {}) as Values,
    placements: list(raw['roles']).map(readPlacement),
    ...policiesOf(raw['policies']),
    adopt: raw['adopt'] === true,
    ...readWindows(raw['windows']),
    ...driftSaid(raw['drift']),
  }
}

/** The nearest above that says; a circle of parents ends, and is a fault of its own. */
function nodesOfParent(raw: JsonObject, all: JsonObject): Json {
  let here: JsonObject | undefined = raw
  for (let step = 0; step < 100 && here !== undefined; step++) {
    if (here['nodes'] !== undefined) return here['nodes']
    const parent: Json | undefined = here['parent']
    here = typeof parent === 'string' && Object.hasOwn(all, parent) ? (all[parent] as JsonObject) : undefined
  }
  return true
}

function selectionOf(raw: Json): NodeSelection {
  if (Array.isArray(raw)) return { names: raw as string[] }
  return { expression: typeof raw === 'string' ? raw : JSON.stringify(raw) }
}

function readPlacement(raw: Json): PlacementSpec {
  if (typeof raw === 'string') return { role: raw, values: {} }
  const { role, nodes, values, rollout, max_failures: maxFailures, windows, drift } = raw as JsonObject
  return {
    role: role as string,
    ...(nodes === undefined ? {} : { nodes: selectionOf(nodes) }),
    ...choiceOf(raw as JsonObject),
    values: (values ?? {}) as Record<string, Json>,
    ...(rollout === undefined ? {} : { rollout: readRollout(rollout as JsonObject) }),
    ...(maxFailures === undefined ? {} : { maxFailures: maxFailures as number }),
    ...readWindows(windows),
    ...driftSaid(drift),
  }
}

function choiceOf({ count, prefer, spread }: JsonObject): { choice?: Choice } {
  if (count === undefined) return {}
  const choice = { count: count as number, prefer: [prefer ?? []].flat() as string[] }
  return { choice: spread === undefined ? choice : { ...choice, spread: spread as string } }
}

function readRollout(raw: JsonObject): RolloutSpec {
  const { probe = 1, then = [], gate, tolerate, dependants, soak, approve, variants } = raw
  const rollout: RolloutSpec = {
    probe: probe as number,
    // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
    then: [then].flat().map(shareOf),
  }
  if (gate !== undefined) rollout.gate = gate as string
  if (tolerate !== undefined) rollout.tolerate = shareOf(tolerate)
  if (dependants === true) rollout.dependants = true
  // The format has let durations only through.
  if (soak !== undefined) rollout.soakMs = parseDuration(soak as string) ?? 0
  if (approve === true) rollout.approve = true
  if (variants !== undefined) rollout.variants = [variants].flat() as string[]
  return rollout
}

/** What is no window is told of by a check, with its place. */
function readWindows(raw: Json | undefined): { windows?: CalendarWindow[] } {
  if (raw === undefined) return {}
  return { windows: [raw].flat().flatMap((text) => (typeof text === 'string' && parseWindow(text)) || []) }
}

function shareOf(raw: Json): Share {
  return typeof raw === 'string' ? raw : JSON.stringify(raw)
}

function list(raw: Json | undefined): Json[] {
  return (raw as Json[] | undefined) ?? []
}
