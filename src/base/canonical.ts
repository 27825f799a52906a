// One text for one value: JSON with sorted keys, the form that digests and comparisons are made from.
import type { Json } from './json.ts'

/** RFC 8785 in spirit: keys sorted by UTF-16 code units, no white space, numbers as JSON prints them. */
export function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
  return `{${members.join(',')}}`
}
