// The content that a piece of work refers to: digests of the scripts and templates of its roles, and nothing else.
import type { Json } from '../base/json.ts'
import type { Role } from '../model/role.ts'
import type { Work } from '../model/runner-talk.ts'

export function contentOf(work: Work): ReadonlySet<string> {
  if (work.kind === 'run') return contentOfRole(work.order.role)
  if (work.kind === 'contact' || work.kind === 'exec') return new Set()
  return new Set(work.order.parts.flatMap(({ role }) => [...contentOfRole(role)]))
}

const known = new WeakMap<Role, ReadonlySet<string>>()

function contentOfRole(role: Role): ReadonlySet<string> {
  const found = known.get(role) ?? new Set(digestsIn(role as unknown as Json))
  known.set(role, found)
  return found
}

function digestsIn(value: Json): string[] {
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? [value] : []
  return value !== null && typeof value === 'object'
    ? Object.values(value).flatMap((one) => digestsIn(one as Json))
    : []
}
