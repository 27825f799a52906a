// Codec: turns of events to text and back, with a number for the format that every stored batch carries.
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Event, Recorded } from '../model/event.ts'
import { withoutShared, withShared } from './shared-values.ts'

/** Raised when the text of a batch or the meaning of an event changes; `UPCASTS` then gets a step for the old one. */
export const FORMAT = 3

/** Of one commit: a batch that is full takes no further turn, and a larger turn is spread over several batches. */
export const EVENTS_PER_BATCH = 1_000

/** Some events of one turn, as the text `[at,[event,...]]`, or `[at,[event,...],[large,...]]` where they share large values. */
export interface Part {
  events: number
  text: string
}

/** What stands in a batch could not be understood; `newer` when a later version of this tool wrote it. */
export class CodecError extends Error {
  override name = 'CodecError'
  readonly newer: boolean

  constructor(message: string, newer: boolean) {
    super(message)
    this.newer = newer
  }
}

export function encodeTurn(at: number, events: readonly Event[]): Part[] {
  const parts: Part[] = []
  for (let from = 0; from < events.length; from += EVENTS_PER_BATCH) {
    const some = events.length <= EVENTS_PER_BATCH ? events : events.slice(from, from + EVENTS_PER_BATCH)
    const { events: told, large } = withoutShared(some)
    const shared = large.length > 0 ? `,${JSON.stringify(large)}` : ''
    parts.push({ events: some.length, text: `[${at},${JSON.stringify(told)}${shared}]` })
  }
  return parts
}

export function batchText(parts: readonly Part[]): string {
  return `[${parts.map((part) => part.text).join(',')}]`
}

/** The events of a batch whose first one is `firstSeq`. Throws `CodecError`. */
export function decodeBatch(format: number, firstSeq: number, text: string): Recorded[] {
  if (format > FORMAT) throw new CodecError(`format ${format} is newer than format ${FORMAT}`, true)
  const recorded: Recorded[] = []
  let seq = firstSeq
  for (const [at, events, large] of parseBatch(text)) {
    for (const stored of events) {
      const event = large ? withShared(stored, large) : stored
      if (!event) throw new CodecError('an event shares what is not there', false)
      recorded.push({ seq: seq++, at, event: upcast(format, event) })
    }
  }
  return recorded
}

/** Step `n` brings an event of format n to format n + 1. */
export const UPCASTS: Record<number, (event: JsonObject) => JsonObject> = {
  // From 2 on parts of an event may be sealed, and events say which of their values are secrets. Before, none was.
  1: (event) => event,
  // From 3 on large values that events of one turn share stand behind them. Before, each had its own.
  2: (event) => event,
}

function upcast(format: number, stored: JsonObject): Event {
  let event = stored
  for (let from = format; from < FORMAT; from++) {
    const step = UPCASTS[from]
    if (!step) throw new CodecError(`format ${from} is not known any more`, false)
    event = step(event)
  }
  const kind = event['kind']
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) {
    throw new CodecError(`an event of the kind ${JSON.stringify(kind)} is not known`, true)
  }
  return event as unknown as Event
}

type StoredTurn = [at: number, events: JsonObject[], large?: Json[]]

function parseBatch(text: string): StoredTurn[] {
  let turns: unknown
  try {
    turns = JSON.parse(text)
  } catch {
    throw new CodecError('the text is not JSON', false)
  }
  if (!Array.isArray(turns) || !turns.every(isTurn))
    throw new CodecError('the text does not hold turns', false)
  return turns
}

function isTurn(turn: unknown): turn is StoredTurn {
  return (
    Array.isArray(turn) &&
    typeof turn[0] === 'number' &&
    Array.isArray(turn[1]) &&
    turn[1].every(isObject) &&
    (turn[2] === undefined || Array.isArray(turn[2]))
  )
}

/** All kinds of events, held complete by the compiler; what is not here was written by a newer version. */
export const KINDS: Record<Event['kind'], true> = {
  sessionStarted: true,
  revisionProposed: true,
  revisionCommitted: true,
  revisionDiscarded: true,
  factsChanged: true,
  nodeReached: true,
  nodeLost: true,
  connectionLost: true,
  runStarted: true,
  runFinished: true,
  runLost: true,
  nodeRoleRemoved: true,
  rerunAsked: true,
  rinseAsked: true,
  rinseCancelled: true,
  nodeRoleRinsed: true,
  checkAsked: true,
  checkStarted: true,
  checkFinished: true,
  checkLost: true,
  availabilityChanged: true,
  nodeForgotten: true,
  held: true,
  released: true,
  onlyChosen: true,
  runCancelAsked: true,
  execStarted: true,
  execFinished: true,
  claimingStopped: true,
  cycleBegan: true,
  temperatureChanged: true,
  cycleEnded: true,
  rolloutPlanned: true,
  stepOpened: true,
  stepApproved: true,
  failuresAllowed: true,
  rolloutEnded: true,
  tokenIssued: true,
  tokenUsed: true,
  tokenRevoked: true,
  runnerInvited: true,
  runnerEnrolled: true,
  runnerArrived: true,
  runnerLeft: true,
  runnerDrained: true,
  runnerResumed: true,
  runnerRevoked: true,
  requestAudited: true,
}
