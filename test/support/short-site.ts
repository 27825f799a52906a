// A site in few lines, for scripts and laws about the heart: the words of anneal.yaml and of roles, without files.
import { load } from 'js-yaml'
import { type CalendarWindow, parseWindow } from '../../src/base/calendar.ts'
import { digestOf, digestOfBytes } from '../../src/base/digest.ts'
import { driftSaid } from '../../src/content/read-drift.ts'
import { parseDuration } from '../../src/base/duration.ts'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import type { FileSpec, InputSpec, OutputSpec, Requirement, Role, Wait } from '../../src/model/role.ts'
import type {
  Choice,
  DeploymentSpec,
  LabelGroup,
  NodeSelection,
  NodeSpec,
  PlacementSpec,
  RolloutSpec,
  Site,
} from '../../src/model/site.ts'

/**
 *   nodes: { n1: { tier: data }, n2: }            labels; `hints`, `available`, `host` are taken out of them
 *   roles: { dns: { inputs: { zone: lab }, outputs: { ip: , name: { value: node.name } } } }
 *   deployments: { d: { nodes: "true", roles: [dns, { role: web, values: { port: 80 } }] } }
 *
 * An input that is no mapping is its own default. `apply` is there unless it is false; `check` and `remove` when true.
 */
export function readShortSite(text: string): JsonObject {
  const site = load(text)
  if (!isObject(site)) throw new Error('a site is a mapping')
  return site as JsonObject
}

export function shortSite(short: JsonObject): Site {
  return {
    name: 'site',
    nodes: mapped(short['nodes'], nodeOf),
    deployments: mapped(short['deployments'], deploymentOf),
    roles: mapped(short['roles'], roleOf),
    defaults: (short['defaults'] ?? {}) as unknown as Site['defaults'],
  }
}

/** Lays `change` over `site`: mappings are merged, null takes away, all else replaces. */
export function changed(site: JsonObject, change: JsonObject): JsonObject {
  const merged: JsonObject = { ...site }
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key]
    if (value === null) delete merged[key]
    else merged[key] = isObject(before) && isObject(value) ? changed(before, value) : value
  }
  return merged
}

function nodeOf(name: string, spec: Json): NodeSpec {
  const { hints, available, host, runner, ...labels } = objectOr(spec)
  return {
    transport: { kind: 'ssh', host: textOf(host ?? name) },
    labels,
    hints: (hints ?? {}) as unknown as NodeSpec['hints'],
    available: available !== false,
    ...(runner === undefined
      ? {}
      : { runner: (isObject(runner) ? runner : {}) as NonNullable<NodeSpec['runner']> }),
  }
}

function deploymentOf(_: string, spec: Json): DeploymentSpec {
  const { parent, nodes, values, groups, overrides, roles, adopt, drift, ...rest } = objectOr(spec)
  return {
    ...(typeof parent === 'string' ? { parent } : {}),
    nodes: selectionOf(nodes ?? 'true'),
    ...(typeof parent === 'string' && nodes === undefined ? { inheritsNodes: true as const } : {}),
    ...choiceOf(rest),
    values: (values ?? {}) as unknown as DeploymentSpec['values'],
    groups: listOr(groups).map((group): LabelGroup => {
      const { nodes: where, values: what } = objectOr(group)
      return { nodes: selectionOf(where ?? 'true'), values: (what ?? {}) as unknown as LabelGroup['values'] }
    }),
    overrides: (overrides ?? {}) as unknown as DeploymentSpec['overrides'],
    placements: listOr(roles).map(placementOf),
    adopt: adopt === true,
    ...driftSaid(drift),
  }
}

function placementOf(spec: Json): PlacementSpec {
  if (typeof spec === 'string') return { role: spec, values: {} }
  const { role, nodes, values, rollout, max_failures: maxFailures, windows, ...rest } = objectOr(spec)
  return {
    role: textOf(role ?? null),
    values: objectOr(values),
    ...(rollout === undefined ? {} : { rollout: rolloutOf(objectOr(rollout)) }),
    ...(maxFailures === undefined ? {} : { maxFailures: Number(maxFailures) }),
    ...(windows === undefined ? {} : { windows: listOr(windows).map(windowOf) }),
    ...(nodes === undefined ? {} : { nodes: selectionOf(nodes) }),
    ...choiceOf(rest),
    ...driftSaid(rest['drift']),
  }
}

function choiceOf({ count, prefer, spread }: JsonObject): { choice?: Choice } {
  if (count === undefined) return {}
  const choice = { count: Number(count), prefer: [prefer ?? []].flat().map(textOf) }
  return { choice: spread === undefined ? choice : { ...choice, spread: textOf(spread) } }
}

