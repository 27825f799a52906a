// Explaining: why a node-role is as it is, down to what it waits for in the end, and where each value came from.
import type { Json } from '../base/json.ts'
import type { Origin, Unbound } from '../model/binding.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Reason } from '../model/reason.ts'
import type { InputChange, InputView, SourceView, WhyView } from '../model/view.ts'
import { oneSource, whyUnbound } from './bind.ts'
import type { InputPlan } from './graph.ts'
import { knownOutput } from './hubs.ts'
import { judge } from './judge.ts'
import { candidatesFor } from './levels.ts'
import { viewNodeRole } from './view.ts'
import { valueOf } from './value.ts'
import type { NodeRole, RunRecord, World } from './world.ts'

export function explain(world: World, nodeRole: NodeRole): WhyView {
  const view: WhyView = {
    nodeRole: viewNodeRole(world, nodeRole),
    chain: chainOf(world, nodeRole),
    inputs: nodeRole.group.inputs.map((input) => viewInput(world, nodeRole, input)),
  }
  const last = nodeRole.lastRun === undefined ? undefined : world.runs.get(nodeRole.lastRun)
  if (last)
    view.lastCause = { run: last.run, cause: last.cause, changes: changesBefore(world, nodeRole, last) }
  return view
}

/** Differences of two sets of inputs, by name; sensitive ones without their values. */
export function inputChanges(
  nodeRole: NodeRole,
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): InputChange[] {
  return nodeRole.group.inputs.flatMap(({ name, spec }) => {
    const was = Object.hasOwn(before, name) ? before[name] : undefined
    const is = Object.hasOwn(after, name) ? after[name] : undefined
    if (sameValue(was, is)) return []
    const change: InputChange = { input: name, sensitive: spec.sensitive }
    if (!spec.sensitive && was !== undefined) change.before = was
    if (!spec.sensitive && is !== undefined) change.after = is
    return [change]
  })
}

function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return valueOf(a).digest === valueOf(b).digest
}

/** From one node-role to the next that holds it, until one is held by nothing here. */
function chainOf(world: World, nodeRole: NodeRole): WhyView['chain'] {
  const chain: WhyView['chain'] = []
  const seen = new Set<NodeRole>()
  for (let here: NodeRole | undefined = nodeRole; here && !seen.has(here); ) {
    seen.add(here)
    const { state, reason } = judge(world, here)
    chain.push({ nodeRole: here.id, state, reason })
    const next = heldBy(here, reason)
    here = next === undefined ? undefined : world.nodeRoles.get(next)
  }
  return chain
}

function heldBy(nodeRole: NodeRole, reason: Reason): NodeRoleId | undefined {
  switch (reason.kind) {
    case 'requirement':
    case 'restsOnFailed':
      return reason.nodeRole
    case 'inputUnbound':
    case 'stale':
      return unboundBy(nodeRole, reason.input, reason.unbound)
    case 'waits':
      switch (reason.wait.kind) {
        case 'upstream':
        case 'dependants':
        case 'rinse':
          return reason.wait.nodeRole
        case 'lock':
          return reason.wait.holders[0]
        default:
          return undefined
      }
    default:
      return undefined
  }
}

function unboundBy(nodeRole: NodeRole, input: string, unbound: Unbound): NodeRoleId | undefined {
  switch (unbound.kind) {
    case 'outputUnknown':
      return unbound.nodeRole
    case 'outputsUnknown':
      return unbound.missing[0]
    case 'expressionFailed': {
      // A `select` that finds nothing waits for its source to say more: the source is what to look at.
      const plan = nodeRole.group.inputs.find((one) => one.name === input)
      const source = plan && oneSource(nodeRole, plan.sources)
      return source && !Array.isArray(source) && source.state !== 'active' ? source.id : undefined
    }
    default:
      return undefined
  }
}

