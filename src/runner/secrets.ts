// Brings the secrets that inputs stand for, when a run or a check begins: from here on they are values like any other, and known to be secret.
import type { Json } from '../base/json.ts'
import type { Role } from '../model/role.ts'
import type { NodeFault } from '../model/run.ts'
import { referenceIn, referenceWords, type ResolveSecret } from '../model/secret-reference.ts'

export interface Bringing {
  /** Without it none can be brought. */
  resolve: ResolveSecret | undefined
  schema: (schema: Json) => (value: Json) => string | undefined
  signal: AbortSignal
}

interface Asking {
  role: Role
  inputs: Record<string, Json>
  references: string[]
}

/** A copy with the secrets in place, or why one of them cannot be had; the order itself holds none. */
export async function withSecrets<T extends Asking>(
  asking: T,
  bringing: Bringing,
): Promise<{ ok: true; with: T } | { ok: false; fault: NodeFault }> {
  if (asking.references.length === 0) return { ok: true, with: asking }
  const inputs = { ...asking.inputs }
  const brought = await Promise.all(asking.references.map((name) => bring(asking, name, bringing)))
  for (const [index, name] of asking.references.entries()) {
    const one = brought[index] as Brought
    if (!one.ok) return { ok: false, fault: { code: 'secretUnresolved', message: `${name}: ${one.message}` } }
    inputs[name] = one.value
  }
  return { ok: true, with: { ...asking, inputs } }
}

type Brought = { ok: true; value: Json } | { ok: false; message: string }

async function bring(
  { role, inputs }: Asking,
  name: string,
  { resolve, schema, signal }: Bringing,
): Promise<Brought> {
  const reference = referenceIn(inputs[name])
  if (!reference || !resolve) return { ok: false, message: 'nobody here follows references to secrets' }
  const resolved = await resolve(reference, signal)
  if (!resolved.ok) return resolved
  const complaint = schema(role.inputs[name]?.schema ?? {})
  if (complaint(resolved.value) === undefined) return resolved
  const parsed = typeof resolved.value === 'string' ? jsonIn(resolved.value) : undefined
  if (parsed !== undefined && complaint(parsed) === undefined) return { ok: true, value: parsed }
  return {
    ok: false,
    message: `what ${referenceWords(reference)} holds does not fit the schema of the input; it is not shown`,
  }
}

/** Where the input is no text, a text is read as the JSON that it may be. */
function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
