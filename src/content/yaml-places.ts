// Finds the place of a value in the events of a YAML document: by path, through aliases, and inside strings.
import { type Event, EVENT_ID, getScalarValue } from 'js-yaml'
import type { Range } from './source.ts'

export interface Found {
  range: Range
  event?: Event
}

/** The event of the value at a path, or of its key; as far as the path leads. */
export function find(text: string, events: Event[], path: readonly string[], what: 'key' | 'value'): Found {
  let at = 1
  let key: Event | undefined
  for (const [depth, word] of path.entries()) {
    at = anchored(text, events, at)
    const entry = entryAt(text, events, at, word)
    if (entry === undefined) break
    key = entry.key ?? key
    at = entry.value
    if (depth === path.length - 1 && what === 'key' && key !== undefined)
      return { range: rangeOf(key), event: key }
  }
  const event = events[at]
  if (event?.type === EVENT_ID.SCALAR && event.valueStart >= 0)
    return { range: trimmed(text, rangeOf(event)), event }
  if (event?.type === EVENT_ID.ALIAS) return { range: rangeOf(event), event }
  return { range: key === undefined ? rangeOf(event) : rangeOf(key) }
}

/** A block begins at the first word of its first line. */
function trimmed(text: string, range: Range): Range {
  const start = range.start + (/^\s*/.exec(text.slice(range.start, range.end))?.[0].length ?? 0)
  return start < range.end ? { start, end: range.end } : range
}

function rangeOf(event: Event | undefined): Range {
  if (event?.type === EVENT_ID.SCALAR && event.valueStart >= 0) {
    return { start: event.valueStart, end: event.valueEnd }
  }
  if (event?.type === EVENT_ID.ALIAS) return { start: event.anchorStart - 1, end: event.anchorEnd }
  if (event !== undefined && 'start' in event) return { start: event.start, end: event.start + 1 }
  return { start: 0, end: 1 }
}

/** The entry with this key or index in the collection that begins at an event. */
function entryAt(
  text: string,
  events: Event[],
  at: number,
  word: string,
): { key?: Event; value: number } | undefined {
  const collection = events[at]
  if (collection?.type === EVENT_ID.SEQUENCE) {
    let item = at + 1
    for (let index = 0; events[item]?.type !== EVENT_ID.POP && index < Number(word); index++)
      item = after(events, item)
    return events[item]?.type === EVENT_ID.POP ? undefined : { value: item }
  }
  if (collection?.type !== EVENT_ID.MAPPING) return undefined
  for (let key = at + 1; events[key]?.type !== EVENT_ID.POP; ) {
    const value = after(events, key)
    const event = events[key] as Event
    if (event.type === EVENT_ID.SCALAR && getScalarValue(text, event) === word) return { key: event, value }
    key = after(events, value)
  }
  return undefined
}

/** The event after the value that begins here. */
function after(events: Event[], at: number): number {
  let depth = 0
  for (let here = at; here < events.length; here++) {
    const type = events[here]?.type
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++
    if (type === EVENT_ID.POP) depth--
    if (depth <= 0) return here + 1
  }
  return events.length
}

/** Follows an alias to the last value before it that bears its anchor. */
function anchored(text: string, events: Event[], at: number): number {
  const alias = events[at]
  if (alias?.type !== EVENT_ID.ALIAS) return at
  const name = text.slice(alias.anchorStart, alias.anchorEnd)
  for (let here = at - 1; here > 0; here--) {
    const event = events[here] as Event
    if (event.type === EVENT_ID.ALIAS || !('anchorStart' in event) || event.anchorStart < 0) continue
    if (text.slice(event.anchorStart, event.anchorEnd) === name) return here
  }
  return at
}

/** Exact for scalars that stand in the file as they are and for most blocks; unknown where there are escapes. */
export function insideScalar(text: string, event: Event, offset: number): number | undefined {
  if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0) return undefined
  if (text.slice(event.valueStart, event.valueEnd) === getScalarValue(text, event))
    return event.valueStart + offset
  if (event.indent < 0) return undefined
  // In a block each line has lost its indentation; its end is a line feed or, folded, a space.
  let left = offset
  for (let start = event.valueStart; start < event.valueEnd; ) {
    const end = text.indexOf('\n', start) < 0 ? event.valueEnd : text.indexOf('\n', start)
    const content = Math.min(start + event.indent, end)
    if (left <= end - content) return content + left
    left -= end - content + 1
    start = end + 1
  }
  return undefined
}
