// Checks references to secrets in a site that came over the network: what they reach is read, or run, where the server is.
import { canonical } from '../base/canonical.ts'
import { isObject, type Json } from '../base/json.ts'
import type { Language } from '../model/language.ts'
import type { Role } from '../model/role.ts'
import { isMeantAsReference, REFERENCE_SHAPE, referenceIn } from '../model/secret-reference.ts'
import type { Target } from '../model/site.ts'

export interface ReferenceRules {
  language: Language
  /** Whether whoever sent the site may have this one followed. */
  mayRefer: (reference: Json) => boolean
}

/** Undefined where it is no reference, and its schema says whether it fits. `shipped`: a role or a package says it. */
export function referenceFault(
  { language, mayRefer }: ReferenceRules,
  role: Pick<Role, 'inputs' | 'outputs'>,
  input: string,
  value: Json,
  shipped = false,
): { message: string } | 'sound' | undefined {
  if (!role.inputs[input]?.sensitive || !isMeantAsReference(value)) return undefined
  if (!referenceIn(value))
    return { message: `it is sensitive, so what is wrong is not shown; expected ${REFERENCE_SHAPE}` }
  if (shipped) return { message: 'a reference is for an operator to give, and not for a role or a package' }
  const reader = readerOf(role, input, language)
  if (reader !== undefined)
    return {
      message: `${reader} reads it before there is anything to read: it is followed when a run begins`,
    }
  if (mayRefer(value)) return 'sound'
  return { message: 'only who may commit in the whole site brings a reference that is not in it yet' }
}

/** By its text, wherever it stands: what is committed was somebody's word who may say it. */
export function referencesIn(target: Target | undefined): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (value: unknown): void => {
    if (!isObject(value)) {
      if (Array.isArray(value)) value.forEach(look)
    } else if (isMeantAsReference(value) && referenceIn(value)) found.add(canonical(value))
    else Object.values(value).forEach(look)
  }
  look(target?.deployments)
  for (const { hints } of Object.values(target?.nodes ?? {})) look(hints)
  return found
}

function readerOf(
  { inputs, outputs }: Pick<Role, 'inputs' | 'outputs'>,
  input: string,
  language: Language,
): string | undefined {
  const reads = (text: string | undefined): boolean =>
    text !== undefined &&
    language
      .expression(text)
      .reads.some(([root, name]) => root === 'inputs' && (name === undefined || name === input))
  for (const [name, { source }] of Object.entries(inputs)) {
    if (
      reads(
        source?.kind === 'value' ? source.expression : source?.kind === 'output' ? source.select : undefined,
      )
    )
      return `the input ${name}`
  }
  const output = Object.entries(outputs).find(([, { value }]) => reads(value))
  return output && `the output ${output[0]}`
}