function viewInput(world: World, nodeRole: NodeRole, input: InputPlan): InputView {
  const bound = nodeRole.inputs[input.index]
  const { sensitive } = input.spec
  const view: InputView = {
    input: input.name,
    sensitive,
    candidates:
      input.spec.source || !world.target
        ? []
        : hidden(sensitive, candidatesFor(world.target, nodeRole.group, input.name, nodeRole.nodeName)),
    sources: bound ? sourcesOf(world, nodeRole, bound.origin, []) : [],
  }
  if (bound) view.origin = bound.origin
  if (bound && !sensitive) view.value = bound.value.json
  const why = whyUnbound(nodeRole)
  if (!bound && why?.input === input.name) view.unbound = why.unbound
  return view
}

function hidden<T extends { value: Json }>(sensitive: boolean, candidates: T[]): T[] {
  return sensitive ? candidates.map((candidate) => ({ ...candidate, value: '(sensitive)' })) : candidates
}

/** Deep enough for any real site. */
const DEPTH_MOST = 8
const MEMBERS_SHOWN = 20

/** `path`: what led here; a circle is told once. */
function sourcesOf(world: World, reader: NodeRole, origin: Origin, path: readonly string[]): SourceView[] {
  if (path.length >= DEPTH_MOST) return []
  switch (origin.kind) {
    case 'output': {
      const nodeRole = world.nodeRoles.get(origin.nodeRole)
      return nodeRole ? [sourceOf(world, nodeRole, origin.output, path)] : []
    }
    case 'outputs': {
      const group = world.plan.groups.get(`${origin.deployment}/${origin.role}`)
      const members = [...(group?.members.values() ?? [])].slice(0, MEMBERS_SHOWN)
      return members.map((member) => sourceOf(world, member, origin.output, path))
    }
    case 'expression':
      return origin.reads.flatMap((name) => {
        const input = reader.group.inputs.find((one) => one.name === name)
        return input ? [inputSource(world, reader, input, path)] : []
      })
    case 'level':
    case 'fact':
    case 'none':
      return []
  }
}

function sourceOf(world: World, nodeRole: NodeRole, output: string, path: readonly string[]): SourceView {
  const told = knownOutput(nodeRole, output)
  const sensitive = nodeRole.group.role.outputs[output]?.sensitive ?? false
  const early = nodeRole.group.early.find((one) => one.name === output)
  const read = early ? early.reads : nodeRole.group.inputs.map((input) => input.index)
  const what = `${nodeRole.id}.${output}`
  const view: SourceView = {
    what,
    origin: { kind: 'output', nodeRole: nodeRole.id, output, run: told?.run ?? 'early' },
    sensitive,
    sources:
      early && !path.includes(what)
        ? read.flatMap((index) => {
            const input = nodeRole.group.inputs[index]
            return input ? [inputSource(world, nodeRole, input, [...path, what])] : []
          })
        : [],
  }
  if (told && !sensitive) view.value = told.value.json
  return view
}

function inputSource(
  world: World,
  nodeRole: NodeRole,
  input: InputPlan,
  path: readonly string[],
): SourceView {
  const bound = nodeRole.inputs[input.index]
  const view: SourceView = {
    what: `${nodeRole.id} ${input.name}`,
    origin: bound?.origin ?? { kind: 'none' },
    sensitive: input.spec.sensitive,
    sources: bound ? sourcesOf(world, nodeRole, bound.origin, path) : [],
  }
  if (bound && !input.spec.sensitive) view.value = bound.value.json
  return view
}

/** What the run had that the last run before it of the same node-role had not. */
function changesBefore(world: World, nodeRole: NodeRole, last: RunRecord): InputChange[] {
  let before: RunRecord | undefined
  for (const record of world.runs.values()) {
    if (record === last) break
    if (record.nodeRole === nodeRole.id && record.result === 'ok' && record.action !== 'remove')
      before = record
  }
  return before ? inputChanges(nodeRole, before.inputs, last.inputs) : []
}
