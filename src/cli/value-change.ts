// How a value changed, in parts: of a mapping the keys that differ, of a list the items that came and went, of a text its lines.
import { canonical } from '../base/canonical.ts'
import { isObject, type Json } from '../base/json.ts'

export type ValuePart =
  | { what: 'added'; path: string; value: Json }
  | { what: 'removed'; path: string; value: Json }
  | { what: 'changed'; path: string; before: Json; after: Json }
  /** The same items, lines or keys as before, not in the same order. */
  | { what: 'moved'; path: string }

/** In the order of paths, what is gone before what came; empty where both say the same. `path` is dotted, empty at the top. */
export function valueParts(before: Json, after: Json, path = ''): ValuePart[] {
  if (canonical(before) === canonical(after)) return []
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => keyParts(before, after, key, path === '' ? key : `${path}.${key}`))
  }
  if (Array.isArray(before) && Array.isArray(after)) return itemParts(before, after, path)
  if (isLines(before) && isLines(after)) return itemParts(before.split('\n'), after.split('\n'), path)
  return [{ what: 'changed', path, before, after }]
}

function keyParts(
  before: Record<string, Json>,
  after: Record<string, Json>,
  key: string,
  path: string,
): ValuePart[] {
  if (!Object.hasOwn(after, key)) return [{ what: 'removed', path, value: before[key] as Json }]
  if (!Object.hasOwn(before, key)) return [{ what: 'added', path, value: after[key] as Json }]
  return valueParts(before[key] as Json, after[key] as Json, path)
}

/** As bags: where an item stands is told only when nothing else differs. */
function itemParts(before: readonly Json[], after: readonly Json[], path: string): ValuePart[] {
  const removed = without(before, after).map((value): ValuePart => ({ what: 'removed', path, value }))
  const added = without(after, before).map((value): ValuePart => ({ what: 'added', path, value }))
  return removed.length + added.length === 0 ? [{ what: 'moved', path }] : [...removed, ...added]
}

function without(items: readonly Json[], others: readonly Json[]): Json[] {
  const left = new Map<string, number>()
  for (const other of others) left.set(canonical(other), (left.get(canonical(other)) ?? 0) + 1)
  return items.filter((item) => {
    const count = left.get(canonical(item)) ?? 0
    left.set(canonical(item), count - 1)
    return count <= 0
  })
}

function isLines(value: Json): value is string {
  return typeof value === 'string' && value.includes('\n')
}