function rolloutOf({ probe, then, soak, tolerate, ...rest }: JsonObject): RolloutSpec {
  return {
    ...(rest as Partial<RolloutSpec>),
    probe: Number(probe ?? 1),
    // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
    then: listOr(then).map(String),
    ...(tolerate === undefined ? {} : { tolerate: textOf(tolerate) }),
    ...(soak === undefined ? {} : { soakMs: durationOf(soak) }),
  }
}

function windowOf(text: Json): CalendarWindow {
  const window = parseWindow(textOf(text))
  if (!window) throw new Error(`${textOf(text)} is no window`)
  return window
}

function selectionOf(nodes: Json): NodeSelection {
  return Array.isArray(nodes) ? { names: nodes.map(String) } : { expression: textOf(nodes) }
}

function roleOf(name: string, spec: Json): Role {
  const role = objectOr(spec)
  const { drift: _, ...asked } = role
  const action = (word: string, byDefault: boolean): object =>
    (role[word] ?? byDefault) === false
      ? {}
      : { [word]: { path: `${name}/${word}.sh`, digest: digestOf(`${name} ${word}`) } }
  const retry = objectOr(role['retry'])
  return {
    name,
    package: 'test@1',
    summary: '',
    per: role['per'] === 'deployment' ? 'deployment' : 'node',
    driver: 'simulated',
    requires: listOr(role['requires']).map(requirementOf),
    after: listOr(role['after']).map(String),
    provides: listOr(role['provides']).map(String),
    conflicts: listOr(role['conflicts']).map(String),
    once: role['once'] === true,
    parallel: role['parallel'] === true,
    become: false,
    inputs: mapped(role['inputs'], inputOf),
    outputs: mapped(role['outputs'], outputOf),
    files: mapped(role['files'], fileOf),
    ...action('apply', true),
    ...action('check', false),
    ...action('remove', false),
    locks: listOr(role['locks']) as unknown as Role['locks'],
    retry: { attempts: Number(retry['attempts'] ?? 1), backoffMs: durationOf(retry['backoff'] ?? '2s') },
    deadlineMs: 60_000,
    ...driftSaid(role['drift']),
    digest: digestOf({ name, ...asked }),
  }
}

function fileOf(path: string, spec: Json): FileSpec {
  // A text is a template, of which whoever commits it brings the bytes; all else is a file by its digest alone.
  if (typeof spec === 'string') {
    const content = { path: `test${path}.j2`, digest: digestOfBytes(spec) }
    return { kind: 'template', content, mode: '0644', owner: 'root', group: 'root' }
  }
  const content = { path, digest: digestOf([path, spec]) }
  return { kind: 'file', content, mode: '0644', owner: 'root', group: 'root' }
}

function requirementOf(spec: Json): Requirement {
  if (typeof spec === 'string') return { role: spec, of: 'node' }
  const { role, of } = objectOr(spec)
  return { role: textOf(role ?? null), of: of === 'deployment' ? 'deployment' : 'node' }
}

function inputOf(_: string, spec: Json): InputSpec {
  if (!isObject(spec)) return { schema: {}, sensitive: false, optional: false, default: spec }
  const { type, default: fallback, optional, sensitive, fact, from, value, take, wait, select } = spec
  const input: InputSpec = {
    schema: type === undefined ? {} : { type },
    sensitive: sensitive === true,
    optional: optional === true,
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  if (typeof fact === 'string') input.source = { kind: 'fact', path: fact.split('.') }
  if (typeof value === 'string') input.source = { kind: 'value', expression: value }
  if (typeof from === 'string') {
    const [role = '', output = ''] = from.split('.')
    input.source = {
      kind: 'output',
      role,
      output,
      take: take === 'all' || take === 'map' ? take : 'one',
      wait: (wait ?? 'all') as Wait,
      ...(typeof select === 'string' ? { select } : {}),
    }
  }
  return input
}

function outputOf(_: string, spec: Json): OutputSpec {
  const { type, sensitive, value, measured } = objectOr(spec)
  return {
    schema: type === undefined ? {} : { type },
    sensitive: sensitive === true,
    ...(measured === true ? { measured } : {}),
    ...(typeof value === 'string' ? { value } : {}),
  }
}

function mapped<T>(record: Json | undefined, make: (name: string, spec: Json) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(objectOr(record)).map(([name, spec]) => [name, make(name, spec)]))
}

function objectOr(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function listOr(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

function durationOf(text: Json): number {
  const ms = parseDuration(textOf(text))
  if (ms === undefined) throw new Error(`${textOf(text)} is no duration`)
  return ms
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
