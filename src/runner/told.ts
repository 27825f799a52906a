// What a runner elsewhere tells, held against what it was asked: untrusted in, a report that the engine may take out.
import type { Json } from '../base/json.ts'
import type { CheckOutcome } from '../model/drift.ts'
import type { NodeFaultCode, RunOrder, RunOutcome } from '../model/run.ts'
import type { Told, Work } from '../model/runner-talk.ts'
import type { Report } from './runner.ts'

export type Schema = (schema: Json) => (value: Json) => string | undefined

/** Outputs may be 1 MiB; what is found different on a node is cut over there. */
const TOLD_MOST = 4 * 1024 * 1024

/** Undefined where it tells of something else than it was asked for. `runner`: for the words of what does not fit. */
export function reportOf(work: Work, told: Told, runner: string, schema: Schema): Report | undefined {
  if (told.kind === work.kind && JSON.stringify(told.outcome).length > TOLD_MOST)
    return inPlaceOf(work, 'garbled', `${runner} told more of it than ${TOLD_MOST} characters`)
  if (work.kind === 'run' && told.kind === 'run') {
    const { run, token } = work.order
    return { kind: 'reportRun', run, token, outcome: fittingRun(work.order, told.outcome, runner, schema) }
  }
  if (work.kind === 'check' && told.kind === 'check') {
    const { check, token, node, parts } = work.order
    const outcome = fittingCheck(new Set(parts.map(({ nodeRole }) => nodeRole)), told.outcome, runner)
    return { kind: 'reportCheck', check, token, node: node.name, outcome }
  }
  if (work.kind === 'contact' && told.kind === 'contact')
    return { kind: 'reportContact', node: work.node.name, outcome: told.outcome }
  return undefined
}

/** The driver over there has looked at all this; whoever it is, it is looked at again. */
function fittingRun(
  { role, action }: RunOrder,
  outcome: RunOutcome,
  runner: string,
  schema: Schema,
): RunOutcome {
  if (outcome.result !== 'ok') return outcome
  const { outputs, durationMs } = outcome
  const failed = (why: string): RunOutcome => ({
    result: 'failed',
    message: `what ${runner} told of it does not fit its role: ${why}`,
    tail: '',
    retry: false,
    durationMs,
  })
  for (const [name, value] of Object.entries(outputs)) {
    const spec = Object.hasOwn(role.outputs, name) ? role.outputs[name] : undefined
    if (!spec || spec.value !== undefined) return failed(`it cannot tell an output ${JSON.stringify(name)}`)
    const complaint = schema(spec.schema)(value)
    if (complaint !== undefined) return failed(`the output ${name} ${complaint}`)
  }
  if (action !== 'apply') return outcome
  const missing = Object.keys(role.outputs).find(
    (name) => role.outputs[name]?.value === undefined && !Object.hasOwn(outputs, name),
  )
  return missing === undefined ? outcome : failed(`the output ${missing} is not told`)
}

function fittingCheck(asked: ReadonlySet<string>, outcome: CheckOutcome, runner: string): CheckOutcome {
  if (outcome.result === 'fault' || outcome.findings.every(({ nodeRole }) => asked.has(nodeRole)))
    return outcome
  const message = `${runner} told of node-roles that it was not asked to look at`
  return { result: 'fault', fault: { code: 'garbled', message }, durationMs: outcome.durationMs }
}

/** What is told to the engine in the place of a runner that cannot. */
export function inPlaceOf(work: Work, code: NodeFaultCode, message: string, durationMs = 0): Report {
  const fault = { code, message }
  switch (work.kind) {
    case 'run': {
      const { run, token } = work.order
      return { kind: 'reportRun', run, token, outcome: { result: 'fault', fault, durationMs } }
    }
    case 'check': {
      const { check, token, node } = work.order
      return {
        kind: 'reportCheck',
        check,
        token,
        node: node.name,
        outcome: { result: 'fault', fault, durationMs },
      }
    }
    case 'contact':
      // That a runner is gone says nothing of the node.
      return {
        kind: 'reportContact',
        node: work.node.name,
        outcome: { result: 'fault', fault: { code: code === 'garbled' ? code : 'cancelled', message } },
      }
  }
}
