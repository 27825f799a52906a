// What a script is given of an order: variables and the JSON text of all inputs, as docs/guide/scripts.md says.
import type { Json } from '../base/json.ts'
import { NO_NODE, nodeRoleName } from '../model/names.ts'
import type { RunOrder } from '../model/run.ts'

export type Environment =
  | { ok: true; env: Record<string, string>; inputs: string }
  | { ok: false; message: string }

/** Linux takes 128 KiB for one variable and a quarter of the stack limit (2 MiB) for all; half of that is ours. */
const LONGEST_VARIABLE = 64 * 1024
const LONGEST_ENVIRONMENT = 1024 * 1024

export function environmentOf(
  order: Pick<RunOrder, 'nodeRole' | 'action' | 'node' | 'role' | 'inputs'>,
): Environment {
  const name = nodeRoleName(order.nodeRole)
  const env: Record<string, string> = {
    ANNEAL_ACTION: order.action,
    ANNEAL_NODE: order.node?.name ?? NO_NODE,
    ANNEAL_ROLE: order.role.name,
    ANNEAL_DEPLOYMENT: name.deployment,
  }
  const omitted: string[] = []
  let room = LONGEST_ENVIRONMENT
  for (const [input, value] of Object.entries(order.inputs)) {
    const text = textOf(value)
    if (text.includes('\0'))
      return { ok: false, message: `the input ${input} holds a NUL character, which no variable can carry` }
    const length = Buffer.byteLength(text)
    if (length > LONGEST_VARIABLE || length > room) {
      omitted.push(input)
      continue
    }
    room -= length
    env[`ANNEAL_INPUT_${input.toUpperCase()}`] = text
  }
  if (omitted.length > 0) env['ANNEAL_INPUTS_OMITTED'] = omitted.join(' ')
  return { ok: true, env, inputs: JSON.stringify(order.inputs) }
}

function textOf(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
