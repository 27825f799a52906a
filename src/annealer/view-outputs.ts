// Outputs as they are shown: what a node-role says of each, since when, or why it says nothing yet.
import type { Unbound } from '../model/binding.ts'
import type { OutputView } from '../model/view.ts'
import { scopeOf } from './bind.ts'
import type { EarlyPlan } from './graph.ts'
import { knownOutput } from './hubs.ts'
import { sinceRun } from './since.ts'
import { isSecretOutput } from './trace.ts'
import { valueOf } from './value.ts'
import type { NodeRole, World } from './world.ts'

export function viewOutputs(world: World, nodeRole: NodeRole): OutputView[] {
  const { role, early } = nodeRole.group
  return Object.keys(role.outputs).map((output) => {
    const plan = early.find(({ name }) => name === output)
    const told = knownOutput(nodeRole, output)
    const sensitive = isSecretOutput(nodeRole, output)
    const view: OutputView = { output, sensitive, early: plan !== undefined, known: told !== undefined }
    if (told && !sensitive) view.value = told.value.json
    if (told && !plan) view.since = sinceRun(world, told.run)
    const unbound = plan && !told ? whyUntold(nodeRole, plan, sensitive) : undefined
    if (unbound) view.unbound = unbound
    return view
  })
}

/** Nothing is in the way of one that goes round in circles: the reason of its node-role says that. */
function whyUntold(nodeRole: NodeRole, early: EarlyPlan, sensitive: boolean): Unbound | undefined {
  const { inputs, role } = nodeRole.group
  const lacking = early.reads.find((index) => !nodeRole.inputs[index])
  if (lacking !== undefined) return { kind: 'inputUnbound', input: inputs[lacking]?.name ?? '' }
  const expression = role.outputs[early.name]?.value ?? ''
  const shown = (message: string): string =>
    sensitive ? 'it is sensitive, so what is wrong is not shown' : message
  const result = early.expression.evaluate(scopeOf(nodeRole))
  if (!result.ok) return { kind: 'expressionFailed', expression, message: shown(result.message) }
  const complaint = early.check(valueOf(result.value))
  if (complaint === undefined) return undefined
  const reads = early.reads.map((index) => inputs[index]?.name ?? '')
  return { kind: 'breaksSchema', message: shown(complaint), from: { kind: 'expression', expression, reads } }
}
