// Explaining: why a node-role is as it is, down to what it waits for in the end, and where each value came from.
import type { Json } from '../base/json.ts'
import type { InputChange, InputView, WhyView } from '../model/view.ts'
import { behind } from './behind.ts'
import { boundOf, isSecret, unboundOf } from './bind.ts'
import { candidatesOf } from './candidates.ts'
import type { InputPlan } from './graph.ts'
import { judge } from './judge.ts'
import { sourcesOf } from './sources.ts'
import { trace } from './trace.ts'
import { viewNodeRole } from './view.ts'
import { valueOf } from './value.ts'
import { shownVariant } from './variant.ts'
import { viewOutputs } from './view-outputs.ts'
import type { NodeRole, RunRecord, World } from './world.ts'

/** The input that is asked for goes down to its roots, through runs, and tells who consumes it. */
export function explain(world: World, nodeRole: NodeRole, asked?: string): WhyView {
  const view: WhyView = {
    nodeRole: viewNodeRole(world, nodeRole),
    chain: chainOf(world, nodeRole),
    inputs: nodeRole.group.inputs.map((input) => viewInput(world, nodeRole, input, input.name === asked)),
    outputs: viewOutputs(world, nodeRole),
  }
  const variant = shownVariant(nodeRole)
  if (variant !== undefined) view.variant = variant
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
    const next = behind(here, reason)
    here = next === undefined ? undefined : world.nodeRoles.get(next)
  }
  return chain
}

function viewInput(world: World, nodeRole: NodeRole, input: InputPlan, whole: boolean): InputView {
  const bound = boundOf(nodeRole, input)
  const sensitive = isSecret(nodeRole, input)
  const view: InputView = {
    input: input.name,
    sensitive,
    candidates: candidatesOf(world, nodeRole, input),
    sources: bound ? sourcesOf(world, nodeRole, bound.origin, whole) : [],
  }
  if (bound) view.origin = bound.origin
  if (bound && !sensitive) view.value = bound.value.json
  const unbound = bound ? undefined : unboundOf(nodeRole, input)
  if (unbound) view.unbound = unbound
  if (whole) view.consumers = trace(world, [{ kind: 'input', nodeRole, input }], false).roots[0]?.to ?? []
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
