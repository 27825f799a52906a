// What a runner elsewhere tells, held against what it was asked: untrusted in, what may be taken out.
import type { Json } from '../base/json.ts'
import { unreachable } from '../base/assert.ts'
import type { CheckOrder, CheckOutcome } from '../model/drift.ts'
import type { NodeFaultCode, RunOrder, RunOutcome } from '../model/run.ts'
import type { Told, Work } from '../model/runner-talk.ts'
import type { Ended } from './aside.ts'

export type Schema = (schema: Json) => (value: Json) => string | undefined

/** Outputs may be 1 MiB; what is found different on a node is cut over there. */
const TOLD_MOST = 4 * 1024 * 1024

/** Undefined where it tells of something else than it was asked for. `runner`: for the words of what does not fit. */
export function endedBy(work: Work, told: Told, runner: string, schema: Schema): Ended | undefined {
  if (told.kind === work.kind && JSON.stringify(told.outcome).length > TOLD_MOST)
    return inPlaceOf(work, 'garbled', `${runner} told more of it than ${TOLD_MOST} characters`)
  if (work.kind === 'run' && told.kind === 'run') {
    const { run, token } = work.order
    return { kind: 'reportRun', run, token, outcome: fittingRun(work.order, told.outcome, runner, schema) }
  }
  if (work.kind === 'check' && told.kind === 'check') return checked(work.order, told.outcome, runner)
  if (work.kind === 'look' && told.kind === 'look') return checked(work.order, told.outcome, runner)
  if (work.kind === 'exec' && told.kind === 'exec') return { kind: 'execEnded', outcome: told.outcome }
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

function checked({ check, token, node, parts }: CheckOrder, told: CheckOutcome, runner: string): Ended {
  const outcome = fittingCheck(new Set(parts.map(({ nodeRole }) => nodeRole)), told, runner)
  return { kind: 'reportCheck', check, token, node: node.name, outcome }
}

function fittingCheck(asked: ReadonlySet<string>, outcome: CheckOutcome, runner: string): CheckOutcome {
  if (outcome.result === 'fault' || outcome.findings.every(({ nodeRole }) => asked.has(nodeRole)))
    return outcome
  const message = `${runner} told of node-roles that it was not asked to look at`
  return { result: 'fault', fault: { code: 'garbled', message }, durationMs: outcome.durationMs }
}

/** What is told in the place of a runner that cannot. */
export function inPlaceOf(work: Work, code: NodeFaultCode, message: string, durationMs = 0): Ended {
  const fault = { code, message }
  switch (work.kind) {
    case 'run': {
      const { run, token } = work.order
      return { kind: 'reportRun', run, token, outcome: { result: 'fault', fault, durationMs } }
    }
    case 'check':
    case 'look': {
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
    case 'exec':
      return { kind: 'execEnded', outcome: { result: 'fault', fault, durationMs } }
    default:
      return unreachable(work)
  }
}
