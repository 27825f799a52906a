// Audit: who did what, why, how they came in and what came of it; read from events that carry a name.
import type { Via } from './access.ts'
import type { Event, Recorded } from './event.ts'
import { scopeName } from './scope.ts'

/** What a door notes of one request that changes something, or of one that it refused. */
export interface AuditNote {
  /** The route, or what was tried: `POST /api/v1/controls`, `sign in`. */
  what: string
  /** What it was about, as far as the door knows. */
  target?: string
  why?: string
  /** Absent: nobody knows who that was. */
  by?: string
  via?: Via
  /** Where it came from, as the network says. */
  address: string
  /** `taken`, or the code of the refusal. */
  outcome: string
  /** So many equal ones, the first of them at `since`. */
  times?: number
  since?: number
}

export interface AuditEntry {
  seq: number
  /** Milliseconds since the epoch. */
  at: number
  by: string
  what: string
  target?: string
  why?: string
  via?: Via
  address?: string
  /** Absent: it happened, as its event says. */
  outcome?: string
  times?: number
}

export interface AuditFilter {
  /** Entries of events after this one. */
  after?: number
  /** Not before, milliseconds since the epoch. */
  since?: number
  by?: string
  /** At most so many. */
  limit?: number
}

/** What verifying the journal, or an export of it, found to be sound. */
export interface TrailReport {
  /** Of the journal. */
  id: string
  site: string
  createdAt: number
  /** All events up to this one are as they were written. */
  events: number
  /** Milliseconds since the epoch; of the first and the last event. */
  from?: number
  to?: number
  /** Those of them that say who did something. */
  entries: number
  /** The chain at its end: whoever keeps it elsewhere can tell later whether anything before it was changed. */
  anchor: string
}

/** `SEQ:DIGEST`, as an earlier report gave it. */
export const ANCHOR_PATTERN = /^(\d{1,15}):([0-9a-f]{64})$/

/** Undefined where nobody did it: runs, facts, reports. */
export function auditEntryOf({ seq, at, event }: Recorded): AuditEntry | undefined {
  if (event.kind === 'requestAudited') {
    const { kind: _, by = 'nobody', since: _since, ...note } = event
    return { seq, at, by, ...note }
  }
  const by = nameIn(event)
  if (by === undefined) return undefined
  const target = targetOf(event)
  const why = 'why' in event ? event.why : 'message' in event ? event.message : undefined
  return {
    seq,
    at,
    by,
    what: event.kind,
    ...(target === undefined ? {} : { target }),
    ...(why === undefined || why === '' ? {} : { why }),
  }
}

export function fits(entry: AuditEntry, { since, by }: AuditFilter): boolean {
  return (since === undefined || entry.at >= since) && (by === undefined || entry.by === by)
}

function nameIn(event: Event): string | undefined {
  if ('author' in event) return event.author
  return 'by' in event ? event.by : undefined
}

/** So many node-roles of one event are named. */
const NAMED = 5

function targetOf(event: Event): string | undefined {
  if ('revision' in event) return `revision ${event.revision}`
  if ('scope' in event) return scopeName(event.scope)
  if ('run' in event) return event.run
  if ('nodeRole' in event) return event.nodeRole
  if ('nodeRoles' in event && event.nodeRoles) return named(event.nodeRoles)
  if ('token' in event) return String(event.token)
  if ('runner' in event) return event.runner
  if ('group' in event) return event.group
  if ('nodes' in event) return named(event.nodes)
  if ('node' in event) return event.node
  if ('only' in event && Array.isArray(event.only)) return named(event.only.map(scopeName))
  return undefined
}

function named(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join(', ')
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
}
