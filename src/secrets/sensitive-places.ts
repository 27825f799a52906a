// Which places of an event hold secrets: told by the event itself, by its marks or by the roles of its target.
import type { Json } from '../base/json.ts'
import type { Event } from '../model/event.ts'
import { nodeRoleName } from '../model/names.ts'
import { referenceIn } from '../model/secret-reference.ts'
import type { Target, Values } from '../model/site.ts'

export interface Place {
  path: string[]
  /** What a value is there, the same for one value wherever it goes: it is sealed for this, and opens for nothing else. */
  of: string
  value: Json
}

/** Empty for all events but three kinds. */
export function sensitivePlaces(event: Event): Place[] {
  if (event.kind === 'revisionProposed') return placesOfTarget(event.target)
  if (event.kind === 'runStarted' && event.sensitive) return placesOfStart(event, event.sensitive)
  if (event.kind === 'runFinished' && event.sensitive && event.outcome.result === 'ok') {
    const { outputs } = event.outcome
    return event.sensitive.map((name) => ({
      path: ['outcome', 'outputs', name],
      of: ofOutput(nodeRoleName(event.nodeRole).role, name),
      value: outputs[name] as Json,
    }))
  }
  return NONE
}

const NONE: Place[] = []

function ofInput(role: string, input: string): string {
  return `input ${role} ${input}`
}

function ofOutput(role: string, output: string): string {
  return `output ${role} ${output}`
}

function placesOfStart(event: Extract<Event, { kind: 'runStarted' }>, sensitive: string[]): Place[] {
  const { role } = nodeRoleName(event.nodeRole)
  const places = sensitive
    .filter((name) => !(event.origins[name]?.kind === 'level' && referenceIn(event.inputs[name])))
    .map((name): Place => {
      return { path: ['inputs', name], of: ofInput(role, name), value: event.inputs[name] as Json }
    })
  // It is made of the values, unkeyed: who knows all of them but a short one could find that by trying.
  if (places.length > 0) places.push({ path: ['digest'], of: `digest ${event.run}`, value: event.digest })
  return places
}

function placesOfTarget(target: Target): Place[] {
  const secret = secretInputs(target)
  if (secret.size === 0) return NONE
  const places: Place[] = []
  const add = (path: string[], role: string, inputs: Record<string, Json> | undefined): void => {
    const names = secret.get(role)
    if (!names || !inputs) return
    for (const [name, value] of Object.entries(inputs)) {
      if (names.has(name) && !referenceIn(value))
        places.push({ path: [...path, name], of: ofInput(role, name), value })
    }
  }
  const addAll = (path: string[], values: Values | undefined): void => {
    for (const [role, inputs] of Object.entries(values ?? {})) add([...path, role], role, inputs)
  }
  for (const [name, { inputs }] of Object.entries(target.roles)) {
    for (const [input, spec] of Object.entries(inputs)) {
      if (!spec.sensitive || spec.default === undefined) continue
      places.push({
        path: ['roles', name, 'inputs', input, 'default'],
        of: ofInput(name, input),
        value: spec.default,
      })
    }
  }
  for (const [name, values] of Object.entries(target.defaults)) addAll(['defaults', name], values)
  for (const [node, { hints }] of Object.entries(target.nodes)) addAll(['nodes', node, 'hints'], hints)
  for (const [name, deployment] of Object.entries(target.deployments)) {
    const here = ['deployments', name]
    addAll([...here, 'values'], deployment.values)
    deployment.groups.forEach(({ values }, i) => addAll([...here, 'groups', String(i), 'values'], values))
    for (const [key, inputs] of Object.entries(deployment.overrides))
      add([...here, 'overrides', key], key.slice(key.indexOf('/') + 1), inputs)
    deployment.placements.forEach(({ role, values }, i) =>
      add([...here, 'placements', String(i), 'values'], role, values),
    )
  }
  return places.map(({ path, ...place }) => ({ path: ['target', ...path], ...place }))
}

function secretInputs({ roles }: Target): Map<string, Set<string>> {
  const secret = new Map<string, Set<string>>()
  for (const [name, { inputs }] of Object.entries(roles)) {
    const names = Object.keys(inputs).filter((input) => inputs[input]?.sensitive)
    if (names.length > 0) secret.set(name, new Set(names))
  }
  return secret
}
