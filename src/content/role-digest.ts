// The digest of a role: over what a run can notice.
import { digestOf } from '../base/digest.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { InputSpec, Role } from '../model/role.ts'

/**
 * Not over where the role comes from, its words for people, how drift is met, and the places of its scripts in the package, only their
 * bytes. A new version of a package that brings the same role runs nothing.
 */
export function digestOfRole(role: Omit<Role, 'digest'>): string {
  const {
    package: _package,
    summary: _summary,
    drift: _drift,
    inputs,
    outputs,
    files,
    apply,
    check,
    remove,
    ...rest
  } = role
  const told: Record<string, unknown> = {
    ...rest,
    inputs: each(inputs, ({ schema, ...spec }) => ({ ...withoutSecret(spec), schema: withoutWords(schema) })),
    outputs: each(outputs, ({ schema, ...spec }) => ({ ...spec, schema: withoutWords(schema) })),
    files: each(files, ({ content, ...file }) => ({ ...file, content: content.digest })),
    apply: apply?.digest ?? null,
    check: check?.digest ?? null,
    remove: remove?.digest ?? null,
  }
  // All of it is JSON; only the types of the model do not say so.
  return digestOf(told as Json)
}

function each<T>(specs: Record<string, T>, tell: (spec: T) => object): object {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, tell(spec)]))
}

/** A default that is a secret is in the digest of each binding that has it; this one stands in the journal in clear. */
function withoutSecret(spec: Omit<InputSpec, 'schema'>): object {
  return spec.sensitive && spec.default !== undefined ? { ...spec, default: true } : spec
}

function withoutWords(schema: Json): JsonObject {
  const words = ['title', 'description', 'examples', '$comment']
  return Object.fromEntries(Object.entries(schema as JsonObject).filter(([key]) => !words.includes(key)))
}
