// Shared values: what many runs of one turn start with is written once in its text, and read as one and the same object.
import { isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'
import type { Event } from '../model/event.ts'

/** An event that lacks inputs, with the places where they stand among the large ones: input -> place. */
const SHARED = 'shared'

/**
 * A thousand members that start with the map of all members would write it a thousand times: members squared. Told apart by
 * identity alone, which costs nothing; "the map of all members once" in codec.test.ts fails without.
 */
export function withoutShared(events: readonly Event[]): { events: readonly object[]; large: Json[] } {
  const met = new Map<Json, number>()
  for (const event of events) {
    if (event.kind !== 'runStarted') continue
    for (const name in event.inputs) {
      const json = event.inputs[name] as Json
      if (isLarge(json)) met.set(json, (met.get(json) ?? 0) + 1)
    }
  }
  const large = [...met].filter(([, times]) => times > 1).map(([json]) => json)
  if (large.length === 0) return { events, large }
  const places = new Map(large.map((json, place) => [json, place]))
  return {
    events: events.map((event) => (event.kind === 'runStarted' ? thinned(event, places) : event)),
    large,
  }
}

/** What is small is written where it stands: it would take as much to say where it is. */
function isLarge(json: Json): boolean {
  return typeof json === 'object' && json !== null && Object.keys(json).length > FEW
}

const FEW = 8

function thinned(event: Extract<Event, { kind: 'runStarted' }>, places: ReadonlyMap<Json, number>): object {
  const inputs: JsonObject = {}
  const shared: Record<string, number> = {}
  let isAny = false
  for (const [name, json] of Object.entries(event.inputs)) {
    const place = places.get(json)
    setOwn<Json>(place === undefined ? inputs : shared, name, place ?? json)
    isAny ||= place !== undefined
  }
  return isAny ? { ...event, inputs, [SHARED]: shared } : event
}

/** Undefined where a place is none: the text is not what was written. */
export function withShared(event: JsonObject, large: readonly Json[]): JsonObject | undefined {
  const { [SHARED]: shared, ...told } = event
  if (shared === undefined) return event
  if (!isObject(shared) || !isObject(told['inputs'])) return undefined
  const inputs = { ...told['inputs'] }
  for (const [name, place] of Object.entries(shared)) {
    const json = typeof place === 'number' ? large[place] : undefined
    if (json === undefined) return undefined
    setOwn(inputs, name, json)
  }
  return { ...told, inputs }
}
