// Checks values that stand for a secret kept elsewhere: only an operator gives them, only to a sensitive input that nothing reads before a run.
import type { Json } from '../base/json.ts'
import type { Role } from '../model/role.ts'
import { isMeantAsReference, REFERENCE_SHAPE, referenceIn } from '../model/secret-reference.ts'
import { parseExpression } from './expression.ts'
import type { Complaint } from './source.ts'

/** Undefined for a value that is none: its schema says whether it fits. `shipped`: a role or a package says it, not an operator. */
export function checkReference(
  role: Pick<Role, 'name' | 'inputs' | 'outputs'>,
  input: string,
  value: Json,
  { shipped }: { shipped: boolean },
): Complaint | 'sound' | undefined {
  if (!isMeantAsReference(value)) return undefined
  const reference = referenceIn(value)
  const sensitive = role.inputs[input]?.sensitive === true
  if (!reference) {
    if (!sensitive) return undefined
    return {
      code: 'badReference',
      message: `${input} is sensitive and not shown: what stands here is no reference to a secret`,
      advice: `expected ${REFERENCE_SHAPE}`,
      secret: true,
    }
  }
  if (!sensitive)
    return {
      code: 'referenceInClear',
      message: `${input} of ${role.name} is not sensitive, and cannot stand for a secret`,
      advice: 'say sensitive: true in the role, or give the value itself',
    }
  if (shipped)
    return {
      code: 'shippedReference',
      message: `a reference is for an operator to give: what it reaches is on the machine that anneals`,
      advice: `leave ${input} without a default, and give it in anneal.yaml`,
    }
  const reader = readerOf(role, input)
  if (reader === undefined) return 'sound'
  return {
    code: 'referenceIsRead',
    message: `${input} of ${role.name} is read by ${reader}, before there is anything to read: a reference is followed when a run begins`,
    advice: `give the value itself, or let the script make what ${reader} says`,
  }
}

/** The expression that reads it, if one does. */
function readerOf({ inputs, outputs }: Pick<Role, 'inputs' | 'outputs'>, input: string): string | undefined {
  for (const [name, { source }] of Object.entries(inputs)) {
    const expression =
      source?.kind === 'value' ? source.expression : source?.kind === 'output' ? source.select : undefined
    if (expression !== undefined && isRead(expression, input)) return `the input ${name}`
  }
  for (const [name, { value }] of Object.entries(outputs))
    if (value !== undefined && isRead(value, input)) return `the output ${name}`
  return undefined
}

function isRead(expression: string, input: string): boolean {
  const parsed = parseExpression(expression)
  if (!parsed.ok) return false
  return parsed.reads.some(
    ({ path: [root, name] }) => root === 'inputs' && (name === undefined || name === input),
  )
}
